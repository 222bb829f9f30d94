internal import Synchronization

/// Hands out the credential: reads a rotated file again in time, runs a plugin when it must.
final class CredentialSource: Sendable {
    /// Kubelets renew a projected token long before it expires; a minute is what client libraries agree on.
    static let tokenFileLifetime = Duration.seconds(60)

    private let credential: Credential
    private let time: ClientTime
    private let files: FileReading
    private let cached = Mutex<(token: String, read: Duration)?>(nil)
    /// Only with `.exec`.
    private let plugin: ExecCredentialSource?

    init(_ credential: Credential, time: ClientTime, files: FileReading) {
        self.credential = credential
        self.time = time
        self.files = files
        plugin =
            if case .exec(let plugin) = credential {
                ExecCredentialSource(time: time) { () throws(KubernetesError.Cause) in try plugin.run() }
            } else { nil }
    }

    /// What to send and to show with the next request.
    func current() async throws(KubernetesError.Cause) -> PresentedCredential {
        if let plugin { return try await plugin.current() }
        switch credential {
        case .none, .exec: return PresentedCredential()
        case .token(let token): return PresentedCredential(authorization: "Bearer \(token)")
        case .tokenFile(let path): return PresentedCredential(authorization: "Bearer \(try token(in: path))")
        }
    }

    /// Takes note that the server refused `presented`; true if asking again may give another.
    func wasRefused(_ presented: PresentedCredential) -> Bool {
        if let plugin { return plugin.wasRefused(presented) }
        guard case .tokenFile(let path) = credential, let refused = presented.authorization else { return false }
        cached.withLock { $0 = nil }
        guard let token = try? token(in: path) else { return false }
        return "Bearer \(token)" != refused
    }

    private func token(in path: String) throws(KubernetesError.Cause) -> String {
        let now = time.now()
        let previous = cached.withLock { $0 }
        if let previous, now - previous.read < Self.tokenFileLifetime { return previous.token }
        let token = files.read(path).map { String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace } }
        guard let token, !token.isEmpty else {
            // An unreadable file in the middle of a rotation: the token that we have is worth a try.
            if let previous { return previous.token }
            throw .credential("cannot read a token from \(path)")
        }
        cached.withLock { $0 = (token, now) }
        return token
    }
}
