/// How many calls a key may make now, learned from the answers; pure, the time is passed in.
///
/// It never counts on more than the answers have shown: of each window it keeps the lowest `r` that was told, and takes
/// off the calls under way, because none knows whether RunPod has counted them. Where nothing is known of a window (before
/// the first answer, and after the window has begun anew, when another program may have used it up) a few calls go ahead
/// to learn. So a 429 comes only when others use the same key at the same moment.
package struct RateBudget: Sendable {
    /// Bounds that RunPod does not tell.
    package struct Limits: Sendable {
        /// Calls under way while nothing is known of the windows.
        package var probes: Int
        /// Calls under way at any time.
        package var inFlight: Int
        /// The share of a window that observation leaves to more urgent calls: a closing must not wait for a minute
        /// because somebody looked.
        package var reserve: Double

        /// Bounds that suit the control plane.
        package init(probes: Int = 2, inFlight: Int = 64, reserve: Double = 0.1) {
            self.probes = max(1, probes)
            self.inFlight = max(1, inFlight)
            self.reserve = min(max(0, reserve), 0.9)
        }
    }

    /// What a call may do.
    package enum Decision: Sendable, Hashable {
        /// Begin.
        case go
        /// Ask again at this time.
        case wait(until: Duration)
        /// Ask again when a call under way has ended. Never said while none is.
        case waitForAnswer
    }

    /// What is known of one of RunPod's windows: it begins anew within `reset`.
    private struct Window: Sendable {
        var remaining: Int
        var quota: Int?
        var reset: ClosedRange<Duration>
    }

    /// `t` is in whole seconds, rounded we don't know how: the window may begin anew this much sooner or later.
    private static let rounding = Duration.seconds(1)
    /// Where a 429 tells no time.
    static let defaultRetryAfter = Duration.seconds(5)

    /// How long after its end a call without an answer may still reach RunPod and be counted.
    private static let lateness = Duration.seconds(10)
    /// Remembered losses: more than calls can be under way.
    private static let mostLosses = 256

    private let limits: Limits
    private var windows: [String: Window] = [:]
    private var blockedUntil: Duration?
    /// Until when calls that were lost may have been counted. An answer to a call that began before may not know of them.
    private var losses: [Duration] = []
    /// An answer came without windows: RunPod exempts this key, until an answer tells otherwise.
    private var isExempt = false
    /// Calls under way.
    package private(set) var inFlight = 0

    /// A budget that knows nothing yet.
    package init(limits: Limits = Limits()) { self.limits = limits }

    /// Whether a call may begin at `now`.
    package func decision(for priority: CallPriority, now: Duration) -> Decision {
        if let blockedUntil, now < blockedUntil { return .wait(until: blockedUntil) }
        guard inFlight < limits.inFlight else { return .waitForAnswer }
        let live = windows.values.filter { now < $0.reset.upperBound }
        // The latest: before it, one window or another forbids the call.
        if let until = live.filter({ room(in: $0, priority) <= 0 }).map(\.reset.upperBound).max() {
            return .wait(until: until)
        }
        if live.contains(where: { room(in: $0, priority) <= inFlight }) { return .waitForAnswer }
        let isKnown = windows.isEmpty ? isExempt : live.count == windows.count
        return isKnown ? .go : probing(now: now)
    }

    /// Whether a call may begin to learn about windows that are not known: of what they allow, lost calls may have used
    /// up a part.
    private func probing(now: Duration) -> Decision {
        let quota = windows.values.compactMap(\.quota).min() ?? .max
        guard inFlight < min(limits.probes, max(1, quota)) else { return .waitForAnswer }
        let lost = losses.filter { now < $0 }
        guard let first = lost.min(), inFlight + lost.count >= quota else { return .go }
        return inFlight > 0 ? .waitForAnswer : .wait(until: first)
    }

    private func room(in window: Window, _ priority: CallPriority) -> Int {
        guard priority == .observation, let quota = window.quota else { return window.remaining }
        return window.remaining - Int(Double(quota) * limits.reserve)
    }

    /// The call that `decision` allowed begins.
    package mutating func began() { inFlight += 1 }

    /// A call has ended without having been sent: nothing was used up.
    package mutating func endedUnsent() { inFlight = max(0, inFlight - 1) }

    /// A call has ended without an answer: RunPod may have counted it, or will yet.
    package mutating func endedWithoutAnswer(now: Duration) {
        inFlight = max(0, inFlight - 1)
        losses = losses.suffix(Self.mostLosses) + [now + Self.lateness]
        windows = windows.mapValues { window in
            Window(remaining: max(0, window.remaining - 1), quota: window.quota, reset: window.reset)
        }
    }

    /// A call that began at `start` has been answered.
    package mutating func ended(status: Int, _ headers: RateHeaders, start: Duration, now: Duration) {
        inFlight = max(0, inFlight - 1)
        let retryAfter = status == 429 ? headers.retryAfter ?? Self.defaultRetryAfter : nil
        if let retryAfter { blockedUntil = max(blockedUntil ?? .zero, now + retryAfter) }
        // A stranger's error page says nothing about the key.
        guard !headers.windows.isEmpty || (200..<300).contains(status) else { return }
        for told in headers.windows { learn(told, isRefusal: retryAfter != nil, start: start, now: now) }
        // Windows that are over and not told any more have been abolished.
        let told = Set(headers.windows.map(\.name))
        windows = windows.filter { now < $0.value.reset.upperBound || told.contains($0.key) }
        isExempt = windows.isEmpty
    }

    private mutating func learn(_ told: RateHeaders.Window, isRefusal: Bool, start: Duration, now: Duration) {
        let left = Duration.seconds(told.reset)
        let remaining = max(0, told.remaining - losses.count { $0 > start })
        // With a refusal RunPod says how long to wait: exactly that, without a margin of ours.
        let margin = told.remaining == 0 && isRefusal ? Duration.zero : Self.rounding
        let reset = min(start, now) + left - Self.rounding...now + left + margin
        guard let known = windows[told.name], reset.lowerBound <= known.reset.upperBound else {
            windows[told.name] = Window(remaining: remaining, quota: told.quota, reset: reset)
            return
        }
        // A slow answer about the window before this one.
        guard reset.upperBound >= known.reset.lowerBound else { return }
        windows[told.name] = Window(
            remaining: min(known.remaining, remaining), quota: told.quota ?? known.quota,
            reset: reset.clamped(to: known.reset))
    }
}
