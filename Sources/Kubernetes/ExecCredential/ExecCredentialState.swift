/// What is sent and shown with a request.
struct PresentedCredential: Sendable, Equatable {
    /// The value of `Authorization`; nil if there is none to send.
    var authorization: String?
    /// Shown instead of none; a certificate of the configuration wins.
    var certificate: ClientCertificate?
    /// Tells the results of two runs of a plugin apart.
    var run = 0
}

/// The credential of a plugin as it comes and goes. One run at a time, whoever asks.
struct ExecCredentialState<Waiter> {
    /// A credential is renewed a minute before it expires, or when nine tenths of its life are over if that is later.
    static var renewalMargin: Duration { .seconds(60) }
    /// A plugin that fails, or whose credentials are refused or dead on arrival, runs no more often than this.
    static var shortestInterval: Duration { .seconds(5) }

    /// Why an asker does or does not wait.
    enum Admission {
        case present(PresentedCredential)
        case fail(KubernetesError.Cause)
        case wait
        /// Wait, and start the plugin.
        case run
    }

    private struct Held {
        var presented: PresentedCredential
        var renewed: Duration?
        var expires: Duration?
    }

    private enum Phase {
        case empty
        case running(waiters: [Int: Waiter], previous: Held?)
        case held(Held)
        case failed(KubernetesError.Cause, until: Duration)
    }

    private var phase = Phase.empty
    private var runs = 0
    private var lastRefusal: Duration?

    /// Somebody wants the credential. `waiter` is kept for `.wait` and `.run`.
    mutating func asked(_ id: Int, _ waiter: Waiter, now: Duration) -> Admission {
        switch phase {
        case .empty: return run(for: id, waiter, previous: nil)
        case .running(var waiters, let previous):
            waiters[id] = waiter
            phase = .running(waiters: waiters, previous: previous)
            return .wait
        case .held(let held):
            guard let renewed = held.renewed, renewed <= now else { return .present(held.presented) }
            return run(for: id, waiter, previous: held)
        case .failed(let cause, let until):
            return until > now ? .fail(cause) : run(for: id, waiter, previous: nil)
        }
    }

    private mutating func run(for id: Int, _ waiter: Waiter, previous: Held?) -> Admission {
        phase = .running(waiters: [id: waiter], previous: previous)
        return .run
    }

    /// The asker does not wait any longer. The run goes on: others may have come.
    mutating func left(_ id: Int) -> Waiter? {
        switch phase {
        case .running(var waiters, let previous):
            let waiter = waiters.removeValue(forKey: id)
            phase = .running(waiters: waiters, previous: previous)
            return waiter
        case .empty, .held, .failed: return nil
        }
    }

    /// The plugin has ended. `life` is how long the credential holds, nil: for good. Tells who is to get what.
    mutating func ended(
        _ result: Result<(credential: ExecCredential, life: Duration?), KubernetesError.Cause>, now: Duration
    ) -> (waiters: [Waiter], result: Result<PresentedCredential, KubernetesError.Cause>) {
        guard case .running(let waiters, let previous) = phase else { return ([], .failure(.cancelled)) }
        let all = Array(waiters.values)
        switch result {
        case .success(let (credential, life)):
            runs += 1
            let presented = PresentedCredential(
                authorization: credential.token.map { "Bearer \($0)" }, certificate: credential.certificate, run: runs)
            phase = .held(
                Held(
                    presented: presented, renewed: life.map { now + Self.renewal(of: $0) },
                    expires: life.map { now + $0 }))
            return (all, .success(presented))
        case .failure(let cause):
            // Renewal begins before the end: what we have may serve on for a while.
            if var previous, let expires = previous.expires, expires > now {
                previous.renewed = now + Self.shortestInterval
                phase = .held(previous)
                return (all, .success(previous.presented))
            }
            phase = .failed(cause, until: now + Self.shortestInterval)
            return (all, .failure(cause))
        }
    }

    private static func renewal(of life: Duration) -> Duration {
        max(life - renewalMargin, life * 9 / 10, shortestInterval)
    }

    /// The server refused `presented`; true if asking again may give another.
    mutating func refused(_ presented: PresentedCredential, now: Duration) -> Bool {
        switch phase {
        case .held(let held) where held.presented.run == presented.run:
            if let lastRefusal, now - lastRefusal < Self.shortestInterval { return false }
            lastRefusal = now
            phase = .empty
            return true
        case .running(let waiters, let previous) where previous?.presented.run == presented.run:
            phase = .running(waiters: waiters, previous: nil)
            return true
        case .empty, .running, .held, .failed: return true
        }
    }
}
