/// Sends HTTP requests. The one border between Martlet and the network libraries for HTTP.
public protocol HTTPTransport: Sendable {
    /// Starts `request` and returns as soon as the response head is there; the body streams behind it.
    ///
    /// Cancelling the task before the head arrives ends the transfer and frees its handle.
    /// Dropping or cancelling the iteration of the body does the same afterwards.
    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse
}

/// One request. Redirects are never followed: credentials stay with the host they were meant for.
public struct HTTPRequest: Sendable {
    /// The verb, as on the wire.
    public var method: HTTPMethod
    /// Absolute URL, `http` or `https`, already percent-encoded.
    public var url: String
    /// Header fields in order; names compare case-insensitively.
    public var headers: HTTPHeaders
    /// The whole body, or nil for none.
    public var body: [UInt8]?
    /// Limits in time; nil fields mean the transport's default.
    public var timeouts: HTTPTimeouts
    /// Asked on the transport's thread when the connection stands and nothing of the request has been sent, again for
    /// each repeat: false ends it with `HTTPError.withheld`. Must be quick. Nil: it may go at any time.
    public var mayBegin: (@Sendable () -> Bool)?

    /// A request without headers or body unless given.
    public init(
        _ method: HTTPMethod, _ url: String, headers: HTTPHeaders = [:], body: [UInt8]? = nil,
        timeouts: HTTPTimeouts = HTTPTimeouts(), mayBegin: (@Sendable () -> Bool)? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeouts = timeouts
        self.mayBegin = mayBegin
    }
}

/// An HTTP verb.
public struct HTTPMethod: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The verb as it goes over the wire; anything but an RFC 9110 token is refused when sent.
    public let rawValue: String
    /// A verb by its text, for those that have no name here.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The verb as it goes over the wire.
    public var description: String { rawValue }

    /// The head of what `get` would give.
    public static let head = HTTPMethod(rawValue: "HEAD")
    /// Reads.
    public static let get = HTTPMethod(rawValue: "GET")
    /// Creates, or whatever the resource makes of it; never sent twice.
    public static let post = HTTPMethod(rawValue: "POST")
    /// Replaces.
    public static let put = HTTPMethod(rawValue: "PUT")
    /// Changes in part; never sent twice.
    public static let patch = HTTPMethod(rawValue: "PATCH")
    /// Removes.
    public static let delete = HTTPMethod(rawValue: "DELETE")
}

/// Limits in time for one request.
public struct HTTPTimeouts: Sendable, Equatable {
    /// Name resolution, TCP and TLS together. Default 10 s.
    public var connect: Duration
    /// From the start of the request to the response head; nil: none. Default 30 s.
    public var response: Duration?
    /// The longest silence between two pieces of the body; nil: none (a watch sets its own deadline).
    public var idle: Duration?

    /// Defaults that suit a request to an API server.
    public init(connect: Duration = .seconds(10), response: Duration? = .seconds(30), idle: Duration? = nil) {
        self.connect = connect
        self.response = response
        self.idle = idle
    }
}

/// Header fields in the order of the wire.
public struct HTTPHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral, Sequence {
    private var fields: [(name: String, value: String)] = []

    /// No fields.
    public init() {}
    /// Fields in the order written; a name may occur more than once.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { (name: $0.0, value: $0.1) }
    }

    /// The first value under `name`, compared without case; setting replaces every one, nil removes them.
    public subscript(name: String) -> String? {
        get { fields.first { $0.name.lowercased() == name.lowercased() }?.value }
        set {
            fields.removeAll { $0.name.lowercased() == name.lowercased() }
            if let newValue { fields.append((name: name, value: newValue)) }
        }
    }

    /// Adds a field behind those that are there.
    public mutating func append(name: String, value: String) { fields.append((name: name, value: value)) }

    /// Every field, in order.
    public func makeIterator() -> IndexingIterator<[(name: String, value: String)]> { fields.makeIterator() }

    /// The same fields, spelled the same, in the same order.
    public static func == (left: HTTPHeaders, right: HTTPHeaders) -> Bool {
        left.fields.elementsEqual(right.fields) { $0.name == $1.name && $0.value == $1.value }
    }
}

/// The head of a response, and its body as it arrives.
public struct HTTPResponse: Sendable {
    /// The status code, 200 and up: interim responses are not shown.
    public var status: Int
    /// Header fields as they came.
    public var headers: HTTPHeaders
    /// What follows the head.
    public var body: HTTPBody

    /// A response put together, as tests do.
    public init(status: Int, headers: HTTPHeaders, body: HTTPBody) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Why a request failed before an HTTP status could tell. The text never holds a header, a body or a credential.
public enum HTTPError: Error, Sendable, Equatable {
    /// The URL is malformed or its scheme is neither http nor https.
    case invalidURL(String)
    /// The verb or a header holds what none may hold (a line end, say). Nothing was sent.
    case invalidRequest(String)
    /// The transport's `PeerPolicy` let none of the addresses through. Nothing was sent, no connection was tried.
    case peerRefused(String)
    /// The name did not resolve, or the connection was refused or timed out. Nothing was sent.
    case connectFailed(String)
    /// The peer's certificate or ours was refused.
    case tlsFailed(String)
    /// No response head, or no further byte of the body, within the limit. The request may have taken effect.
    case timedOut(String)
    /// The connection broke after the request was sent. The request may have taken effect.
    case connectionLost(String)
    /// The body is larger than the reader was ready to take, in bytes.
    case bodyTooLarge(limit: Int)
    /// `HTTPRequest.mayBegin` said no when the request was about to be sent. Nothing was sent.
    case withheld
    /// The task was cancelled.
    case cancelled
    /// The transport was shut down.
    case shutDown

    /// Whether the request certainly never reached the server, so that even a create may be sent again.
    public var nothingWasSent: Bool {
        switch self {
        case .invalidURL, .invalidRequest, .peerRefused, .connectFailed, .tlsFailed, .withheld, .shutDown: true
        case .timedOut, .connectionLost, .bodyTooLarge, .cancelled: false
        }
    }
}
