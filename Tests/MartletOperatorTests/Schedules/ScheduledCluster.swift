import ControllerRuntime
import FoundationEssentials
import HTTPTransport
import Kubernetes
import KubernetesModel
import Logging
import MartletAPI
import MartletDecisions
import Synchronization
import Testing

@testable import Kubernetes
@testable import MartletOperator

/// An API server with some endpoints, a Deployment of three each, and schedules that name them; every write is accepted and
/// kept in order. Watches stay silent.
final class ScheduledCluster: HTTPTransport {
    struct Write: Sendable {
        var line: String
        var body: String
        var at: ContinuousClock.Instant
    }

    private let lists: [String: String]
    private struct Seen {
        var writes: [Write] = []
        /// By the last part of the path: whoever waits asks thousands of times.
        var counts: [String: Int] = [:]
    }
    private let seen = Mutex(Seen())
    let time: ManualTime

    /// Names are `w-0`…; the queue's server is one that no tenant may reach, so that nothing is ever read.
    init(endpoints: Int, schedules: [GPUSchedule], annotations: [String: String] = [:], at now: Date) throws {
        time = ManualTime(startingAt: now)
        let names = (0..<endpoints).map { "w-\($0)" }
        func list(_ items: [String]) -> String {
            #"{"metadata":{"resourceVersion":"1"},"items":[\#(items.joined(separator: ","))]}"#
        }
        let encoder = JSONEncoder()
        let notes = String(decoding: try encoder.encode(annotations), as: UTF8.self)
        func metadata(_ name: String) -> String {
            #""metadata":{"name":"\#(name)","namespace":"dev","uid":"uid-\#(name)","generation":1,"resourceVersion":"1","annotations":\#(notes)}"#
        }
        lists = [
            "/apis/martlet.dev/v1alpha1/inferenceendpoints": list(
                names.map {
                    #"{\#(metadata($0)),"spec":{"queue":{"redis":{"addresses":["127.0.0.1:1"]},"list":{"key":"jobs"}},"workers":{"targetRef":{"name":"\#($0)"},"onDelete":"Keep"}}}"#
                }),
            "/apis/apps/v1/deployments": list(
                names.map {
                    #"{\#(metadata($0)),"spec":{"replicas":3,"selector":{"matchLabels":{"app":"\#($0)"}},"template":{"spec":{}}},"status":{"replicas":0}}"#
                }),
            "/apis/martlet.dev/v1alpha1/gpuschedules": list(
                try schedules.map { String(decoding: try encoder.encode($0), as: UTF8.self) }),
        ]
    }

    /// The writes to a path whose last part is this, as `/scale`.
    func writes(to end: String) -> [Write] { seen.withLock { $0.writes.filter { $0.line.hasSuffix(end) } } }

    /// How many of them; cheap enough to wait for.
    func count(of end: String) -> Int { seen.withLock { $0.counts[end] ?? 0 } }

    func forget() { seen.withLock { $0 = Seen() } }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let target = request.url.dropFirst("http://server".count)
        guard !target.contains("watch=true") else { return try await silence() }
        let path = String(target.prefix { $0 != "?" })
        guard "\(request.method)" != "GET" else {
            return answer(lists[path] ?? #"{"metadata":{"resourceVersion":"1"},"items":[]}"#)
        }
        let body = String(decoding: request.body ?? [], as: UTF8.self)
        let words = path.split(separator: "/").map(String.init)
        seen.withLock { seen in
            seen.writes.append(Write(line: "\(request.method) \(path)", body: body, at: .now))
            seen.counts["/\(words.last ?? "")", default: 0] += 1
        }
        let name = words.last.map { ["status", "scale"].contains($0) ? words[words.count - 2] : $0 } ?? ""
        return answer(
            #"{"metadata":{"name":"\#(name)","namespace":"dev","resourceVersion":"2"},"spec":{"replicas":0},"involvedObject":{}}"#
        )
    }

    private func answer(_ text: String) -> HTTPResponse {
        HTTPResponse(status: 200, headers: [:], body: HTTPBody([UInt8](text.utf8)))
    }

    private func silence() async throws(HTTPError) -> HTTPResponse {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        for await _ in stream {}
        continuation.finish()
        throw .cancelled
    }

    /// Lets the operator go on until `condition` holds, and time with it where somebody waits a moment.
    func settle(until condition: () -> Bool) async {
        while !condition(), !Task.isCancelled {
            // Work first: time that runs ahead of it has writes repeated that the silent watch does not show.
            for _ in 0..<20 where !condition() { await Task.yield() }
            if let moment = time.pendingSleeps.first, moment <= .milliseconds(30) { time.advance(by: moment) }
        }
    }

    /// Runs an operator on this cluster while `body` runs.
    func operating(_ body: () async throws -> Void) async throws {
        let client = KubernetesClient(
            configuration: KubernetesConfiguration(server: "http://server"), transport: self,
            limits: RequestLimits(retries: 0), time: ClientTime(time), logger: .silent)
        let schedules = ServedResource(type: GPUSchedule.resourceType, subresources: [.status])
        let theOperator = Operator(
            client: client,
            discovery: Discovery(server: ServerVersion(major: 1, minor: 33), broken: [:], served: [schedules]),
            apiServer: [], settings: OperatorSettings(consent: .off), instance: "test", time: time, logger: .silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await theOperator.run() }
            try await body()
            group.cancelAll()
        }
    }
}
