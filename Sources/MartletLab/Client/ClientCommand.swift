import ArgumentParser
import ControllerRuntime
import FoundationEssentials
import Kubernetes
import KubernetesModel
import Logging

/// `martlet-lab client`: what the Kubernetes client and the cache cost by themselves, for `Benchmarks/scaler`.
struct ClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "Lists and watches a namespace's ConfigMaps, and times it.",
        discussion: """
            Lists all of them several times, keeps a store of them by a watch, changes one again and again and notes when \
            the store has each change. Prints one JSON object.
            """)

    @Option(help: "The kubeconfig file; as kubectl chooses if not given.")
    var kubeconfig: String?
    @Option(help: "Whose ConfigMaps. The first of them is changed.")
    var namespace: String
    @Option(help: "How often one is changed.")
    var samples = 100

    /// Enough for a median.
    private static let lists = 3

    private struct Report: Encodable {
        var objects = 0
        var listSeconds: [Double] = []
        var syncSeconds = 0.0
        var changeMilliseconds: [Double] = []
        var residentBefore = 0
        var residentAfter = 0
    }

    func validate() throws {
        guard (1...100_000).contains(samples) else { throw ValidationError("--samples is from 1 to 100000") }
    }

    func run() async throws {
        let logger = Logger(label: "martlet-lab")
        let time = SystemTime()
        let client = KubernetesClient(
            configuration: try KubernetesConfiguration.automatic(path: kubeconfig), logger: logger)
        let maps = client.resources(ConfigMap.self)
        var report = Report()
        // The first request makes the connection.
        let first = try await maps.page(in: namespace, limit: 1)
        guard let key = first.items.first?.key else { throw ValidationError("no ConfigMap in \(namespace)") }
        report.residentBefore = residentBytes()
        let store = Store<ConfigMap>()
        let (changes, noted) = AsyncStream.makeStream(of: (String?, MonotonicInstant).self)
        let watcher = Watcher(maps, in: namespace, into: store, time: time, logger: logger) { change in
            if case .updated(from: _, to: let map) = change, map.key == key {
                noted.yield((map.data?["sample"], time.uptime))
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            let begun = time.uptime
            group.addTask { try await watcher.run() }
            try await store.waitUntilSynced()
            report.syncSeconds = begun.duration(to: time.uptime).seconds
            report.residentAfter = residentBytes()
            report.objects = store.count
            report.changeMilliseconds = try await change(key, of: maps, seeing: changes, time: time)
        }
        for _ in 0..<Self.lists { report.listSeconds.append(try await list(maps, time: time)) }
        print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
    }

    /// Milliseconds from the sending of each change to its arrival in the store.
    private func change(
        _ key: ObjectKey, of maps: Resources<ConfigMap>, seeing changes: AsyncStream<(String?, MonotonicInstant)>,
        time: SystemTime
    ) async throws -> [Double] {
        var milliseconds: [Double] = []
        var seen = changes.makeAsyncIterator()
        for sample in 0..<samples {
            let sent = time.uptime
            try await maps.mergePatch(
                key, ["data": ["sample": "\(sample)"]], as: FieldManager(rawValue: "martlet-lab"))
            while let (value, at) = await seen.next() {
                guard value == "\(sample)" else { continue }
                milliseconds.append(sent.duration(to: at).seconds * 1000)
                break
            }
        }
        return milliseconds
    }

    /// Seconds for all pages.
    private func list(_ maps: Resources<ConfigMap>, time: SystemTime) async throws -> Double {
        let begun = time.uptime
        var token: PageToken?
        repeat { token = try await maps.page(in: namespace, after: token).next } while token != nil
        return begun.duration(to: time.uptime).seconds
    }

    /// Zero where the kernel has no /proc.
    private func residentBytes() -> Int {
        guard let line = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let fields = line.split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Self.pageBytes : 0
    }

    /// Of every Linux that Swift runs on here.
    private static let pageBytes = 4096
}

extension Duration {
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
