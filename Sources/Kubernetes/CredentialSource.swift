internal import Synchronization

/// Hands out the token, reading a rotated file again in time.
final class CredentialSource: Sendable {
    /// Kubelets renew a projected token long before it expires; a minute is what client libraries agree on.
    static let tokenFileLifetime = Duration.seconds(60)

    private let credential: Credential
    private let time: ClientTime
    private let files: FileReading
    private let cached = Mutex<(token: String, read: Duration)?>(nil)

    init(_ credential: Credential, time: ClientTime, files: FileReading) {
        self.credential = credential
        self.time = time
        self.files = files
    }

    /// The value of `Authorization`; nil if there is none to send.
    func authorization() throws(KubernetesError.Cause) -> String? {
        switch credential {
        case .none: nil
        case .token(let token): "Bearer \(token)"
        case .tokenFile(let path): "Bearer \(try token(in: path))"
        }
    }

    /// Takes note that the server refused `authorization`; true if asking again may give another.
    func wasRefused(_ authorization: String?) -> Bool {
        guard case .tokenFile(let path) = credential, let refused = authorization else { return false }
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
