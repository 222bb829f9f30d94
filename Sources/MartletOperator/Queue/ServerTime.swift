import MartletAPI
import Redis

/// An instant by the clock of a Redis server, in microseconds since 1970.
struct ServerTime: Hashable, Sendable {
    var microseconds: Int64

    /// The answer to `TIME`.
    init?(_ reply: RESPValue?) {
        guard let parts = reply?.elements, parts.count == 2,
            let seconds = parts[0].text.flatMap({ Int64($0) }), let micros = parts[1].text.flatMap({ Int64($0) }),
            (0...Self.maximumSeconds).contains(seconds), (0..<1_000_000).contains(micros)
        else { return nil }
        microseconds = seconds * 1_000_000 + micros
    }

    init(microseconds: Int64) { self.microseconds = microseconds }

    /// The same instant as a score, exactly.
    func score(in unit: DueScore) -> String {
        let perUnit: Int64 = unit == .now ? 1_000_000 : 1000
        let fraction = String(microseconds % perUnit)
        let digits = unit == .now ? 6 : 3
        return "\(microseconds / perUnit).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }

    /// How long until a score is reached; nil: not within the time that anybody waits for it.
    func duration(until score: Double, in unit: DueScore) -> Duration? {
        let perUnit: Double = unit == .now ? 1_000_000 : 1000
        let wait = score * perUnit - Double(microseconds)
        guard wait.isFinite, wait <= Self.horizon else { return nil }
        return .microseconds(Int64(max(0, wait.rounded(.up))))
    }

    /// Far beyond any server's clock, and far from overflow.
    private static let maximumSeconds: Int64 = 1 << 40
    /// Microseconds of thirty days. Whatever is due later is found by a safety poll before.
    private static let horizon = 30.0 * 86_400 * 1_000_000
}

/// What a server's clock said when. Scores are compared with the server's own time, which its producers and consumers have
/// in common; a clock of ours that is wrong must not hold tasks back.
struct ServerClock: Hashable, Sendable {
    var time: ServerTime
    var readAt: ContinuousClock.Instant

    func time(at now: ContinuousClock.Instant) -> ServerTime {
        let passed = readAt.duration(to: now).components
        return ServerTime(
            microseconds: time.microseconds + passed.seconds * 1_000_000 + passed.attoseconds / 1_000_000_000_000)
    }
}

/// The answers to ``KeyQuestion/due(_:_:)``.
struct DueReading {
    var time: ServerTime
    var due: Int
    /// The lowest score that is not due yet.
    var nextScore: Double?

    enum Refusal: Error { case refused(RedisReplyError) }

    init(_ replies: ArraySlice<RESPValue>) throws(Refusal) {
        for case .error(let refusal) in replies { throw .refused(refusal) }
        let replies = Array(replies)
        guard replies.count == 3, let time = ServerTime(replies[0]), let due = replies[1].integer else {
            throw .refused(.generic)
        }
        self.time = time
        self.due = due
        // RESP3 nests member and score; RESP2 does not.
        let pair = replies[2].elements.flatMap { $0.first?.elements ?? $0 } ?? []
        nextScore = pair.count == 2 ? pair[1].score : nil
    }
}

extension RESPValue {
    fileprivate var score: Double? {
        switch self {
        case .double(let score): score
        case .integer(let score): Double(score)
        case .string: text.flatMap { Double($0) }
        case .null, .boolean, .error, .array, .set, .map, .push: nil
        }
    }
}
