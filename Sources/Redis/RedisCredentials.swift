/// An ACL user, or the old `requirepass` where `username` is nil. Printing it shows no secret.
public struct RedisCredentials: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// nil: the default user.
    public let username: String?
    /// Sent to the server only, never shown.
    public let password: String

    /// Both as the server knows them; nothing is trimmed.
    public init(username: String? = nil, password: String) {
        self.username = username
        self.password = password
    }

    /// Says only that there are credentials.
    public var description: String { "RedisCredentials(redacted)" }
    /// The same as ``description``: a debugger's log is a log.
    public var debugDescription: String { description }
    /// Empty, so that `dump` shows no secret.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
