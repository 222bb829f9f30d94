import FoundationEssentials
import HTTPTransport
import Testing

@testable import RunPod

/// As the vendor's page shows it, with what a later version may add.
let exampleEndpoint = #"""
    {"id":"4m7x2k9q","name":"image-generator","type":"QUEUE",
     "requestUrls":{"run":"https://api.runpod.ai/v2/4m7x2k9q/run","runSync":"https://api.runpod.ai/v2/4m7x2k9q/runsync"},
     "image":"runpod/pytorch:1","args":"","disk":20,"ports":["8000/http"],"env":{"MODEL_NAME":"sdxl","N":4},
     "registry":null,"gpu":{"pools":["ADA_24"],"count":1,"allowedCudaVersions":[],"minCudaVersion":null},
     "workers":{"min":0,"max":5,"idleTimeout":5.0},"scaling":{"type":"QUEUE_DELAY","queueDelay":4},
     "dataCenterIds":["US-KS-2"],"networkVolumes":[],"timeout":300000,"flashboot":"OFF",
     "createdAt":"2026-06-01T12:00:00Z","later":{"field":[1]}}
    """#

private let minimal = EndpointCreate(
    name: "dev-llm", image: "worker:1", env: ["MARTLET_OWNER": "c/ns/uid"],
    hardware: .gpu(GPUSelection(pools: [GPUPool(rawValue: "ADA_24")])), workers: WorkersBounds(min: 0, max: 0),
    scaling: .queueDelay(4), timeout: 0)

@Suite struct ControlTests {
    @Test("each operation goes to its place with the key, and reads the answer")
    func operations() async throws {
        let workers = #"""
            {"workers":[{"id":"w1","status":"RUNNING","isStale":false,"gpuCount":1},{"id":"w2","status":"DREAMING"}],
             "summary":{"running":1,"throttled":2},"endpointVersion":3}
            """#
        let releases = #"""
            {"endpointVersion":3,"rollout":{"inProgress":true,"workersOnLatest":1,"workersTotal":2,"percentOnLatest":50},
             "releases":[{"id":"r1","version":3,"source":"MANUAL","createdAt":"2026-06-01T12:00:00.123Z","workerCount":2,
             "diff":[{"field":"env","old":{"A":"secret"},"new":null}]}]}
            """#
        let gpus = #"""
            {"gpus":[{"id":"NVIDIA GeForce RTX 4090","name":"RTX 4090","pool":"ADA_24","memory":24,
             "price":{"secure":0.44,"serverless":"1.1"},"availability":"HIGH"},{"id":"B","pool":null}]}
            """#
        let billing = #"""
            {"records":[{"startTime":"2026-06-01T00:00:00Z","endTime":"2026-06-02T00:00:00Z","serverlessId":"4m7x2k9q",
             "totalAmount":8.9,"gpuAmount":7.5}],"metadata":{"totals":{"totalAmount":8.9}}}
            """#
        let transport = ScriptedTransport([
            .init(.get, "io/serverless", .json(200, #"{"endpoints":[\#(exampleEndpoint)]}"#)),
            .init(.get, "io/serverless/4m7x2k9q", .json(200, exampleEndpoint)),
            .init(.post, "io/serverless", .json(201, exampleEndpoint)),
            .init(.patch, "io/serverless/4m7x2k9q", .json(200, exampleEndpoint)),
            .init(.delete, "io/serverless/4m7x2k9q", .bytes(204, [], headers: [:])),
            .init(.get, "io/serverless/4m7x2k9q/workers", .json(200, workers)),
            .init(.get, "io/serverless/4m7x2k9q/releases", .json(200, releases)),
            .init(.get, "io/templates", .json(200, #"{"templates":[{"id":"t1","serverless":true}]}"#)),
            .init(.get, "io/catalog/gpus?include=AVAILABILITY&product=SERVERLESS", .json(200, gpus)),
            .init(
                .get,
                "io/billing/serverless?bucketSize=hour&startTime=2026-06-01T00%3A00%3A00Z&serverlessId=4m7x2k9q",
                .json(200, billing)),
        ])
        let control = RunPodControl(transport)

        let endpoint = try #require(try await control.listEndpoints().first)
        #expect(try await control.endpoint(endpointID) == endpoint)
        #expect(try await control.create(minimal) == endpoint)
        #expect(try await control.update(endpointID, EndpointPatch(workers: .init(min: 0, max: 0))) == endpoint)
        try await control.delete(endpointID)
        let seen = try await control.workers(of: endpointID)
        #expect(seen.workers.map(\.status) == [.running, .unknown("DREAMING")])
        #expect(seen.summary == WorkersSummary(running: 1, throttled: 2))
        let release = try #require(try await control.releases(of: endpointID).releases.first)
        #expect(release.changedFields == ["env"])
        #expect(release.createdAt?.timeIntervalSince1970 == 1_780_315_200.123)
        #expect(try await control.templates().map(\.isServerless) == [true])
        #expect(try await control.gpus().map(\.serverlessPrice) == [1.1, nil])
        let start = Date(timeIntervalSince1970: 1_780_272_000)
        let bill = try await control.billing(of: endpointID, from: start, to: nil, bucket: .hour)
        #expect(bill.records.first?.amounts.gpu == 7.5 && bill.totals?.total == 8.9)

        #expect(transport.remaining.isEmpty)
        for request in transport.requests {
            #expect(request.headers["Authorization"] == "Bearer \(testKey.secret)")
            #expect(request.timeouts == HTTPTimeouts(connect: .seconds(10), response: .seconds(30), idle: .seconds(30)))
        }
    }

    @Test("an endpoint is read whatever it lacks, and whatever is new about it")
    func endpointIsReadLeniently() throws {
        let endpoint = try JSONDecoder().decode(RunPodEndpoint.self, from: Data(exampleEndpoint.utf8))
        #expect(endpoint.env?["N"] == "4" && endpoint.env?["MODEL_NAME"] == "sdxl")
        #expect(endpoint.workers == WorkersBounds(min: 0, max: 5, idleTimeout: 5))
        #expect(endpoint.scaling == .queueDelay(4))
        #expect(endpoint.createdAt?.timeIntervalSince1970 == 1_780_315_200)
        #expect(endpoint.requestURLs?.run == "https://api.runpod.ai/v2/4m7x2k9q/run")

        let odd = #"""
            {"id":"x","name":7,"type":"MESH","gpu":null,"workers":{"max":3},"scaling":{"type":"MOON_PHASE","phase":1},
             "timeout":"300000","flashboot":"ULTRA","env":[],"createdAt":"yesterday","disk":20.5}
            """#
        let other = try JSONDecoder().decode(RunPodEndpoint.self, from: Data(odd.utf8))
        #expect(
            other.name == nil && other.gpu == nil && other.env == nil && other.createdAt == nil && other.disk == nil)
        #expect(other.type == .unknown("MESH") && other.flashboot == .unknown("ULTRA"))
        #expect(other.workers == nil, "a missing bound is not zero")
        #expect(other.scaling == .unknown("MOON_PHASE"))
        #expect(other.timeout == 300_000)
    }

    @Test(
        "an answer without a usable id is malformed",
        arguments: [
            "{}", #"{"id":null}"#, #"{"id":7}"#, #"{"id":""}"#, #"{"id":"../graphql"}"#, #"{"id":"other"}"#,
        ])
    func idIsNeeded(answer: String) async throws {
        let reply = ScriptedTransport.Exchange(.get, "io/serverless/4m7x2k9q", .json(200, answer))
        let transport = ScriptedTransport([reply, reply, reply])
        let error = try await failure { _ = try await RunPodControl(transport).endpoint(endpointID) }
        guard case .malformedAnswer = error.cause else {
            Issue.record("\(error)")
            return
        }
    }

    @Test("neither an endpoint's description nor its dump shows a value of its environment")
    func environmentIsHidden() throws {
        let endpoint = try JSONDecoder().decode(RunPodEndpoint.self, from: Data(exampleEndpoint.utf8))
        var dumped = "\(endpoint) \(minimal)"
        dump(endpoint, to: &dumped)
        dump(minimal, to: &dumped)
        #expect(!dumped.contains("sdxl") && !dumped.contains("c/ns/uid"))
        #expect(dumped.contains("image-generator"))
    }

    @Test("a client without a permit to begin sends no change, but reads")
    func permit() async throws {
        let transport = ScriptedTransport([.init(.get, "io/serverless/4m7x2k9q", .json(200, exampleEndpoint))])
        let control = RunPodControl(transport, mayBegin: { false })
        _ = try await control.endpoint(endpointID)
        let errors = [
            try await failure { _ = try await control.create(minimal) },
            try await failure { _ = try await control.update(endpointID, EndpointPatch()) },
            try await failure { try await control.delete(endpointID) },
        ]
        for error in errors {
            #expect(error.isWithheld && !error.mayHaveTakenEffect && !error.isRetryable)
        }
        #expect(transport.requests.count == 1)
    }
}
