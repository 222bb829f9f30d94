/// A token bucket for each of many names: a burst, then a steady rate.
struct TokenBuckets {
    /// Whether a name may go on.
    enum Answer: Equatable {
        case granted
        /// `isFirst`: the name was granted its last request.
        case refused(isFirst: Bool)
    }

    private struct Bucket {
        var tokens: Double
        var filled: MonotonicInstant
        var hasRefused: Bool
    }

    private let burst: Double
    private let perSecond: Double
    private let longest: Int
    private var buckets: [String: Bucket] = [:]

    /// Remembers at most `longest` names.
    init(burst: Double, perSecond: Double, longest: Int) {
        self.burst = burst
        self.perSecond = perSecond
        self.longest = longest
    }

    /// How many names are remembered.
    var count: Int { buckets.count }

    /// Takes a token of `name`'s bucket, if one is in it.
    mutating func take(_ name: String, now: MonotonicInstant) -> Answer {
        if buckets[name] == nil { makeRoom(now: now) }
        var bucket = buckets[name] ?? Bucket(tokens: burst, filled: now, hasRefused: false)
        bucket.tokens = level(of: bucket, now: now)
        bucket.filled = now
        defer { buckets[name] = bucket }
        guard bucket.tokens >= 1 else {
            defer { bucket.hasRefused = true }
            return .refused(isFirst: !bucket.hasRefused)
        }
        bucket.tokens -= 1
        bucket.hasRefused = false
        return .granted
    }

    private func level(of bucket: Bucket, now: MonotonicInstant) -> Double {
        let (seconds, attoseconds) = bucket.filled.duration(to: now).components
        return min(burst, bucket.tokens + (Double(seconds) + Double(attoseconds) / 1e18) * perSecond)
    }

    /// A full bucket is as good as none. If none is full, the one that waits longest goes: it is the fullest but for few.
    private mutating func makeRoom(now: MonotonicInstant) {
        guard buckets.count >= longest else { return }
        buckets = buckets.filter { level(of: $0.value, now: now) < burst }
        guard buckets.count >= longest, let oldest = buckets.min(by: { $0.value.filled < $1.value.filled }) else {
            return
        }
        buckets[oldest.key] = nil
    }
}
