internal import ControllerRuntime
internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions
internal import Redis

/// Reads the Secrets that endpoints name: by `get` only, never by list or watch, and remembered for a while.
actor SecretReader {
    private struct Entry {
        var result: Result<Secret, KubernetesError>
        var readAt: MonotonicInstant
        var lifetime: Duration
    }

    /// A Secret is read again after this time, so that a withdrawn consent is seen without a restart.
    private static let lifetime = Duration.seconds(300)
    /// A Secret that was missing, lacked a key or its owner's consent may be put right at any moment; its author waits.
    private static let lifetimeOfFailure = Duration.seconds(5)

    private let secrets: Resources<Secret>
    private let time: any TimeSource
    private var entries: [ObjectKey: Entry] = [:]
    /// Secrets that are being read, and who waits for them.
    private var flights: [ObjectKey: [CheckedContinuation<Void, Never>]] = [:]

    init(_ client: KubernetesClient, time: any TimeSource) {
        secrets = client.resources(Secret.self)
        self.time = time
    }

    /// The Secret, at most five minutes old. However many ask at once, one read serves them: hundreds of endpoints may
    /// name one Secret, and close at one edge.
    func secret(_ key: ObjectKey) async throws(KubernetesError) -> Secret {
        while true {
            if let entry = entries[key], entry.readAt.duration(to: time.uptime) < entry.lifetime {
                return try entry.result.get()
            }
            guard flights[key] != nil else { break }
            await withCheckedContinuation { flights[key, default: []].append($0) }
        }
        flights[key] = []
        defer { for waiter in flights.removeValue(forKey: key) ?? [] { waiter.resume() } }
        let result: Result<Secret, KubernetesError>
        let lifetime: Duration
        do throws(KubernetesError) {
            result = .success(try await secrets.get(key))
            lifetime = Self.lifetime
        } catch {
            guard !error.isCancelled else { throw error }
            result = .failure(error)
            lifetime = Self.lifetimeOfFailure
        }
        entries[key] = Entry(result: result, readAt: time.uptime, lifetime: lifetime)
        return try result.get()
    }

    /// Reads the Secrets of a queue anew next time if the server refuses what they say: they may have been changed.
    func reactTo(_ failure: QueueFailure?, of queue: ResolvedQueue, in namespace: String) {
        guard let failure, failure.reason == .authenticationFailed || failure.reason == .tlsFailed else { return }
        for name in queue.secretNames {
            let key = ObjectKey(namespace: namespace, name: name)
            guard let entry = entries[key] else { continue }
            guard entry.readAt.duration(to: time.uptime) >= Self.lifetimeOfFailure else { continue }
            entries[key] = nil
        }
    }

    /// Reads a Secret anew next time: what it says was refused, and may have been replaced.
    func distrust(_ key: ObjectKey) {
        guard let entry = entries[key], entry.readAt.duration(to: time.uptime) >= Self.lifetimeOfFailure else { return }
        entries[key] = nil
    }

    /// Reads a Secret anew soon: what it lacks is expected to be added.
    fileprivate func expectChange(of key: ObjectKey) { entries[key]?.lifetime = Self.lifetimeOfFailure }

    /// Reads the Secrets of a queue anew soon: what they lack is expected to be added.
    fileprivate func expectChange(of queue: ResolvedQueue, in namespace: String) {
        for name in queue.secretNames {
            entries[ObjectKey(namespace: namespace, name: name)]?.lifetime = Self.lifetimeOfFailure
        }
    }
}

/// What keeps a queue's server from being known: the reason and message of `Accepted=False`.
struct CredentialProblem: Error, Equatable {
    var reason: String
    var message: String
}

extension SecretReader {
    /// Turns an endpoint's queue into what a connection needs. Every Secret it names must consent if `consent` is asked.
    func configuration(
        of queue: ResolvedQueue, in namespace: String, demandingConsent: Bool
    ) async throws -> QueueServerConfiguration {
        do {
            return try await contents(of: queue, in: namespace, demandingConsent: demandingConsent)
        } catch let problem as CredentialProblem {
            expectChange(of: queue, in: namespace)
            throw problem
        }
    }

    /// One text of a Secret. Throws `CredentialProblem` for what its author can put right.
    func text(of reference: SecretText) async throws -> String {
        do {
            let secret = try await read(
                reference.secret.name, in: reference.secret.namespace, demandingConsent: reference.demandsConsent)
            return try secret.text(reference.key)
        } catch let problem as CredentialProblem {
            expectChange(of: reference.secret)
            throw problem
        }
    }

    private func contents(
        of queue: ResolvedQueue, in namespace: String, demandingConsent: Bool
    ) async throws -> QueueServerConfiguration {
        let server = queue.server
        var configuration = QueueServerConfiguration(
            addresses: server.addresses.map { RedisAddress(host: $0.host, port: $0.port) }, database: server.database)
        switch server.topology {
        case .standalone: configuration.topology = .standalone
        case .cluster: configuration.topology = .cluster
        case .sentinel(let master, let credentials):
            configuration.topology = .sentinel(
                master: master,
                credentials: try await login(credentials, in: namespace, demandingConsent: demandingConsent))
        }
        configuration.credentials = try await login(
            server.credentials, in: namespace, demandingConsent: demandingConsent)
        if let tls = server.tls {
            var redisTLS = RedisTLS(serverName: tls.serverName)
            if let name = tls.authoritySecretName {
                let secret = try await read(name, in: namespace, demandingConsent: demandingConsent)
                redisTLS.authoritiesPEM = try secret.text(tls.authorityKey)
            }
            if let name = tls.certificateSecretName {
                let secret = try await read(name, in: namespace, demandingConsent: demandingConsent)
                redisTLS.identity = RedisTLS.Identity(
                    certificatesPEM: try secret.text("tls.crt"), privateKeyPEM: try secret.text("tls.key"))
            }
            configuration.tls = redisTLS
        }
        return configuration
    }

    private func login(
        _ credentials: ResolvedRedisCredentials?, in namespace: String, demandingConsent: Bool
    ) async throws -> RedisCredentials? {
        guard let credentials else { return nil }
        let secret = try await read(credentials.secretName, in: namespace, demandingConsent: demandingConsent)
        return RedisCredentials(
            username: try credentials.usernameKey.map { try secret.text($0) },
            password: try secret.text(credentials.passwordKey))
    }

    fileprivate func read(_ name: String, in namespace: String, demandingConsent: Bool) async throws -> Secret {
        let secret: Secret
        do throws(KubernetesError) {
            secret = try await self.secret(ObjectKey(namespace: namespace, name: name))
        } catch {
            if error.isNotFound {
                throw CredentialProblem(
                    reason: "SecretNotFound",
                    message: "Secret \(name) does not exist; create it or change the reference.")
            }
            if error.isForbidden {
                throw CredentialProblem(
                    reason: "SecretForbidden",
                    message: "The operator may not read Secret \(name); grant its ServiceAccount `get` on it.")
            }
            throw error
        }
        guard !demandingConsent || Consent.isGiven(secret.metadata) else {
            throw CredentialProblem(
                reason: "ConsentMissing",
                message:
                    "Secret \(name) does not carry the annotation \(Consent.annotation): \"true\"; its owner must set it."
            )
        }
        return secret
    }
}

extension Secret {
    /// The text under `key`, without the line end that editors leave.
    fileprivate func text(_ key: String) throws -> String {
        guard let bytes = data[key] else {
            throw CredentialProblem(
                reason: "SecretKeyMissing",
                message: "Secret \(metadata.name ?? "") has no key \(key); add it or change the reference.")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CredentialProblem(
                reason: "SecretKeyInvalid", message: "Key \(key) of Secret \(metadata.name ?? "") is not UTF-8 text.")
        }
        guard text.hasSuffix("\n"), !text.contains("-----BEGIN") else { return text }
        return String(text.dropLast())
    }
}
