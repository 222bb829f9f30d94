public import HTTPTransport
public import KubernetesModel

/// What went wrong between us and the API server, and in which request.
///
/// Holds the server's `Status` whole; never a credential, a header or a body.
public struct KubernetesError: Error, Sendable {
    /// The request that failed.
    public var operation: Operation
    /// Why it failed.
    public var cause: Cause

    /// The failure of `operation`.
    public init(_ operation: Operation, _ cause: Cause) {
        self.operation = operation
        self.cause = cause
    }

    /// The kinds of failure.
    public enum Cause: Error, Sendable, Equatable {
        /// The server answered with an error, or a watch delivered one.
        case refused(Status)
        /// No answer: connecting, TLS, a limit in time, a broken connection.
        case transport(HTTPError)
        /// An answer that is not what the API promises; the text tells what was expected, not what was sent.
        case malformed(String)
        /// A watch ended in the middle of an event: the connection was cut.
        case truncated
        /// A line or a body beyond the limit, in bytes.
        case tooLarge(limit: Int)
        /// The credential could not be read.
        case credential(String)
        /// The client's `WritePermit` did not cover the write: this process does not lead. Nothing was sent.
        case withheld
        /// The task was cancelled.
        case cancelled
    }
}

extension KubernetesError {
    /// The server's answer, if it gave one.
    public var status: Status? { if case .refused(let status) = cause { status } else { nil } }
    /// No such object, or no such kind (404).
    public var isNotFound: Bool { status?.code == 404 }
    /// The object exists already (409 `AlreadyExists`).
    public var alreadyExists: Bool { status?.code == 409 && status?.reason == "AlreadyExists" }
    /// A precondition failed, or another manager owns the field (409, but not `AlreadyExists`).
    public var isConflict: Bool { status?.code == 409 && status?.reason != "AlreadyExists" }
    /// The version or the page token is too old: list again from the start (410, `Expired` or `Gone`).
    public var isGone: Bool {
        guard let status else { return false }
        return status.code == 410 || status.reason == "Expired" || status.reason == "Gone"
    }
    /// We lack the right (403).
    public var isForbidden: Bool { status?.code == 403 }
    /// The credential is not accepted (401).
    public var isUnauthorized: Bool { status?.code == 401 }
    /// The object does not satisfy its schema or an admission rule (400 or 422).
    public var isInvalid: Bool { status?.code == 422 || status?.code == 400 }
    /// The task was cancelled.
    public var isCancelled: Bool {
        switch cause {
        case .cancelled, .transport(.cancelled): true
        case .refused, .transport, .malformed, .truncated, .tooLarge, .credential, .withheld: false
        }
    }
    /// The write was not sent, because this process does not lead. No failure of the object's.
    public var isWithheld: Bool {
        switch cause {
        case .withheld: true
        case .refused, .transport, .malformed, .truncated, .tooLarge, .credential, .cancelled: false
        }
    }

    /// Whether the same request may succeed later without anybody changing anything. Conflicts are not: read first.
    public var isRetryable: Bool {
        switch cause {
        case .refused(let status):
            status.code == 408 || status.code == 429 || status.code >= 500 || status.reason == "ServerTimeout"
        case .transport(let error):
            switch error {
            case .connectFailed, .timedOut, .connectionLost, .tlsFailed: true
            case .invalidURL, .invalidRequest, .peerRefused, .bodyTooLarge, .withheld, .cancelled, .shutDown: false
            }
        case .truncated, .credential: true
        case .malformed, .tooLarge, .withheld, .cancelled: false
        }
    }

    /// How long the server asked to be left alone, if it did.
    public var retryAfter: Duration? { status?.details?.retryAfterSeconds.map { .seconds($0) } }
}

extension KubernetesError: CustomStringConvertible {
    /// For people and logs; nothing secret.
    public var description: String { "\(operation): \(cause)" }
}

extension KubernetesError.Cause: CustomStringConvertible {
    /// For people and logs; nothing secret.
    public var description: String {
        switch self {
        case .refused(let status): status.description
        case .transport(let error): "\(error)"
        case .malformed(let expectation): "malformed answer: \(expectation)"
        case .truncated: "the stream ended in the middle of an event"
        case .tooLarge(let limit): "more than \(limit) bytes"
        case .credential(let text): "credential: \(text)"
        case .withheld: "not sent: this process does not lead"
        case .cancelled: "cancelled"
        }
    }
}

/// A request, as it is named in errors, logs and metrics.
public struct Operation: Sendable, Equatable, CustomStringConvertible {
    /// What the request does.
    public var verb: Verb
    /// Nil for discovery.
    public var resource: ResourceType?
    /// Nil for lists, watches and creations under a generated name.
    public var key: ObjectKey?
    /// Nil for the object itself.
    public var subresource: Subresource?

    /// A request by its parts.
    public init(_ verb: Verb, _ resource: ResourceType?, key: ObjectKey? = nil, subresource: Subresource? = nil) {
        self.verb = verb
        self.resource = resource
        self.key = key
        self.subresource = subresource
    }

    /// `patch deployments.apps/scale dev/worker`.
    public var description: String {
        let place = resource.map { " \($0)" + (subresource.map { "/\($0.rawValue)" } ?? "") } ?? ""
        return verb.rawValue + place + (key.map { " \($0)" } ?? "")
    }
}

/// What a request does.
public enum Verb: String, Sendable, CaseIterable {
    case discover, get, list, watch, create, delete, patch, apply

    /// Whether the request is a write.
    public var changesSomething: Bool {
        switch self {
        case .create, .delete, .patch, .apply: true
        case .discover, .get, .list, .watch: false
        }
    }
}

/// A part of an object with an address of its own.
public struct Subresource: RawRepresentable, Hashable, Sendable {
    /// As on the wire.
    public let rawValue: String
    /// Takes the text as it stands.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// What is seen, kept apart from what is wanted.
    public static let status = Subresource(rawValue: "status")
    /// The replicas.
    public static let scale = Subresource(rawValue: "scale")
}

/// The name under which the server records who set a field, and by which server-side apply tells owners apart.
public struct FieldManager: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    /// As on the wire.
    public let rawValue: String
    /// Takes the text as it stands.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// Takes the text as it stands.
    public init(stringLiteral value: String) { rawValue = value }
}
