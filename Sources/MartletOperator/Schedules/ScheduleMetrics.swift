internal import CoreMetrics

/// What the operator measures of schedules.
struct ScheduleMetrics: Sendable {
    private let lag = Timer(label: "martlet_schedule_lag_seconds")

    /// Records the seconds from an edge to the accepted API call that carries it out.
    func lagged(by seconds: Double) { lag.recordNanoseconds(Int64(max(0, seconds) * 1_000_000_000)) }
}
