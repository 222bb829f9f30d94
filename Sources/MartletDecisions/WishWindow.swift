import FoundationEssentials

/// The highest replica count wished for within the last so many seconds.
///
/// A wish is in force until the next one replaces it, however long that takes, so what is kept of it is its end. Only wishes
/// higher than every later one are kept, and ends closer together than a 64th of the window are merged upwards: memory is
/// bounded whatever the rate of wishes.
struct WishWindow: Sendable, Equatable {
    private struct Past: Sendable, Equatable {
        var wish: Int
        var end: Date
    }

    private var current: Int
    /// Ends ascending, wishes descending.
    private var past: [Past] = []

    /// Begins with a wish that was in force until `now`.
    init(_ wish: Int) { current = wish }

    mutating func record(_ wish: Int, at now: Date, window: Double) {
        // A clock set back must not keep a wish alive for longer than the window.
        for index in past.indices where past[index].end > now { past[index].end = now }
        past.removeAll { $0.end.addingTimeInterval(window) <= now }
        if wish != current {
            while let last = past.last, last.wish <= current { past.removeLast() }
            if let last = past.indices.last, now.timeIntervalSince(past[last].end) < window / Self.resolution {
                past[last].end = now
            } else {
                past.append(Past(wish: current, end: now))
            }
            current = wish
        }
    }

    /// The highest wish, and when it expires if that is not the one in force.
    func highest(at now: Date, window: Double) -> (wish: Int, until: Date?) {
        guard let top = past.first(where: { $0.end.addingTimeInterval(window) > now }), top.wish > current else {
            return (current, nil)
        }
        return (top.wish, top.end.addingTimeInterval(window))
    }

    /// How many entries a window holds at most, which is also its precision.
    private static let resolution = 64.0
    var entryCount: Int { past.count }
}
