import HTTPTransport
import Testing

@testable import RunPodSimulator

@Suite(
    "Against the vendor's specification",
    .enabled(if: VendorSpecification.found != nil, "needs the vendor's file, see VendorSpecification.swift"))
struct VendorSpecificationTests {
    private let specification: VendorSpecification
    private var bench: Bench

    init() throws {
        specification = try #require(VendorSpecification.found)
        // With the rate headers, and with answers that pages would change.
        bench = Bench(RunPodWorld.Settings())
    }

    /// Asks, and holds the answer against the schema that `path` declares for it.
    private mutating func check(
        _ method: String, _ path: String, _ target: String, _ body: WireJSON? = nil, expecting status: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard case .response(let response) = bench.ask(method, target, body) else {
            Issue.record("no answer", sourceLocation: sourceLocation)
            return
        }
        let body = String(decoding: response.body, as: UTF8.self)
        #expect(response.status == status, "\(body)", sourceLocation: sourceLocation)
        guard let schema = specification.schema(method, path, status) else {
            Issue.record("\(method) \(path) declares no \(status)", sourceLocation: sourceLocation)
            return
        }
        #expect(response.headers["RateLimit"] != nil, sourceLocation: sourceLocation)
        guard status != 204 else {
            #expect(response.body.isEmpty, sourceLocation: sourceLocation)
            return
        }
        let problems = specification.problems(of: response.json ?? .null, against: schema)
        #expect(problems.isEmpty, "\(target): \(problems)\n\(body)", sourceLocation: sourceLocation)
    }

    @Test("every answer about endpoints, workers and releases is what it declares")
    mutating func endpoints() {
        let gpu = bench.create(["workers": ["min": 2, "max": 3], "env": ["A": "1"], "flashboot": "PRIORITY_FLASHBOOT"])
        let cpu = bench.create(["gpu": nil, "cpu": [["id": "cpu3g", "vcpuCount": 4]]])
        let balanced = bench.create([
            "type": "LOAD_BALANCER", "scaling": ["type": "REQUEST_COUNT", "requestCount": 2],
            "gpu": ["pools": ["ADA_24", "AMPERE_24"], "excludedTypes": ["NVIDIA L4"], "minCudaVersion": "12.1"],
        ])
        check("GET", "/v2/serverless", "/v2/serverless", expecting: 200)
        for id in [gpu, cpu, balanced] {
            check("GET", "/v2/serverless/{id}", "/v2/serverless/\(id)", expecting: 200)
            check(
                "PATCH", "/v2/serverless/{id}", "/v2/serverless/\(id)", ["image": "acme/llm:2", "timeout": 5000],
                expecting: 200)
            check("GET", "/v2/serverless/{id}/releases", "/v2/serverless/\(id)/releases", expecting: 200)
        }
        for _ in 0..<4 {
            check("GET", "/v2/serverless/{id}/workers", "/v2/serverless/\(gpu)/workers", expecting: 200)
            bench.pass(.seconds(5))
        }
        bench.world.settings.capacity.closed = [.init(pool: "ADA_24")]
        let throttled = bench.create(["workers": ["min": 1, "max": 1]])
        check("GET", "/v2/serverless/{id}/workers", "/v2/serverless/\(throttled)/workers", expecting: 200)
        check("POST", "/v2/serverless", "/v2/serverless", Bench.draft(), expecting: 201)
        check("DELETE", "/v2/serverless/{id}", "/v2/serverless/\(gpu)", expecting: 204)
    }

    @Test("every refusal is a problem document under a declared status")
    mutating func refusals() {
        let id = bench.create()
        check("POST", "/v2/serverless", "/v2/serverless", Bench.draft(["gpu": nil]), expecting: 400)
        check("POST", "/v2/serverless", "/v2/serverless", Bench.draft(["templateId": "x"]), expecting: 404)
        check("POST", "/v2/serverless", "/v2/serverless", ["name": 1], expecting: 422)
        check("PATCH", "/v2/serverless/{id}", "/v2/serverless/\(id)", ["color": 1], expecting: 422)
        check("GET", "/v2/serverless/{id}", "/v2/serverless/none", expecting: 404)
        check("PUT", "/v2/account/ssh-keys", "/v2/account/ssh-keys", expecting: 404)
        for window in 0..<60 where window < 60 { _ = bench.call("GET", "/v2/serverless") }
        check("GET", "/v2/serverless", "/v2/serverless", expecting: 429)
    }

    @Test("templates, the catalogue and the bill are what they declare")
    mutating func others() {
        let body: WireJSON = [
            "name": "t", "image": "acme/t:1", "serverless": true, "mounts": ["persistent": ["size": 20, "path": "/w"]],
        ]
        check("POST", "/v2/templates", "/v2/templates", body, expecting: 201)
        check("GET", "/v2/templates", "/v2/templates", expecting: 200)
        let id = bench.world.accounts.values.first?.templates.keys.first?.text ?? "none"
        check("GET", "/v2/templates/{id}", "/v2/templates/\(id)", expecting: 200)
        check("PATCH", "/v2/templates/{id}", "/v2/templates/\(id)", ["disk": 7], expecting: 200)
        check("DELETE", "/v2/templates/{id}", "/v2/templates/\(id)", expecting: 204)
        for query in ["", "?include=AVAILABILITY&product=SERVERLESS"] {
            check("GET", "/v2/catalog/gpus", "/v2/catalog/gpus\(query)", expecting: 200)
            check("GET", "/v2/catalog/gpus/{id}", "/v2/catalog/gpus/NVIDIA%20L4\(query)", expecting: 200)
        }
        check("GET", "/v2/catalog/cpus", "/v2/catalog/cpus", expecting: 200)
        check("GET", "/v2/catalog/datacenters", "/v2/catalog/datacenters?include=GPU_AVAILABILITY", expecting: 200)
        check("GET", "/v2/catalog/datacenters/{id}", "/v2/catalog/datacenters/EU-RO-1", expecting: 200)
        _ = bench.create(["workers": ["min": 1, "max": 1]])
        bench.pass(.days(3))
        check("GET", "/v2/billing/serverless", "/v2/billing/serverless?bucketSize=hour", expecting: 200)
        check("GET", "/v2/billing/endpoints", "/v2/billing/endpoints", expecting: 200)
    }

    @Test("request bodies know the members that the specification knows, and require the same")
    func bodies() {
        let shapes: [(String, BodyShape)] = [
            ("CreateEndpointRequest", .createEndpoint), ("UpdateEndpointRequest", .updateEndpoint),
            ("CreateTemplateRequest", .createTemplate), ("UpdateTemplateRequest", .updateTemplate),
        ]
        for (name, shape) in shapes {
            let schema = specification.component(name)
            #expect(specification.propertyNames(of: schema) == Set(shape.members.keys), "\(name)")
            let required = (schema["allOf"]?.array ?? []).flatMap { $0["required"]?.strings ?? [] }
            #expect(Set(required) == Set(shape.required), "\(name)")
        }
    }

    @Test("the checker finds what is wrong")
    func checker() {
        let schema = specification.component("Endpoint")
        let problems = specification.problems(of: ["id": 1, "flashboot": "MAYBE"], against: schema)
        #expect(problems.contains { $0.hasPrefix("$.id") } && problems.contains { $0.hasPrefix("$.flashboot") })
        #expect(problems.contains("$: scaling is missing"))
    }
}
