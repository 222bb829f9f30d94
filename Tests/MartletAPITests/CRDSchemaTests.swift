import FoundationEssentials
import KubernetesModel
import Testing
import YAML

@testable import MartletAPI

/// The part of a structural schema that the tests look at.
private final class Schema: Decodable, Sendable {
    let type: String
    let description: String?
    let properties: [String: Schema]?
    let required: [String]?
    let items: Schema?
    let minimum: Int?
    let maximum: Int?
    let maxLength: Int?
    let maxItems: Int?
    let choices: [String]?
    let listType: String?

    enum CodingKeys: String, CodingKey {
        case type, description, properties, required, items, minimum, maximum, maxLength, maxItems
        case choices = "enum"
        case listType = "x-kubernetes-list-type"
    }

    subscript(path: String) -> Schema? {
        path.split(separator: ".").reduce(self) { schema, name in schema?.properties?[String(name)] }
    }
}

private struct Definition: Decodable {
    struct Spec: Decodable {
        struct Names: Decodable {
            var kind: String
            var plural: String
            var shortNames: [String]
            var categories: [String]
        }
        struct Version: Decodable {
            struct Wrapper: Decodable { var openAPIV3Schema: Schema }
            struct Column: Decodable {
                var name: String
                var jsonPath: String
            }
            var name: String
            var schema: Wrapper
            var additionalPrinterColumns: [Column]
        }
        var group: String
        var names: Names
        var versions: [Version]
    }
    var spec: Spec
}

@Suite("The CRD says what the code says")
struct CRDSchemaTests {
    private let definition: Definition
    private let root: Schema

    init() throws {
        // Tests/MartletAPITests/CRDSchemaTests.swift is three levels below the root of the package.
        let root = String(#filePath.split(separator: "/").dropLast(3).joined(separator: "/"))
        let bytes = try Data(contentsOf: URL(filePath: "/\(root)/crds/inferenceendpoints.martlet.dev.yaml"))
        let read = try YAMLDecoder().decode(Definition.self, from: Array(bytes))
        definition = read
        self.root = try #require(read.spec.versions.first).schema.openAPIV3Schema
    }

    @Test("It is the kind that the code asks for")
    func kind() {
        let type = InferenceEndpoint.resourceType
        #expect(definition.spec.group == type.group)
        #expect(definition.spec.names.kind == type.kind)
        #expect(definition.spec.names.plural == type.plural)
        #expect(definition.spec.versions.map(\.name) == [type.version])
        #expect(definition.spec.names.shortNames == ["iep"])
        #expect(definition.spec.names.categories == ["martlet"])
        let columns = definition.spec.versions[0].additionalPrinterColumns
        #expect(columns.map(\.name) == ["Open", "Queue", "Workers", "RunPod", "Ready", "Reason", "Age"])
    }

    @Test("Every field has a description, every leaf bounds, every list a length and a type")
    func bounds() {
        func walk(_ schema: Schema, at path: String) {
            #expect(schema.description?.isEmpty == false, "\(path) has no description")
            switch schema.type {
            case "object":
                for (name, property) in schema.properties ?? [:] where path != "" || name == "spec" || name == "status"
                {
                    walk(property, at: "\(path).\(name)")
                }
            case "array":
                #expect(schema.maxItems != nil, "\(path) has no maxItems")
                #expect(schema.listType != nil, "\(path) has no list type")
                if let items = schema.items { walk(items, at: "\(path)[]") }
            case "string": #expect(schema.maxLength != nil || schema.choices != nil, "\(path) has no maxLength")
            case "integer": #expect(schema.minimum != nil && schema.maximum != nil, "\(path) has no bounds")
            case "boolean": break
            default: Issue.record("\(path) is a \(schema.type)")
            }
        }
        walk(root, at: "")
    }

    @Test("Every field of the types is in the schema, and every field of the schema in the types")
    func fields() throws {
        /// No type renames a field, so its properties bear the names that it reads and writes.
        func compare(_ path: String, _ value: Any) throws {
            var schema = try #require(root[path], "\(path) is not in the schema")
            if let items = schema.items { schema = items }
            let names = Mirror(reflecting: value).children.compactMap(\.label)
            #expect(schema.properties?.keys.sorted() == names.sorted(), "\(path)")
        }
        let target = TargetRef(name: "")
        let time = Timestamp(Date(timeIntervalSince1970: 0))
        try compare("spec", InferenceEndpointSpec())
        try compare("spec.queue", QueueSpec())
        try compare("spec.queue.redis", RedisSpec())
        try compare("spec.queue.redis.credentialsSecretRef", RedisCredentialsRef(name: ""))
        try compare("spec.queue.redis.tls", RedisTLSSpec())
        try compare("spec.queue.redis.tls.caSecretRef", SecretKeyRef(name: ""))
        try compare("spec.queue.redis.tls.certificateSecretRef", SecretRef(name: ""))
        try compare("spec.queue.celery", CelerySpec())
        try compare("spec.queue.list", ListSpec(key: ""))
        try compare("spec.queue.stream", StreamSpec(key: ""))
        try compare("spec.queue.sortedSet", SortedSetSpec(key: ""))
        try compare("spec.workers", WorkersSpec())
        try compare("spec.workers.targetRef", target)
        try compare("spec.workers.scaleUp", ScaleUpSpec())
        try compare("spec.workers.scaleDown", ScaleDownSpec())
        try compare("spec.workers.onReadingLost", ReadingLostSpec())
        try compare("spec.workers.closing", ClosingSpec())
        try compare("spec.workers.interruption", InterruptionSpec())
        try compare("spec.workers.onDemand", OnDemandSpec(targetRef: target))
        try compare("spec.workers.onDemand.targetRef", target)
        try compare("spec.runpod", RunPodSpec())
        try compare("spec.runpod.credentialsSecretRef", SecretKeyRef(name: ""))
        try compare("spec.runpod.env", RunPodEnvironmentVariable(name: ""))
        try compare("spec.runpod.gpu", RunPodGPUSpec())
        try compare("spec.runpod.workers", RunPodWorkersSpec())
        try compare("spec.runpod.scaling", RunPodScalingSpec())
        try compare("spec.connection", ConnectionSpec(configMapName: ""))
        try compare("spec.mirror", MirrorSpec())
        try compare(
            "spec.mirror.supabase", SupabaseMirrorSpec(url: "", credentialsSecretRef: SecretKeyRef(name: "")))
        try compare("status", InferenceEndpointStatus())
        try compare(
            "status.conditions",
            Condition(
                type: "", status: .yes, reason: "", message: "", lastTransitionTime: time, observedGeneration: nil))
        try compare("status.workers", WorkersStatus())
        try compare(
            "status.workers.decision",
            DecisionStatus(
                time: time, demand: nil, waiting: nil, inFlight: nil, busy: 0, idle: 0, unknown: 0, current: 0,
                desired: 0,
                steps: []))
        try compare("status.queue", QueueStatus())
        try compare("status.schedule", ScheduleStatus())
        try compare("status.runpod", RunPodStatus())
        try compare("status.runpod.intent", RunPodIntent(name: "", time: time))
        try compare("status.runpod.workers", RunPodWorkersStatus())
        try compare("status.runpod.jobs", RunPodJobsStatus())
    }

    @Test("The bounds of the schema are those that the operator checks")
    func limits() throws {
        func bound(_ path: String) throws -> ClosedRange<Int> {
            let schema = try #require(root[path])
            return try #require(schema.minimum)...(try #require(schema.maximum))
        }
        let seconds = 0...SpecLimits.seconds
        #expect(try bound("spec.workers.minReplicas") == 0...SpecLimits.replicas)
        #expect(try bound("spec.workers.maxReplicas") == 1...SpecLimits.replicas)
        #expect(try bound("spec.workers.scaleDown.cooldownSeconds") == seconds)
        #expect(try bound("spec.workers.scaleDown.stabilizationSeconds") == seconds)
        #expect(try bound("spec.workers.scaleDown.maxBusySeconds") == 60...SpecLimits.seconds)
        #expect(try bound("spec.workers.closing.drainSeconds") == seconds)
        #expect(try bound("spec.workers.gpuLimit") == 0...SpecLimits.gpus)
        #expect(try bound("spec.queue.tasksPerReplica") == 1...SpecLimits.tasks)
        #expect(try bound("spec.queue.activationTasks") == 0...SpecLimits.tasks)
        #expect(try bound("spec.queue.redis.database") == 0...SpecLimits.database)
        #expect(root["spec.queue.redis.addresses"]?.maxItems == SpecLimits.addresses)
        #expect(root["spec.queue.redis.addresses"]?.items?.maxLength == HostPort.maxLength)
        #expect(root["spec.queue.celery.queues"]?.maxItems == SpecLimits.queues)
        #expect(root["spec.queue.celery.priorities"]?.maxItems == SpecLimits.priorities)
        #expect(root["spec.queue.list.inFlightKeys"]?.maxItems == SpecLimits.inFlightKeys)
        #expect(root["spec.queue.sortedSet.inFlightKeys"]?.maxItems == SpecLimits.inFlightKeys)
        #expect(root["spec.queue.stream.group"]?.maxLength == SpecLimits.redisKeyLength)
        #expect(root["spec.queue.list.key"]?.maxLength == SpecLimits.redisKeyLength)
        #expect(root["spec.workers.targetRef.name"]?.maxLength == SpecLimits.nameLength)
        #expect(root["status.workers.decision.steps"]?.maxItems == DecisionStatus.maxSteps)
        #expect(root["status.workers.decision.steps"]?.items?.maxLength == DecisionStatus.maxStepLength)
    }
}
