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
    public var details: StatusDetails?

    public init(code: Int, reason: String? = nil, message: String? = nil, details: StatusDetails? = nil) {
        self.status = "Failure"
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
    }

    private enum CodingKeys: String, CodingKey { case status, message, reason, code, details }

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
    public var name: String?
    public var group: String?
    public var kind: String?
    public var uid: String?
    public var causes: [StatusCause]?
    public var retryAfterSeconds: Int?

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
    public var reason: String?
    public var message: String?
    public var field: String?

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
