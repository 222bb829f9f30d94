/// The generator SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same history.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A sequence of its own for each seed.
    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// An identifier like RunPod's: lower-case letters and digits.
    mutating func identifier(length: Int) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
        let bytes = (0..<length).map { _ in alphabet[Int(next() % UInt64(alphabet.count))] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A UUID in its usual spelling (version bits are not set: nothing reads them).
    mutating func uuid() -> String {
        let digits = Array("0123456789abcdef".utf8)
        let groups = [8, 4, 4, 4, 12].map { length in
            String(decoding: (0..<length).map { _ in digits[Int(next() % 16)] }, as: UTF8.self)
        }
        return groups.joined(separator: "-")
    }

    /// Uniform between both ends.
    mutating func duration(in span: DurationSpan) -> Duration {
        let width = span.longest.wholeMilliseconds - span.shortest.wholeMilliseconds
        guard width > 0 else { return span.shortest }
        return span.shortest + .milliseconds(Int64(next() % UInt64(width + 1)))
    }
}

/// A range of durations from which one is drawn uniformly.
package struct DurationSpan: Hashable, Sendable {
    /// Both ends can be drawn.
    package var shortest: Duration
    package var longest: Duration

    /// From `shortest` to `longest`.
    package init(_ shortest: Duration, _ longest: Duration) {
        self.shortest = shortest
        self.longest = max(shortest, longest)
    }

    /// No spread at all.
    package static func exactly(_ duration: Duration) -> DurationSpan { DurationSpan(duration, duration) }
}
