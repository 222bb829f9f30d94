import CoreMetrics
import Testing

@testable import MartletOperator

struct MetricsTests {
    @Test func `each kind is written in the text format, sorted, with help and type`() {
        let registry = PrometheusRegistry([
            MetricDescription("martlet_queue_tasks", help: "Tasks in a queue.\nBoth \\ states."),
            MetricDescription(
                "martlet_reaction_seconds", help: "From push to write, in seconds.", buckets: [0.5, 0.01]),
        ])
        let waiting = [("name", "a"), ("namespace", "dev"), ("state", "waiting")]
        registry.makeRecorder(label: "martlet_queue_tasks", dimensions: waiting, aggregate: false).record(Int64(96))
        registry.makeCounter(label: "martlet.writes", dimensions: []).increment(by: 3)
        registry.makeMeter(label: "martlet_load", dimensions: []).set(0.25)
        let timer = registry.makeTimer(label: "martlet_reaction_seconds", dimensions: [("name", "a")])
        timer.recordNanoseconds(10_000_000)
        timer.recordNanoseconds(250_000_000)
        timer.recordNanoseconds(2_000_000_000)
        #expect(
            registry.render() == #"""
                # TYPE martlet_load gauge
                martlet_load 0.25
                # HELP martlet_queue_tasks Tasks in a queue.\nBoth \\ states.
                # TYPE martlet_queue_tasks gauge
                martlet_queue_tasks{name="a",namespace="dev",state="waiting"} 96
                # HELP martlet_reaction_seconds From push to write, in seconds.
                # TYPE martlet_reaction_seconds histogram
                martlet_reaction_seconds_bucket{name="a",le="0.01"} 1
                martlet_reaction_seconds_bucket{name="a",le="0.5"} 2
                martlet_reaction_seconds_bucket{name="a",le="+Inf"} 3
                martlet_reaction_seconds_sum{name="a"} 2.26
                martlet_reaction_seconds_count{name="a"} 3
                # TYPE martlet_writes counter
                martlet_writes 3

                """#)
    }

    @Test func `a histogram without labels has only its bounds`() {
        let registry = PrometheusRegistry([MetricDescription("size", help: "Bytes.", buckets: [1])])
        registry.makeRecorder(label: "size", dimensions: [], aggregate: true).record(1.0)
        #expect(
            registry.render().contains(
                "size_bucket{le=\"1\"} 1\nsize_bucket{le=\"+Inf\"} 1\nsize_sum 1\nsize_count 1\n"))
    }

    @Test func `label values and names can't break the format`() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "9 lives\n", dimensions: [("a-b", "x\"y\\z\nw"), ("0", ""), ("a.b", "again")])
            .increment(by: 1)
        #expect(registry.render() == "# TYPE _9_lives_ counter\n_9_lives_{_0=\"\",a_b=\"x\\\"y\\\\z\\nw\"} 1\n")
    }

    @Test(
        arguments: [
            (0, "0"), (-1, "-1"), (0.1, "0.1"), (1e15, "1000000000000000"), (1e300, "1e+300"), (.infinity, "+Inf"),
            (-.infinity, "-Inf"), (.nan, "NaN"),
        ] as [(Double, String)])
    func `a number is written as Prometheus reads it`(value: Double, text: String) {
        let registry = PrometheusRegistry()
        registry.makeMeter(label: "m", dimensions: []).set(value)
        #expect(registry.render() == "# TYPE m gauge\nm \(text)\n")
    }

    @Test func `the same dimensions in any order are one series`() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "c", dimensions: [("a", "1"), ("b", "2")]).increment(by: 1)
        registry.makeCounter(label: "c", dimensions: [("b", "2"), ("a", "1")]).increment(by: 1)
        registry.makeFloatingPointCounter(label: "c", dimensions: [("a", "1"), ("b", "2")]).increment(by: 0.5)
        #expect(registry.render() == "# TYPE c counter\nc{a=\"1\",b=\"2\"} 2.5\n")
    }

    @Test func `a destroyed series is gone, and one made again begins anew`() {
        let registry = PrometheusRegistry([MetricDescription("g", help: "A gauge.")])
        let gauge = Gauge(label: "g", dimensions: [("name", "a")], factory: registry)
        let other = Gauge(label: "g", dimensions: [("name", "b")], factory: registry)
        gauge.record(1)
        other.record(2)
        gauge.destroy()
        #expect(registry.render() == "# HELP g A gauge.\n# TYPE g gauge\ng{name=\"b\"} 2\n")
        let again = Gauge(label: "g", dimensions: [("name", "a")], factory: registry)
        gauge.record(9)
        gauge.destroy()
        #expect(registry.render().contains("g{name=\"a\"} 0\n"))
        again.destroy()
        other.destroy()
        #expect(registry.render().isEmpty)
    }

    @Test func `every kind can be destroyed`() {
        let registry = PrometheusRegistry()
        registry.destroyCounter(registry.makeCounter(label: "a", dimensions: []))
        registry.destroyFloatingPointCounter(registry.makeFloatingPointCounter(label: "b", dimensions: []))
        registry.destroyMeter(registry.makeMeter(label: "c", dimensions: []))
        registry.destroyRecorder(registry.makeRecorder(label: "d", dimensions: [], aggregate: false))
        registry.destroyRecorder(registry.makeRecorder(label: "e", dimensions: [], aggregate: true))
        registry.destroyTimer(registry.makeTimer(label: "f", dimensions: []))
        #expect(registry.render().isEmpty)
    }

    @Test func `a name keeps the kind that took it first`() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "x", dimensions: []).increment(by: 1)
        registry.makeTimer(label: "x", dimensions: []).recordNanoseconds(1)
        #expect(registry.render() == "# TYPE x counter\nx 1\n")
    }

    @Test func `increments from many tasks all count`() async {
        let registry = PrometheusRegistry()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let counter = registry.makeCounter(label: "c", dimensions: [])
                    for _ in 0..<1000 { counter.increment(by: 1) }
                }
            }
        }
        #expect(registry.render() == "# TYPE c counter\nc 8000\n")
    }
}
