package import HTTPTransport

/// What an answer tells about the key's rate limit.
package struct RateHeaders: Sendable, Hashable {
    /// What one window has left.
    package struct Window: Sendable, Hashable {
        package var name: String
        /// Calls left in it.
        package var remaining: Int
        /// Seconds until it begins anew.
        package var reset: Int
        /// Calls in the whole of it, where the answer says.
        package var quota: Int?

        /// A window by its parts.
        package init(name: String, remaining: Int, reset: Int, quota: Int? = nil) {
            self.name = name
            self.remaining = remaining
            self.reset = reset
            self.quota = quota
        }
    }

    /// Empty for callers that RunPod exempts, and where something else answered.
    package var windows: [Window]
    /// How long to stay away.
    package var retryAfter: Duration?

    /// What is given.
    package init(windows: [Window] = [], retryAfter: Duration? = nil) {
        self.windows = windows
        self.retryAfter = retryAfter
    }

    /// A day: what is longer is no limit but a mistake, and must not silence a key for ever.
    private static let longest = 86_400

    /// Reads `RateLimit`, `RateLimit-Policy` and `Retry-After`; what is unreadable is left out.
    package init(_ headers: HTTPHeaders) {
        let policies = Dictionary(
            Self.members(of: headers["RateLimit-Policy"]).map { ($0.name, $0.parameters) },
            uniquingKeysWith: { first, _ in first })
        windows = Self.members(of: headers["RateLimit"]).compactMap { member in
            guard let remaining = member.parameters["r"], let reset = member.parameters["t"] else { return nil }
            return Window(
                name: member.name, remaining: max(0, remaining), reset: min(max(0, reset), Self.longest),
                quota: policies[member.name]?["q"])
        }
        retryAfter = headers["Retry-After"].flatMap { text in
            Double(text.drop { $0 == " " }).flatMap { $0.isNaN ? nil : $0 }.map {
                .seconds(min(max(0, $0.rounded(.up)), Double(Self.longest)))
            }
        }
    }

    /// `"minute";r=0;t=12, "hour";r=2800;t=1812`: a list of RFC 9651, of which only whole-number parameters matter.
    private static func members(of field: String?) -> [(name: String, parameters: [String: Int])] {
        (field ?? "").split(separator: ",").compactMap { member in
            let parts = member.split(separator: ";").map { $0.drop { $0 == " " } }
            guard let first = parts.first else { return nil }
            let name = first.filter { $0 != "\"" && $0 != " " }
            guard !name.isEmpty else { return nil }
            var parameters: [String: Int] = [:]
            for part in parts.dropFirst() {
                let pair = part.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
                guard pair.count == 2, let value = Int(pair[1]) else { continue }
                parameters[pair[0]] = value
            }
            return (name, parameters)
        }
    }
}
