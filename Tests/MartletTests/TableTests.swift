import FoundationEssentials
import KubernetesModel
import RunPod
import Testing

@testable import martlet

@Suite struct TableTests {
    private func types(_ json: String) throws -> [GPUType] {
        try JSONDecoder().decode([GPUType].self, from: Data(json.utf8))
    }

    private func catalogue() throws -> [GPUType] {
        try types(
            """
            [{"id": "NVIDIA GeForce RTX 4090", "name": "RTX 4090", "pool": "ADA_24", "memory": 24,
              "price": {"serverless": 1.1}, "availability": "LOW"},
             {"id": "NVIDIA L4", "name": "L4", "pool": "AMPERE_24", "memory": 24, "price": {"serverless": 0.68},
              "availability": "NONE"},
             {"id": "NVIDIA RTX A5000", "name": "RTX A5000", "pool": "AMPERE_24", "memory": 24,
              "price": {"serverless": 0.7}, "availability": "HIGH"},
             {"id": "Tesla V100", "name": "V100", "pool": null, "memory": 16, "price": {"secure": 0.2}}]
            """)
    }

    @Test("pools are listed with members, memory, price and the best of what is free")
    func pools() throws {
        #expect(
            PoolTable(try catalogue(), named: []).text == """
                POOL        MEMORY   USD/H          FREE   GPUS
                AMPERE_24   24 GB    0.68 to 0.70   high   L4 (none), RTX A5000
                ADA_24      24 GB    1.10           low    RTX 4090
                """)
    }

    @Test("pools that an endpoint names come first by rank; one that does not exist is told")
    func named() throws {
        let table = PoolTable(try catalogue(), named: ["ADA_24", "ADA_25"])
        #expect(table.pools.map(\.id.rawValue) == ["ADA_24", "AMPERE_24"])
        #expect(table.pools.map(\.rank) == [1, nil])
        #expect(table.unknown == ["ADA_25"])
        #expect(table.text.contains("1      ADA_24"))
    }

    @Test("what the catalogue does not tell is no zero")
    func untold() throws {
        let text = PoolTable(try types(#"[{"id": "X", "pool": "NEW_1"}]"#), named: []).text
        #expect(text.contains("NEW_1   -        -       -      X"))
    }

    @Test("health is one screen: counts, workers, and why queued jobs wait")
    func health() throws {
        var view = HealthView(title: "image-gen", id: .sample)
        view.queue.bounds = WorkersBounds(min: 0, max: 3)
        view.queue.health = EndpointHealth(
            jobs: .init(inQueue: 3, inProgress: 0, completed: 27), workers: .init(idle: 0, running: 0, throttled: 1))
        var worker = RunPodWorker(id: "w1", status: .throttled)
        worker.uptimeSeconds = 4000
        view.workers = EndpointWorkers(workers: [worker], summary: WorkersSummary())
        #expect(
            view.text == """
                image-gen   4m7x2k9q   workers 0 to 3

                JOBS   QUEUED   RUNNING   COMPLETED   FAILED   RETRIED
                       3        0         27          -        -

                WORKERS   RUNNING   IDLE   INITIALIZING   THROTTLED   UNHEALTHY
                          0         0      -              1           -

                WORKER   STATUS      GPU   DATA CENTER   UP     RELEASE
                w1       THROTTLED   -     -             1h6m   -

                queued jobs wait: no capacity: 1 worker throttled, no host has such a GPU free; allow more pools or data \
                centers
                """)
    }

    @Test("columns are as wide as their widest cell")
    func columns() {
        #expect(TextTable.text([["A", "B"], ["long", "x"], ["y"]]) == "A      B\nlong   x\ny")
    }
}
