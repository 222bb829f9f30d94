import FoundationEssentials
import KubernetesModel
import MartletAPI
import Testing

@Suite("Reading what users wrote")
struct DecodingTests {
    @Test("The example of the documentation is accepted as it is written")
    func example() throws {
        let resolved = try endpoint(spec: complete).accepted()
        #expect(resolved.workers.maxReplicas == 20)
        #expect(resolved.workers.target.kind == "Deployment")
        #expect(resolved.queue.server.addresses == [HostPort(host: "redis-primary.dev.svc", port: 6379)])
        #expect(resolved.queue.secretNames == ["redis", "redis-ca", "redis-client"])
        #expect(resolved.workers.gpuLimit == 20)
    }

    @Test("A master behind sentinels is accepted, and the sentinels' Secret needs consent like the others")
    func sentinel() throws {
        let redis = #"""
            {"mode": "Sentinel", "addresses": ["a:26379", "b:26379", "a:26379"], "sentinelMaster": "my-master.1",
             "sentinelCredentialsSecretRef": {"name": "sentinel", "usernameKey": "user"},
             "credentialsSecretRef": {"name": "redis"}}
            """#
        let resolved = try endpoint(
            spec: minimal.replacing(#"{"addresses": ["redis.dev.svc:6379"]}"#, with: redis)
        ).accepted()
        #expect(
            resolved.queue.server.addresses == [HostPort(host: "a", port: 26379), HostPort(host: "b", port: 26379)])
        guard case .sentinel("my-master.1", let credentials?) = resolved.queue.server.topology else {
            Issue.record("\(resolved.queue.server.topology)")
            return
        }
        #expect(credentials.usernameKey == "user")
        #expect(credentials.passwordKey == "password")
        #expect(resolved.queue.secretNames == ["redis", "sentinel"])
    }

    @Test("A minimal spec gets the documented defaults")
    func defaults() throws {
        let resolved = try endpoint(spec: minimal).accepted()
        let full = try endpoint(spec: complete).accepted()
        #expect(!resolved.suspend)
        #expect(resolved.queue.tasksPerReplica == 5)
        #expect(resolved.queue.source == full.queue.source)
        #expect(resolved.workers.scaleDown == full.workers.scaleDown)
        #expect(resolved.workers.onReadingLost == full.workers.onReadingLost)
        #expect(resolved.workers.drainSeconds == full.workers.drainSeconds)
        #expect(resolved.workers.onDelete == .scaleToMin)
        #expect(resolved.workers.minReplicas == 0)
        #expect(resolved.workers.maxReplicas == 10)
        #expect(resolved.workers.gpuLimit == nil)
        #expect(resolved.queue.secretNames.isEmpty)
    }

    @Test(
        "A malformed field refuses its object and says where, without repeating the value",
        arguments: [
            (#"{"suspend": "s3cret"}"#, "spec.suspend: expected true or false"),
            (#"{"queue": {"tasksPerReplica": "s3cret"}}"#, "spec.queue.tasksPerReplica: expected a whole number"),
            (#"{"queue": {"redis": {"mode": "s3cret"}}}"#, "spec.queue.redis.mode: not an allowed value"),
            (#"{"queue": {"redis": {"addresses": [7]}}}"#, "spec.queue.redis.addresses[0]: expected a text"),
            (#"{"queue": {"redis": {"addresses": "s3cret"}}}"#, "spec.queue.redis.addresses: expected a list"),
            (#"{"workers": {"targetRef": {}}}"#, "spec.workers.targetRef: name is required"),
            (#"{"workers": "s3cret"}"#, "spec.workers: expected an object"),
            (#"["s3cret"]"#, "spec: expected an object"),
        ])
    func malformed(spec: String, message: String) throws {
        let object = try endpoint(spec: spec)
        #expect(object.reasons == [.malformed])
        #expect(object.problems.map(\.description) == [message])
        #expect(object.metadata.name == "image-gen")
    }

    @Test(
        "Numbers that are none of ours are malformed or out of range, never a crash",
        arguments: [
            ("1e300", SpecProblemReason.malformed), ("1.5", .malformed), ("99999999999999999999", .malformed),
            ("-99999999999999999999", .malformed), ("9223372036854775807", .outOfRange), ("-1", .outOfRange),
            ("null", nil),
        ])
    func numbers(number: String, reason: SpecProblemReason?) throws {
        let object = try endpoint(
            spec: minimal.replacing(#"{"name": "worker"}"#, with: #"{"name": "worker"}, "maxReplicas": \#(number)"#))
        #expect(object.reasons == (reason.map { [$0] } ?? []))
    }

    @Test("One malformed object does not lose the list")
    func list() throws {
        struct List: Decodable { var items: [InferenceEndpoint] }
        let json = """
            {"items": [{"metadata": {"name": "a"}, "spec": \(minimal)}, {"metadata": {"name": "b"}, "spec": 7},
                       {"metadata": {"name": "c"}}, {"metadata": {"name": "d"}, "spec": \(minimal), "status": "x"}]}
            """
        let items = try JSONDecoder().decode(List.self, from: Data(json.utf8)).items
        #expect(items.map(\.reasons) == [[], [.malformed], [.workersMissing], []])
        #expect(items[3].status == nil)
    }

    @Test("What is written is read back the same")
    func roundTrip() throws {
        var object = try endpoint(spec: complete)
        object.status = InferenceEndpointStatus(
            observedGeneration: 3, workers: WorkersStatus(replicas: 4, desiredReplicas: 20),
            queue: QueueStatus(waiting: 96, inFlight: 4, source: .push))
        let data = try JSONEncoder().encode(object)
        #expect(try JSONDecoder().decode(InferenceEndpoint.self, from: data) == object)
        #expect(String(decoding: data, as: UTF8.self).contains(#""kind":"InferenceEndpoint""#))
    }
}

@Suite("The status")
struct StatusTests {
    private func patch(_ status: InferenceEndpointStatus) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(StatusMergePatch(status: status)), as: UTF8.self)
    }

    @Test("What is nil is patched to null, so that it vanishes")
    func nulls() throws {
        #expect(
            try patch(InferenceEndpointStatus(observedGeneration: 3))
                == #"{"status":{"conditions":null,"observedGeneration":3,"queue":null,"schedule":null,"workers":null}}"#
        )
        let workers = try patch(InferenceEndpointStatus(workers: WorkersStatus(replicas: 4, desiredReplicas: 20)))
        #expect(workers.contains(#""decision":null"#))
        #expect(workers.contains(#""lastActiveTime":null"#))
        #expect(workers.contains(#""summary":"4/20""#))
    }

    @Test("The columns read 4/20 and 96+4")
    func summaries() {
        #expect(WorkersStatus(replicas: 4, desiredReplicas: 20).summary == "4/20")
        #expect(WorkersStatus(replicas: 4).summary == "4/4")
        #expect(WorkersStatus().summary == nil)
        #expect(QueueStatus(waiting: 96, inFlight: 4).summary == "96+4")
    }

    @Test("The steps of a decision are bounded in number and length")
    func steps() {
        let decision = DecisionStatus(
            time: Timestamp(Date(timeIntervalSince1970: 0)), demand: nil, waiting: nil, inFlight: nil, busy: 0, idle: 0,
            unknown: 0, current: 0, desired: 0, steps: Array(repeating: String(repeating: "é", count: 5000), count: 100)
        )
        #expect(decision.steps.count == DecisionStatus.maxSteps)
        #expect(decision.steps.allSatisfy { $0.unicodeScalars.count <= DecisionStatus.maxStepLength })
    }
}
