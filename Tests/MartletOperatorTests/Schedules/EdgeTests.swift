import ControllerRuntime
import FoundationEssentials
import KubernetesModel
import MartletAPI
import Testing

@testable import MartletOperator

@Suite("Edges", .serialized, .timeLimit(.minutes(2))) struct EdgeTests {
    private static let scale = "/scale"

    private func schedules(_ count: Int) -> [GPUSchedule] {
        (0..<count).map { number in
            OfficeHours.schedule("s-\(number)") { $0.targets = [ScheduleTarget(name: "w-\(number)")] }
        }
    }

    /// Lets simulated time come to the edge, a look a minute on the way.
    private func come(to edge: Date, _ cluster: ScheduledCluster) async {
        while cluster.time.now < edge - 1 {
            cluster.time.advance(by: .seconds(min(30, edge.timeIntervalSince(cluster.time.now) - 1)))
            for _ in 0..<50 { await Task.yield() }
        }
    }

    @Test("many schedules close their endpoints at one edge, each once and none before")
    func manyAtOnce() async throws {
        let count = 500
        let cluster = try ScheduledCluster(
            endpoints: count, schedules: schedules(count), at: OfficeHours.closing - 90)
        try await cluster.operating {
            await cluster.settle { cluster.count(of: "/status") >= 2 * count }
            await come(to: OfficeHours.closing, cluster)
            #expect(cluster.count(of: Self.scale) == 0)
            cluster.time.advance(by: .seconds(1))
            await cluster.settle { cluster.count(of: Self.scale) >= count }
            let writes = cluster.writes(to: Self.scale)
            #expect(Set(writes.map(\.line)).count == count)
            #expect(writes.allSatisfy { $0.body.contains("\"replicas\":0") })
        }
    }
}
