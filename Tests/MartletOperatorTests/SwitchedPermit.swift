import Kubernetes
import Synchronization

/// Refuses each write until it is told to grant them.
final class SwitchedPermit: WritePermit {
    private let state = Mutex((isGranted: false, refusals: 0))

    var refusals: Int { state.withLock { $0.refusals } }
    func grant() { state.withLock { $0.isGranted = true } }

    var allowance: Duration? {
        state.withLock { state in
            if state.isGranted { return .seconds(5) }
            state.refusals += 1
            return nil
        }
    }
    func began() {}
    func ended() {}
}
