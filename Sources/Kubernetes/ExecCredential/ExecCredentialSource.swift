internal import FoundationEssentials
internal import Glibc
internal import KubernetesModel
internal import Synchronization

/// Hands out the credential of a plugin; the shell around `ExecCredentialState`.
final class ExecCredentialSource: Sendable {
    private typealias Waiter = CheckedContinuation<Result<PresentedCredential, KubernetesError.Cause>, Never>

    private let run: @Sendable () throws(KubernetesError.Cause) -> ExecCredential
    private let time: ClientTime
    private let state = Mutex((machine: ExecCredentialState<Waiter>(), nextID: 0))

    /// `run` runs the plugin and may block.
    init(time: ClientTime, run: @escaping @Sendable () throws(KubernetesError.Cause) -> ExecCredential) {
        self.time = time
        self.run = run
    }

    /// The credential, as soon as there is one. Cancelling gives up waiting, not the run.
    func current() async throws(KubernetesError.Cause) -> PresentedCredential {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                // The flag is set before the handler runs: a waiter is either refused here or found there.
                let admission = state.withLock { state in
                    Task.isCancelled ? .fail(.cancelled) : state.machine.asked(id, waiter, now: time.now())
                }
                switch admission {
                case .present(let presented): waiter.resume(returning: .success(presented))
                case .fail(let cause): waiter.resume(returning: .failure(cause))
                case .wait: break
                case .run: startThread()
                }
            }
        } onCancel: {
            state.withLock { $0.machine.left(id) }?.resume(returning: .failure(.cancelled))
        }
        return try result.get()
    }

    /// Takes note that the server refused `presented`; true if asking again may give another.
    func wasRefused(_ presented: PresentedCredential) -> Bool {
        state.withLock { $0.machine.refused(presented, now: time.now()) }
    }

    /// A thread, because waiting for a process blocks, and the threads of tasks are too few to be blocked.
    private func startThread() {
        let seed = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { seed in
                guard let seed else { return nil }
                Unmanaged<ExecCredentialSource>.fromOpaque(seed).takeRetainedValue().runAndTell()
                return nil
            }, seed.toOpaque())
        if code == 0 {
            pthread_detach(thread)
        } else {
            seed.release()
            tell(.failure(.credential("no thread for the exec plugin: \(String(cString: strerror(code)))")))
        }
    }

    private func runAndTell() {
        do throws(KubernetesError.Cause) {
            let credential = try run()
            // From here on the monotonic clock counts: a wall clock that is set must not revive what has expired.
            let life = credential.expires.map { Duration.seconds($0.date.timeIntervalSince(time.wallClock())) }
            tell(.success((credential, life)))
        } catch { tell(.failure(error)) }
    }

    private func tell(_ result: Result<(credential: ExecCredential, life: Duration?), KubernetesError.Cause>) {
        let (waiters, answer) = state.withLock { $0.machine.ended(result, now: time.now()) }
        for waiter in waiters { waiter.resume(returning: answer) }
    }
}
