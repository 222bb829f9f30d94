internal import CoreMetrics
internal import Synchronization

/// A counter or a gauge: one number, changed without a lock.
final class NumberSeries: MetricSeries, CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler {
    let family: MetricFamily
    let labels: String
    /// A `Double`, as its bits.
    private let bits = Atomic<UInt64>(0)

    init(family: MetricFamily, labels: String) {
        self.family = family
        self.labels = labels
    }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    func increment(by amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (done, seen) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if done { return }
            old = seen
        }
    }

    func decrement(by amount: Double) { increment(by: -amount) }
    func reset() { set(0.0) }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }

    func render(to text: inout String) {
        let value = Double(bitPattern: bits.load(ordering: .relaxed))
        MetricText.line(family.name, labels, value, to: &text)
    }
}

/// How many observations fell under each bound, and their sum.
final class HistogramSeries: MetricSeries, RecorderHandler, TimerHandler {
    private struct State {
        /// One more than there are bounds, for what exceeds them all. Not cumulative.
        var counts: [UInt64]
        var sum = 0.0
    }

    let family: MetricFamily
    let labels: String
    private let state: Mutex<State>

    init(family: MetricFamily, labels: String) {
        self.family = family
        self.labels = labels
        state = Mutex(State(counts: Array(repeating: 0, count: family.bounds.count + 1)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = family.bounds.firstIndex { value <= $0 } ?? family.bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func render(to text: inout String) {
        let state = state.withLock { $0 }
        let separator = labels.isEmpty ? "" : ","
        var count: UInt64 = 0
        for (bound, inBucket) in zip(family.bounds + [.infinity], state.counts) {
            count += inBucket
            let bucketLabels = "\(labels)\(separator)le=\"\(MetricText.number(bound))\""
            MetricText.line("\(family.name)_bucket", bucketLabels, Double(count), to: &text)
        }
        MetricText.line("\(family.name)_sum", labels, state.sum, to: &text)
        MetricText.line("\(family.name)_count", labels, Double(count), to: &text)
    }
}
