public import KubernetesModel

/// A schedule that was checked, with every default filled in. Only ``GPUScheduleSpec/resolved()`` makes one, so whoever
/// holds it need not check again.
public struct ResolvedSchedule: Sendable, Hashable {
    /// Time zone of every time and date below.
    public var timeZone: TimeZoneName
    /// Names of the InferenceEndpoints that are governed, unique, at least one.
    public var targets: [String]
    /// In the order of the spec, names unique.
    public var windows: [ResolvedWindow]
    /// Bounds while a window is open; what is nil is the endpoint's own.
    public var inside: ScheduleBounds
    /// Bounds while none is open; what is nil is 0.
    public var outside: ScheduleBounds
    /// In the order of the spec, names unique.
    public var exceptions: [ResolvedException]
    /// How much earlier each window opens.
    public var preWarmSeconds: Int
    /// Hold what was last decided.
    public var suspend: Bool
    /// The backends that it governs, never empty.
    public var backends: Set<CapacityBackend>
}

/// What a schedule can govern of an endpoint.
public enum CapacityBackend: Sendable, Hashable, CaseIterable {
    case workers, runpod
}

/// One window: it opens at each `start` and closes at the first `end` after it.
public struct ResolvedWindow: Sendable, Hashable {
    /// Unique in the schedule.
    public var name: String
    /// When it opens. Days and times of the day are written as the cron expression that they are.
    public var start: CronExpression
    /// When it closes.
    public var end: CronExpression
    /// Those of `inside`, with the window's own in their place.
    public var bounds: ScheduleBounds
}

/// Whole local days on which a schedule is open or closed whatever its windows say.
public struct ResolvedException: Sendable, Hashable {
    /// Unique in the schedule.
    public var name: String
    /// First and last day, both included.
    public var days: ClosedRange<CivilDate>
    /// What holds on these days. Where an open and a closed exception name the same day, it is closed.
    public var state: ScheduleExceptionState
}

/// Either what to do, or everything that is wrong with the spec.
public enum ScheduleResolution: Sendable, Equatable {
    case accepted(ResolvedSchedule)
    /// Never empty; the first problem gives the reason of `Accepted=False`.
    case refused([SpecProblem])
}

/// The IANA name of a time zone, such as `Asia/Seoul`; also the path of its file below a zoneinfo folder, from which it
/// can't lead out.
public struct TimeZoneName: Sendable, Hashable, CustomStringConvertible {
    /// As it was written.
    public let rawValue: String

    /// The zone's name.
    public var description: String { rawValue }

    /// Nil for what is no name, or names no zone of its own: `localtime`, and the variants below `posix/` and `right/`.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let areParts = parts.allSatisfy { part in
            guard let first = part.utf8.first, !"+-".utf8.contains(first) else { return false }
            return part.utf8.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
                    || [0x2b, 0x2d, 0x5f].contains(byte)
            }
        }
        guard (1...SpecLimits.timeZoneLength).contains(text.utf8.count), areParts,
            !["posix", "right"].contains(parts[0]), !["localtime", "posixrules", "Factory", "Local"].contains(text)
        else { return nil }
        rawValue = text
    }
}
