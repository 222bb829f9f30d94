/// `metav1.Status`: how the API server tells that, and why, a request failed. Kept whole.
public struct Status: Codable, Sendable, Equatable {
    /// `Success` or `Failure`.
    public var status: String?
    /// For people.
    public var message: String?
    /// For machines: `NotFound`, `Conflict`, `Expired`, `TooManyRequests` …
    public var reason: String?
    /// The HTTP status that it came with, or would have.
    public var code: Int
    /// What and where, if the server says.
    public var details: StatusDetails?

    /// A failure, as a server would tell it.
    public init(code: Int, reason: String? = nil, message: String? = nil, details: StatusDetails? = nil) {
        self.status = "Failure"
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
    }

    private enum CodingKeys: String, CodingKey { case status, message, reason, code, details }

    /// Every field may be missing.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        status = try fields.decodeIfPresent(String.self, forKey: .status)
        message = try fields.decodeIfPresent(String.self, forKey: .message)
        reason = try fields.decodeIfPresent(String.self, forKey: .reason)
        code = try fields.decodeIfPresent(Int.self, forKey: .code) ?? 0
        details = try fields.decodeIfPresent(StatusDetails.self, forKey: .details)
    }
}

/// What a `Status` is about, and each single cause.
public struct StatusDetails: Codable, Sendable, Equatable {
    /// The object's name.
    public var name: String?
    /// The object's group.
    public var group: String?
    /// The object's kind, or its plural: servers differ.
    public var kind: String?
    /// Unique over all time; a later object of the same name has another.
    public var uid: String?
    /// Each single objection.
    public var causes: [StatusCause]?
    /// How long the server wants to be left alone.
    public var retryAfterSeconds: Int?

    /// A failure, as a server would tell it.
    public init(
        name: String? = nil, group: String? = nil, kind: String? = nil, uid: String? = nil,
        causes: [StatusCause]? = nil, retryAfterSeconds: Int? = nil
    ) {
        self.name = name
        self.group = group
        self.kind = kind
        self.uid = uid
        self.causes = causes
        self.retryAfterSeconds = retryAfterSeconds
    }
}

/// One cause of a failure: for a conflict the manager and the field, for a rejection the field and the rule.
public struct StatusCause: Codable, Sendable, Equatable {
    /// A CamelCase word for machines.
    public var reason: String?
    /// A sentence for people.
    public var message: String?
    /// The path of the field: `.spec.replicas`.
    public var field: String?

    /// A failure, as a server would tell it.
    public init(reason: String? = nil, message: String? = nil, field: String? = nil) {
        self.reason = reason
        self.message = message
        self.field = field
    }
}

extension Status: CustomStringConvertible {
    /// `409 Conflict: Operation cannot be fulfilled …`.
    public var description: String {
        let head = reason.map { "\(code) \($0)" } ?? "\(code)"
        return message.map { "\(head): \($0)" } ?? head
    }
}
