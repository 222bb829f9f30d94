import Foundation
import HTTPTransport
import KubernetesModel
import Testing

@testable import RunPod

/// The vendor's own specification, which lies beside the repository where the project has it, and is not part of it.
private let specification = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("shared/reference/runpod-openapi-v2.json")

/// Bodies as they are sent: the closed ones of RunPod refuse any field that is not declared.
@Suite struct BodyTests {
    private static let create = EndpointCreate(
        name: "dev-llm", image: "worker:1", templateID: TemplateID(rawValue: "t"), args: "a", disk: 20,
        env: ["MARTLET_OWNER": "c/ns/uid"], ports: ["8000/http"], registry: "r",
        hardware: .gpu(
            GPUSelection(
                pools: [GPUPool(rawValue: "ADA_24")], excludedTypes: ["NVIDIA L4"], count: 1,
                allowedCudaVersions: ["12.8"], minCudaVersion: "12.4")),
        workers: WorkersBounds(min: 0, max: 0, idleTimeout: 5), scaling: .queueDelay(4), dataCenterIDs: ["US-KS-2"],
        networkVolumes: ["v"], timeout: 0, flashboot: .flashboot)

    private static var patch: EndpointPatch {
        var patch = EndpointPatch(workers: create.workers)
        (patch.name, patch.image, patch.args, patch.disk) = ("n", "i", "a", 20)
        (patch.env, patch.ports, patch.registry) = (create.env, ["1/tcp"], "r")
        patch.gpu = GPUSelection(pools: [GPUPool(rawValue: "ADA_24")], minCudaVersion: "")
        patch.cpu = [CPUSelection(id: "cpu3c", vcpuCount: 2)]
        (patch.scaling, patch.dataCenterIDs, patch.networkVolumes) = (.requestCount(3), [], [])
        (patch.timeout, patch.flashboot) = (0, .off)
        return patch
    }

    private static func text(_ value: some Encodable) throws -> String {
        String(decoding: try WireFormat.encode(value, for: .createEndpoint), as: UTF8.self)
    }

    @Test("a patch holds what changes and nothing else: zero is a value, nil is not sent, workers are whole")
    func sparsePatch() throws {
        #expect(try Self.text(EndpointPatch()) == "{}")
        #expect(EndpointPatch().isEmpty)
        #expect(
            try Self.text(EndpointPatch(workers: WorkersBounds(min: 0, max: 0))) == #"{"workers":{"max":0,"min":0}}"#)
        var patch = EndpointPatch()
        patch.timeout = 0
        patch.gpu = GPUSelection(allowedCudaVersions: [], minCudaVersion: "")
        #expect(try Self.text(patch) == #"{"gpu":{"allowedCudaVersions":[],"minCudaVersion":""},"timeout":0}"#)
    }

    @Test("no body holds a null")
    func noNulls() throws {
        let minimal = EndpointCreate(
            name: "x", image: "i", env: [:], hardware: .cpu([CPUSelection(id: "cpu3c", vcpuCount: 2)]),
            workers: WorkersBounds(min: 0, max: 0), scaling: .requestCount(1), timeout: 0)
        #expect(
            try Self.text(minimal) == """
                {"cpu":[{"id":"cpu3c","vcpuCount":2}],"env":{},"flashboot":"OFF","image":"i","name":"x",\
                "scaling":{"requestCount":1,"type":"REQUEST_COUNT"},"timeout":0,"type":"QUEUE",\
                "workers":{"max":0,"min":0}}
                """)
        #expect(try Self.text(JobRequest(input: nil, policy: JobPolicy())) == #"{"input":null,"policy":{}}"#)
    }

    @Test(
        "the idle timeout is left out for a queue that scales on requests, and for nothing else",
        arguments: [
            (EndpointType.queue, ScalingPolicy.requestCount(1), false), (.queue, .queueDelay(4), true),
            (.loadBalancer, .requestCount(1), true),
        ])
    func idleTimeout(type: EndpointType, scaling: ScalingPolicy, isSent: Bool) throws {
        var create = Self.create
        (create.type, create.scaling) = (type, scaling)
        #expect(try Self.text(create).contains("idleTimeout") == isSent)

        var endpoint = RunPodEndpoint(id: endpointID)
        (endpoint.type, endpoint.scaling) = (type, scaling)
        let patch = EndpointPatch(workers: WorkersBounds(min: 0, max: 1, idleTimeout: 5)).admissible(for: endpoint)
        #expect((patch.workers?.idleTimeout != nil) == isSent)

        // The scaling that the same patch sets counts.
        (endpoint.scaling) = .queueDelay(4)
        var changing = EndpointPatch(workers: WorkersBounds(min: 0, max: 1, idleTimeout: 5))
        changing.scaling = scaling
        #expect((changing.admissible(for: endpoint).workers?.idleTimeout != nil) == isSent)
    }

    @Test("a number that JSON can't hold is an error of ours, and nothing is sent")
    func unwritable() async throws {
        var create = Self.create
        create.scaling = .queueDelay(.nan)
        let transport = ScriptedTransport([])
        let error = try await failure { [create] in _ = try await RunPodControl(transport).create(create) }
        #expect(!error.mayHaveTakenEffect && !error.isRetryable)
    }

    @Test(
        "bodies hold only what the vendor's specification declares",
        .enabled(if: FileManager.default.fileExists(atPath: specification.path), "the specification is not here"))
    func bodiesFollowTheSpecification() throws {
        let schemas = try Specification(at: specification)
        var queueByRequests = Self.create
        queueByRequests.scaling = .requestCount(2)
        queueByRequests.hardware = .cpu([CPUSelection(id: "cpu3c", vcpuCount: 2)])
        for body in [Self.create, queueByRequests] {
            #expect(try schemas.undeclared(in: Self.text(body), schema: "CreateEndpointRequest") == [])
        }
        #expect(try schemas.undeclared(in: Self.text(Self.patch), schema: "UpdateEndpointRequest") == [])
        // The check itself sees what it is for.
        #expect(
            try schemas.undeclared(in: #"{"gpu":{"pools":[],"gpuIds":1},"nam":1}"#, schema: "CreateEndpointRequest")
                == ["$.gpu.gpuIds", "$.nam"])
    }
}

/// As much of OpenAPI as tells which properties a body may have.
private struct Specification {
    private let root: JSONValue

    init(at url: URL) throws { root = try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: url)) }

    /// Paths of properties that `schema` does not declare, sorted.
    func undeclared(in text: String, schema: String) throws -> [String] {
        let body = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        let schema = try #require(root["components"]?["schemas"]?[schema])
        return undeclared(in: body, schema, "$").sorted()
    }

    private func undeclared(in value: JSONValue, _ schema: JSONValue, _ path: String) -> [String] {
        switch value {
        case .object(let members):
            let declared = properties(of: schema)
            // A map, such as the environment.
            if declared.isEmpty { return [] }
            return members.flatMap { name, member in
                declared[name].map { undeclared(in: member, $0, "\(path).\(name)") } ?? ["\(path).\(name)"]
            }
        case .array(let elements):
            guard let items = resolved(schema)["items"] else { return [] }
            return elements.flatMap { undeclared(in: $0, items, "\(path)[]") }
        case .null, .bool, .integer, .number, .string: return []
        }
    }

    private func properties(of schema: JSONValue) -> [String: JSONValue] {
        let schema = resolved(schema)
        var found: [String: JSONValue] = [:]
        for key in ["allOf", "oneOf", "anyOf"] {
            for part in schema[key]?.array ?? [] { found.merge(properties(of: part)) { $1 } }
        }
        if case .object(let own) = schema["properties"] { found.merge(own) { $1 } }
        return found
    }

    private func resolved(_ schema: JSONValue) -> JSONValue {
        guard let name = schema["$ref"]?.string?.split(separator: "/").last else { return schema }
        return root["components"]?["schemas"]?[String(name)].map { resolved($0) } ?? schema
    }
}
