package import HTTPTransport

/// One request as it reaches RunPod.
package struct SimulatedRequest: Hashable, Sendable {
    /// RunPod's two hosts, which look alike: `.io` takes orders about endpoints, `.ai` takes jobs.
    package enum Surface: String, Hashable, Sendable, CaseIterable {
        case control
        case jobs
    }

    package var surface: Surface
    package var method: String
    /// Percent-decoded segments of the path: `["v2", "serverless", "4m7x2k9q"]`.
    package var path: [String]
    /// The last of several equal names counts.
    package var query: [String: String]
    /// The value of the header `Authorization`.
    package var authorization: String?
    package var body: [UInt8]

    /// `target` is a path with an optional query, as in the request line.
    package init(
        _ surface: Surface, _ method: String, _ target: String, authorization: String? = nil, body: [UInt8] = []
    ) {
        self.surface = surface
        self.method = method
        self.authorization = authorization
        self.body = body
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = (parts.first ?? "").split(separator: "/").map { $0.percentDecoded }
        query = [:]
        for item in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[pair[0].percentDecoded] = pair.count > 1 ? pair[1].percentDecoded : ""
        }
    }

    /// The path as it would stand in a request line, without the query.
    package var pathText: String { "/" + path.joined(separator: "/") }
}

/// What RunPod does with a request.
package enum SimulatedAnswer: Sendable, Hashable {
    /// It answers.
    case response(SimulatedResponse)
    /// It holds the request: `RunPodWorld.resume` has to be asked again, at `SimulatedWait.until` at the latest.
    case waiting(SimulatedWait)
    /// The request arrived, its answer does not.
    case lost(LostAnswer)
    /// Nobody listens: nothing arrived.
    case refused
}

/// How an answer gets lost on its way.
package enum LostAnswer: String, Sendable, Hashable, CaseIterable {
    /// The connection breaks at once.
    case reset
    /// Nothing comes until the client gives up.
    case silence
}

/// A request that is held: the name of it, and when to ask again.
package struct SimulatedWait: Sendable, Hashable {
    let number: Int
    package let until: SimulatedInstant
}

/// A response, and how its body arrives.
package struct SimulatedResponse: Sendable, Hashable {
    /// How the body arrives.
    package enum Delivery: Sendable, Hashable {
        case whole
        /// The connection breaks behind this many bytes.
        case cut(after: Int)
        /// One piece of `bytes` bytes each `pause`.
        case dripping(bytes: Int, pause: Duration)
    }

    package var status: Int
    /// In the order of the wire.
    package var headers: HTTPHeaders
    package var body: [UInt8]
    package var delivery: Delivery
    /// Before the first byte of the head.
    package var delay: Duration

    init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
        delivery = .whole
        delay = .zero
    }

    /// A JSON body.
    static func json(_ status: Int, _ value: WireJSON) -> SimulatedResponse {
        SimulatedResponse(status: status, headers: ["Content-Type": "application/json"], body: value.bytes)
    }

    /// The body read as JSON; nil if it is none.
    package var json: WireJSON? { WireJSON(parsing: body) }

    package static func == (left: Self, right: Self) -> Bool {
        left.status == right.status && left.headers == right.headers && left.body == right.body
            && left.delivery == right.delivery && left.delay == right.delay
    }
    package func hash(into hasher: inout Hasher) {
        hasher.combine(status)
        hasher.combine(body)
    }
}

extension Substring {
    /// A malformed escape stays as it is: nothing here crashes on bad input.
    fileprivate var percentDecoded: String {
        var out: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.first {
            rest = rest.dropFirst()
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                out.append(value)
                rest = rest.dropFirst(2)
            } else {
                out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
