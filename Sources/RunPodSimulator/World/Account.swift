extension RunPodWorld {
    /// Who pays: the owner of keys, endpoints and templates.
    package struct Account: Sendable {
        package let id: AccountID
        /// The sum of all endpoints' `max` may not exceed it.
        package var workerQuota: Int
        /// US dollars that were paid in; nil for as many as it takes.
        package var balance: Double?
        /// Minute, hour and day of the control plane.
        var windows: [RateWindow]
        var templates = OrderedTable<TemplateID, Template>()
    }

    /// What a key may do.
    package enum KeyRight: Hashable, Sendable {
        case all
        /// Writes are refused with 403.
        case readOnly
        /// Answered with 401 like a key that never was.
        case revoked
    }

    /// A key of an account, for as long as it holds.
    struct Key: Sendable {
        var account: AccountID
        var right: KeyRight
        var from: SimulatedInstant?
        var until: SimulatedInstant?

        func isValid(at instant: SimulatedInstant) -> Bool {
            right != .revoked && from.map { $0 <= instant } ?? true && until.map { instant < $0 } ?? true
        }
    }

    /// A container's settings under a name.
    package struct Template: Sendable {
        package let id: TemplateID
        package internal(set) var name: String
        package internal(set) var container: Container
        package internal(set) var isServerless: Bool
        var isPublic = false
        var category = "NVIDIA"
        var startSSH = true
        var startJupyter = true
        var allowedCudaVersions: [String] = []
        /// Size in GB and path.
        var persistentMount: (size: Int, path: String)?
    }
}

/// A quota of requests in a fixed span of time, as the header `RateLimit` shows it.
package struct RateQuota: Hashable, Sendable {
    /// `minute`, `hour`, `day`
    package let name: String
    package let requests: Int
    package let span: Duration

    package init(_ name: String, requests: Int, span: Duration) {
        self.name = name
        self.requests = requests
        self.span = span
    }

    /// The specification's example values. Live accounts have shown larger ones.
    package static let asSpecified = [
        RateQuota("minute", requests: 60, span: .seconds(60)),
        RateQuota("hour", requests: 3000, span: .seconds(3600)),
        RateQuota("day", requests: 50_000, span: .seconds(86_400)),
    ]
}

/// What is used of a quota. The span begins with the first request in it.
struct RateWindow: Hashable, Sendable {
    let quota: RateQuota
    private(set) var begin: SimulatedInstant
    private(set) var used = 0

    init(_ quota: RateQuota, at instant: SimulatedInstant) {
        self.quota = quota
        begin = instant
    }

    var remaining: Int { max(0, quota.requests - used) }

    mutating func roll(to instant: SimulatedInstant) {
        guard instant - begin >= quota.span else { return }
        begin = instant
        used = 0
    }

    mutating func take() { used += 1 }

    func resetsIn(at instant: SimulatedInstant) -> Int64 { (begin + quota.span - instant).secondsRoundedUp }
}

/// Counts what happened in the last 10 s.
struct SlidingWindow: Sendable {
    static let span = Duration.seconds(10)
    private var times: [SimulatedInstant] = []

    /// Counts one more unless `limit` of them lie in the window already.
    mutating func admit(at instant: SimulatedInstant, limit: Int) -> Bool {
        if let first = times.first, first + Self.span <= instant {
            times.removeAll { $0 + Self.span <= instant }
        }
        guard times.count < limit else { return false }
        times.append(instant)
        return true
    }
}
