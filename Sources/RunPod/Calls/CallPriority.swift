/// How urgent a call is while the key's rate limit has no room for all. Declared from the least urgent to the most.
package enum CallPriority: Int, Sendable, Comparable, CaseIterable {
    /// Looking: lists, health, workers.
    case observation
    /// Putting a drifted setting right.
    case correction
    /// Deleting what is closed already.
    case cleanup
    /// Opening, raising, creating: late, it costs patience.
    case opening
    /// Closing and lowering: late, it costs money.
    case closing

    /// The less urgent is the lesser.
    package static func < (left: CallPriority, right: CallPriority) -> Bool { left.rawValue < right.rawValue }
}
