public import FoundationEssentials

/// Paces the scale writes of one target: the first at once, then one in 100 ms at most.
///
/// The trailing edge is the caller's to keep: told ``Passage/wait(until:)``, decide again at that instant. As each decision
/// is made anew from the state of the world, nothing has to be queued and the last word is never lost.
public struct WriteGate: Sendable, Equatable {
    /// Seconds between two writes. Ten clients pushing at once make one write of the first task and one of the rest.
    public static let interval = 0.1

    /// Whether a write may pass.
    public enum Passage: Sendable, Equatable {
        case now
        case wait(until: Date)
    }

    private var lastWrite: Date?

    /// A gate through which nothing has passed.
    public init() {}

    /// Asks for passage; one that is given counts as a write, whatever becomes of it.
    public mutating func pass(at now: Date) -> Passage {
        // A clock set back must not close the gate.
        if let lastWrite, lastWrite <= now {
            let next = lastWrite.addingTimeInterval(Self.interval)
            if now < next { return .wait(until: next) }
        }
        lastWrite = now
        return .now
    }

    /// The write that passed was answered only now: the interval counts from here, so that the server never sees two
    /// writes closer together, however long the first was on its way.
    public mutating func answered(at now: Date) { lastWrite = now }
}
