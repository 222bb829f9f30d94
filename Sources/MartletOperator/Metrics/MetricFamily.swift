internal import Synchronization

/// All series of one name.
final class MetricFamily: Sendable {
    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    let name: String
    let kind: Kind
    /// Upper bounds, rising, of the buckets of each series; shared by all of them.
    let bounds: [Double]
    private let help: String?
    /// By their labels as they are written, which is both key and text: a series keeps no other copy.
    private let members = Mutex<[String: any MetricSeries]>([:])

    init(name: String, kind: Kind, description: MetricDescription?) {
        self.name = name
        self.kind = kind
        help = description?.help
        switch kind {
        case .counter, .gauge: bounds = []
        case .histogram: bounds = (description?.buckets ?? MetricDescription.secondsBuckets).sorted()
        }
    }

    /// The series with these labels, made if it is not there.
    func series<Series: MetricSeries>(_ labels: String, make: (MetricFamily, String) -> Series) -> Series {
        members.withLock { members in
            if let series = members[labels] as? Series { return series }
            let series = make(self, labels)
            members[labels] = series
            return series
        }
    }

    /// Only if it is this very series: one made later under the same labels stays.
    func remove(_ series: any MetricSeries) {
        members.withLock { members in
            if members[series.labels] === series { members[series.labels] = nil }
        }
    }

    func render(to text: inout String) {
        let members = members.withLock { Array($0.values) }.sorted { $0.labels < $1.labels }
        guard !members.isEmpty else { return }
        if let help { text += "# HELP \(name) \(MetricText.escapedHelp(help))\n" }
        text += "# TYPE \(name) \(kind.rawValue)\n"
        for series in members { series.render(to: &text) }
    }
}

/// One line, or one histogram, of what Prometheus reads.
protocol MetricSeries: AnyObject, Sendable {
    var family: MetricFamily { get }
    /// `name="value",…` as written between the braces.
    var labels: String { get }
    func render(to text: inout String)
}

extension MetricSeries {
    func remove() { family.remove(self) }
}
