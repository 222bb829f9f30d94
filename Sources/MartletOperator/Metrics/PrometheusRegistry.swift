package import CoreMetrics
internal import Synchronization

/// The metrics of this process, to be read by Prometheus (text format 0.0.4).
///
/// Counters are counters; recorders that do not aggregate and meters are gauges; aggregating recorders and timers are
/// histograms, timers in seconds. A series is there from its first `make…` until its `destroy…`, so that those of a
/// deleted object vanish. Making a series that exists gives the existing one. A name belongs to the kind that took it
/// first; a series of another kind under that name counts, but is not shown.
package final class PrometheusRegistry: MetricsFactory {
    private let descriptions: [String: MetricDescription]
    private let families = Mutex<[String: MetricFamily]>([:])

    /// `descriptions` give the help and buckets of metrics by name; those without are shown without help.
    package init(_ descriptions: [MetricDescription] = []) {
        self.descriptions = Dictionary(descriptions.map { (MetricText.name($0.name), $0) }) { first, _ in first }
    }

    /// Every series, sorted by name and labels. Safe from any thread; values move on while it is written.
    package func render() -> String {
        var text = ""
        for family in families.withLock({ Array($0.values) }).sorted(by: { $0.name < $1.name }) {
            family.render(to: &text)
        }
        return text
    }

    private func family(_ label: String, _ kind: MetricFamily.Kind) -> MetricFamily {
        let name = MetricText.name(label)
        return families.withLock { families in
            if let family = families[name] {
                return family.kind == kind ? family : MetricFamily(name: name, kind: kind, description: nil)
            }
            let family = MetricFamily(name: name, kind: kind, description: descriptions[name])
            families[name] = family
            return family
        }
    }

    private func number(
        _ label: String, _ dimensions: [(String, String)], _ kind: MetricFamily.Kind
    ) -> NumberSeries {
        family(label, kind).series(MetricText.labels(dimensions)) { NumberSeries(family: $0, labels: $1) }
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramSeries {
        family(label, .histogram).series(MetricText.labels(dimensions)) { HistogramSeries(family: $0, labels: $1) }
    }

    private func destroy(_ handler: AnyObject) { (handler as? any MetricSeries)?.remove() }

    // MARK: MetricsFactory

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        number(label, dimensions, .counter)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        number(label, dimensions, .counter)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        number(label, dimensions, .gauge)
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        aggregate ? histogram(label, dimensions) : number(label, dimensions, .gauge)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions)
    }

    package func destroyCounter(_ handler: any CounterHandler) { destroy(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { destroy(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { destroy(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { destroy(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { destroy(handler) }
}
