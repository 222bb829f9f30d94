public import FoundationEssentials
import KubernetesModel
public import MartletAPI

/// What a decision remembers of those before it; bounded, and rebuilt from the status after a restart.
public struct ScalingHistory: Sendable, Equatable {
    /// When this operator began to decide for the target.
    public let startedAt: Date
    /// The last instant a task waited or ran, to be kept in `status.workers.lastActiveTime`.
    public internal(set) var lastActive: Date
    /// Whether `BusynessKnown=True` stood in the status that the operator found: silence then means something.
    public let busynessWasKnown: Bool
    var lastStepUp: Date?
    var lastStepDown: Date?
    var wishes: WishWindow?
    /// Templates of which a Pod was heard, the latest last.
    var heardTemplates: [String] = []
    /// Pods whose silence has been reported.
    var distrusted: Set<String> = []

    /// - Parameters:
    ///   - status: the status as found; its `lastActiveTime` goes on counting.
    ///   - busynessWasKnown: whether its condition `BusynessKnown` was True.
    public init(startedAt: Date, restoring status: WorkersStatus? = nil, busynessWasKnown: Bool = false) {
        self.startedAt = startedAt
        // A time in the future is a clock's mistake; it must not hold GPUs until then.
        lastActive = min(status?.lastActiveTime?.date ?? startedAt, startedAt)
        self.busynessWasKnown = busynessWasKnown
    }

    /// Notes a scale write that the API server accepted, from which `maxStep` counts.
    public mutating func scaled(from old: Int, to new: Int, at now: Date) {
        if new > old { lastStepUp = now }
        if new < old { lastStepDown = now }
    }

    /// Goes on where another operator left off, whose account is the `status`. Both saw the same tasks, each a little
    /// sooner or later: within that little the account stands, so that it need not be written again.
    public mutating func adopt(_ status: WorkersStatus?) {
        guard let told = status?.lastActiveTime?.date else { return }
        if told > lastActive || lastActive.timeIntervalSince(told) <= Self.lag { lastActive = told }
    }

    /// Seconds between two operators' observations of one change, the cut to whole seconds included.
    private static let lag = 2.0

    mutating func heard(templates: some Sequence<String>) {
        for template in templates where heardTemplates.last != template {
            heardTemplates.removeAll { $0 == template }
            heardTemplates.append(template)
        }
        if heardTemplates.count > Self.maxTemplates {
            heardTemplates.removeFirst(heardTemplates.count - Self.maxTemplates)
        }
    }

    /// A rollout knows two templates at a time; the rest is room for hasty ones.
    private static let maxTemplates = 8
}
