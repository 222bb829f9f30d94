internal import ControllerRuntime
internal import Metrics
internal import RunPod
internal import Synchronization

/// The accounts by key. One that no endpoint uses is dropped.
final class RunPodAccounts: Sendable {
    /// Makes the clients of a key.
    typealias Connect = @Sendable (RunPodKey) -> (control: any ControlPlane, jobs: any JobPlane)

    private let connect: Connect
    private let time: any TimeSource
    private let accounts = Mutex<[RunPodKey: RunPodAccount]>([:])

    init(time: any TimeSource, connect: @escaping Connect) {
        self.time = time
        self.connect = connect
    }

    /// The account of `key`.
    subscript(key: RunPodKey) -> RunPodAccount {
        accounts.withLock { accounts in
            if let known = accounts[key] { return known }
            let clients = connect(key)
            let account = RunPodAccount(
                fingerprint: key.fingerprint, control: clients.control, jobs: clients.jobs, time: time)
            accounts[key] = account
            return account
        }
    }

    /// Every account.
    var all: [RunPodAccount] { accounts.withLock { Array($0.values) } }

    /// Drops the accounts whose key is not among `keys`.
    func keep(_ keys: Set<RunPodKey>) { accounts.withLock { $0 = $0.filter { keys.contains($0.key) } } }
}
