internal import KubernetesModel
internal import MartletAPI

/// When which exceptions hold, in seconds since 1970.
struct ExceptionCalendar: Sendable, Hashable {
    /// A stretch of time in which the same exceptions hold.
    struct Stretch: Sendable, Hashable {
        var start: Int
        var end: Int
        var state: ScheduleExceptionState
        /// Those that decide, in the order of the spec.
        var names: [String]
    }

    /// In order of time, disjoint.
    private let stretches: [Stretch]

    init(_ exceptions: [ResolvedException], in zone: TimeZoneRules) {
        let spans = exceptions.map { exception in
            let (first, last) = (exception.days.lowerBound, exception.days.upperBound)
            return (
                start: zone.instant(ofLocal: LocalTime(first).seconds),
                end: zone.instant(ofLocal: LocalTime(last.advanced(by: 1)).seconds)
            )
        }
        let edges = Set(spans.flatMap { [$0.start, $0.end] }).sorted()
        stretches = zip(edges, edges.dropFirst()).compactMap { start, end in
            let holding = exceptions.indices.filter { spans[$0].start <= start && end <= spans[$0].end }
            guard !holding.isEmpty else { return nil }
            // Where both are named, it is closed: a GPU too few is noticed, one too many is paid for.
            let state: ScheduleExceptionState = holding.contains { exceptions[$0].state == .closed } ? .closed : .open
            return Stretch(
                start: start, end: end, state: state,
                names: holding.filter { exceptions[$0].state == state }.map { exceptions[$0].name })
        }
    }

    func stretch(at instant: Int) -> Stretch? {
        let index = firstIndex(endingAfter: instant)
        return index < stretches.count && stretches[index].start <= instant ? stretches[index] : nil
    }

    /// The next border of a stretch.
    func edge(after instant: Int) -> Int? {
        let index = firstIndex(endingAfter: instant)
        guard index < stretches.count else { return nil }
        return stretches[index].start > instant ? stretches[index].start : stretches[index].end
    }

    /// The last border of a stretch.
    func edge(notAfter instant: Int) -> Int? {
        let index = firstIndex(endingAfter: instant)
        if index < stretches.count, stretches[index].start <= instant { return stretches[index].start }
        return index > 0 ? stretches[index - 1].end : nil
    }

    private func firstIndex(endingAfter instant: Int) -> Int {
        var (low, high) = (0, stretches.count)
        while low < high {
            let middle = (low + high) / 2
            if stretches[middle].end > instant { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
