public import FoundationEssentials

/// What the keys say that hold one Pod's tasks alone.
public enum PodWork: Sendable, Hashable {
    /// Not read yet, or not readable.
    case unread
    /// So many tasks, more than none.
    case tasks(Int)
    /// Nothing was in them, and nothing went through them, from `since` to `confirmedAt`.
    case empty(since: Date, confirmedAt: Date)
}
