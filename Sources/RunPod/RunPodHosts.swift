/// The two places that a key is sent to, and the only ones.
package struct RunPodHosts: Sendable, Hashable {
    /// REST v2, without a slash at the end.
    package let controlURL: String
    /// The job plane, without a slash at the end. "`.ai` = jobs, `.io` = control".
    package let jobsURL: String

    /// The vendor's own.
    package static let runPod = RunPodHosts(
        checked: "https://api.runpod.io/v2", "https://api.runpod.ai/v2")

    /// Places by their URLs, as operator's flags name them. Throws a text that says what is wrong, for whoever wrote the
    /// flag: a key goes over https, or over http to this machine (a simulator); credentials, queries and fragments
    /// have no place in a base URL.
    package init(
        controlURL: String = RunPodHosts.runPod.controlURL, jobsURL: String = RunPodHosts.runPod.jobsURL
    ) throws(RunPodHostsError) {
        self.init(checked: try Self.checked(controlURL), try Self.checked(jobsURL))
    }

    private init(checked controlURL: String, _ jobsURL: String) {
        self.controlURL = controlURL
        self.jobsURL = jobsURL
    }

    /// Whether `url` lies under one of the two places: only then may something follow it with the key.
    package func covers(_ url: String) -> Bool {
        [controlURL, jobsURL].contains { base in
            guard url.hasPrefix(base) else { return false }
            let rest = url.dropFirst(base.count)
            guard rest.isEmpty || rest.hasPrefix("/") || rest.hasPrefix("?") else { return false }
            // A step up the tree may lead out of the base, also an encoded one.
            return !rest.prefix { $0 != "?" }.split(separator: "/").contains { part in
                let plain = part.lowercased().replacing("%2e", with: ".")
                return plain == "." || plain == ".." || part.contains("\\") || part.contains("#")
            }
        }
    }

    private static func checked(_ text: String) throws(RunPodHostsError) -> String {
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else {
            throw RunPodHostsError(problem: "it must begin with https://")
        }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        guard rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !rest.contains(where: { "?#@\\".contains($0) })
        else { throw RunPodHostsError(problem: "a base URL holds no credentials, query, fragment or space") }
        let host: Substring
        let port: Substring
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = authority[...end]
            port = authority[authority.index(after: end)...]
        } else {
            host = authority.prefix { $0 != ":" }
            port = authority[host.endIndex...]
        }
        guard !host.isEmpty, port.isEmpty || (port.hasPrefix(":") && UInt16(port.dropFirst()) != nil) else {
            throw RunPodHostsError(problem: "it names no host, or its port is no number")
        }
        guard scheme == "https://" || host == "localhost" || host == "[::1]" || isLoopbackIPv4(host) else {
            throw RunPodHostsError(problem: "a key goes over https; http is for 127.0.0.1 and localhost only")
        }
        var base = text
        while base.hasSuffix("/") { base.removeLast() }
        return base
    }

    private static func isLoopbackIPv4(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// Why a text is no base URL of RunPod's.
package struct RunPodHostsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Without the text itself, which may hold credentials.
    package var problem: String
    /// The problem.
    package var description: String { problem }
}
