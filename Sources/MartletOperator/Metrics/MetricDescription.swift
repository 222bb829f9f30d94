/// What Prometheus is told about a metric besides its values.
package struct MetricDescription: Sendable {
    /// The metric's name as in code.
    package var name: String
    /// One sentence for the reader of a dashboard, with the unit.
    package var help: String
    /// Upper bounds of the buckets, if it is a histogram; nil: `secondsBuckets`.
    package var buckets: [Double]?

    /// A description of the metric `name`.
    package init(_ name: String, help: String, buckets: [Double]? = nil) {
        self.name = name
        self.help = help
        self.buckets = buckets
    }

    /// From the reaction to a push (milliseconds) to the start of a Node (minutes).
    package static let secondsBuckets: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
    ]
}
