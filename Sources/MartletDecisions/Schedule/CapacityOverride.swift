public import FoundationEssentials
internal import KubernetesModel

/// A person's word that wins over every schedule for a while: annotation `martlet.dev/override` of an InferenceEndpoint.
public struct CapacityOverride: Sendable, Hashable, CustomStringConvertible {
    /// The annotation's key.
    public static let annotation = "martlet.dev/override"
    /// How far away the end may be: 31 days, in seconds.
    public static let longest = 31.0 * 86_400

    /// Open or closed.
    public var state: State
    /// From this instant on the schedules rule again.
    public var until: Date

    /// The two words that the annotation may begin with.
    public enum State: String, Sendable, Hashable {
        case open = "Open"
        case closed = "Closed"
    }

    /// An override to be written.
    public init(_ state: State, until: Date) {
        self.state = state
        self.until = until
    }

    /// The annotation's value: `Open until=2026-11-20T12:00:00Z`, whole seconds.
    public var description: String { "\(state.rawValue) until=\(Timestamp(until))" }
}

/// What became of the annotation.
public enum OverrideReading: Sendable, Hashable {
    /// There is none.
    case absent
    /// It holds or is over: ``CapacityRules`` knows which from the clock.
    case accepted(CapacityOverride)
    /// It does not count; why, in words that name what is allowed and never repeat the value.
    case malformed(String)

    /// Reads the annotation's value, nil if there is none.
    public init(_ value: String?, now: Date) {
        guard let value else {
            self = .absent
            return
        }
        let words = value.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard words.count == 2, let state = CapacityOverride.State(rawValue: String(words[0])),
            words[1].hasPrefix("until=")
        else {
            self = .malformed(
                "\(CapacityOverride.annotation) must be \"Open until=TIME\" or \"Closed until=TIME\"; "
                    + "`martlet open|close NAME --for 2h` writes it")
            return
        }
        guard let until = Timestamp(String(words[1].dropFirst("until=".count)))?.date else {
            self = .malformed(
                "the time of \(CapacityOverride.annotation) must have date, time and offset, "
                    + "such as 2026-11-20T21:00:00+09:00")
            return
        }
        guard until.timeIntervalSince(now) <= CapacityOverride.longest else {
            self = .malformed(
                "\(CapacityOverride.annotation) may last 31 days at most: no forgotten override keeps GPUs on")
            return
        }
        self = .accepted(CapacityOverride(state, until: until))
    }

    /// Nil if there is none that counts.
    public var accepted: CapacityOverride? {
        if case .accepted(let override) = self { override } else { nil }
    }
}
