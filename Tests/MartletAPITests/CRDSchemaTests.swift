import FoundationEssentials
import KubernetesModel
import Testing

@testable import MartletAPI

@Suite("The CRD says what the code says")
struct CRDSchemaTests {
    private let file: CRDFile
    private var definition: Definition { file.definition }
    private var root: Schema { file.root }

    init() throws { file = try CRDFile("inferenceendpoints.martlet.dev") }

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
    func bounds() { file.expectBounds() }

    @Test("Every field of the types is in the schema, and every field of the schema in the types")
    func fields() throws {
        let target = TargetRef(name: "")
        let time = Timestamp(Date(timeIntervalSince1970: 0))
        try file.compare("spec", InferenceEndpointSpec())
        try file.compare("spec.queue", QueueSpec())
        try file.compare("spec.queue.redis", RedisSpec())
        try file.compare("spec.queue.redis.credentialsSecretRef", RedisCredentialsRef(name: ""))
        try file.compare("spec.queue.redis.tls", RedisTLSSpec())
        try file.compare("spec.queue.redis.tls.caSecretRef", SecretKeyRef(name: ""))
        try file.compare("spec.queue.redis.tls.certificateSecretRef", SecretRef(name: ""))
        try file.compare("spec.queue.celery", CelerySpec())
        try file.compare("spec.queue.list", ListSpec(key: ""))
        try file.compare("spec.queue.stream", StreamSpec(key: ""))
        try file.compare("spec.queue.sortedSet", SortedSetSpec(key: ""))
        try file.compare("spec.workers", WorkersSpec())
        try file.compare("spec.workers.targetRef", target)
        try file.compare("spec.workers.scaleUp", ScaleUpSpec())
        try file.compare("spec.workers.scaleDown", ScaleDownSpec())
        try file.compare("spec.workers.onReadingLost", ReadingLostSpec())
        try file.compare("spec.workers.closing", ClosingSpec())
        try file.compare("spec.workers.interruption", InterruptionSpec())
        try file.compare("spec.workers.onDemand", OnDemandSpec(targetRef: target))
        try file.compare("spec.workers.onDemand.targetRef", target)
        try file.compare("spec.runpod", RunPodSpec())
        try file.compare("spec.runpod.credentialsSecretRef", SecretKeyRef(name: ""))
        try file.compare("spec.runpod.env", RunPodEnvironmentVariable(name: ""))
        try file.compare("spec.runpod.gpu", RunPodGPUSpec())
        try file.compare("spec.runpod.workers", RunPodWorkersSpec())
        try file.compare("spec.runpod.scaling", RunPodScalingSpec())
        try file.compare("spec.connection", ConnectionSpec(configMapName: ""))
        try file.compare("spec.mirror", MirrorSpec())
        try file.compare(
            "spec.mirror.supabase", SupabaseMirrorSpec(url: "", credentialsSecretRef: SecretKeyRef(name: "")))
        try file.compare("status", InferenceEndpointStatus())
        try file.compare(
            "status.conditions",
            Condition(
                type: "", status: .yes, reason: "", message: "", lastTransitionTime: time, observedGeneration: nil))
        try file.compare("status.workers", WorkersStatus())
        try file.compare(
            "status.workers.decision",
            DecisionStatus(
                time: time, demand: nil, waiting: nil, inFlight: nil, busy: 0, idle: 0, unknown: 0, current: 0,
                desired: 0,
                steps: []))
        try file.compare("status.queue", QueueStatus())
        try file.compare("status.schedule", ScheduleStatus())
        try file.compare("status.runpod", RunPodStatus())
        try file.compare("status.runpod.intent", RunPodIntent(name: "", time: time))
        try file.compare("status.runpod.workers", RunPodWorkersStatus())
        try file.compare("status.runpod.jobs", RunPodJobsStatus())
    }

    @Test("The bounds of the schema are those that the operator checks")
    func limits() throws {
        let seconds = 0...SpecLimits.seconds
        #expect(try file.bound("spec.workers.minReplicas") == 0...SpecLimits.replicas)
        #expect(try file.bound("spec.workers.maxReplicas") == 1...SpecLimits.replicas)
        #expect(try file.bound("spec.workers.scaleDown.cooldownSeconds") == seconds)
        #expect(try file.bound("spec.workers.scaleDown.stabilizationSeconds") == seconds)
        #expect(try file.bound("spec.workers.scaleDown.maxBusySeconds") == 60...SpecLimits.seconds)
        #expect(try file.bound("spec.workers.closing.drainSeconds") == seconds)
        #expect(try file.bound("spec.workers.gpuLimit") == 0...SpecLimits.gpus)
        #expect(try file.bound("spec.queue.tasksPerReplica") == 1...SpecLimits.tasks)
        #expect(try file.bound("spec.queue.activationTasks") == 0...SpecLimits.tasks)
        #expect(try file.bound("spec.queue.redis.database") == 0...SpecLimits.database)
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
