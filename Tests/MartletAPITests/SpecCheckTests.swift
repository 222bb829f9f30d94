import FoundationEssentials
@testable import MartletAPI
import Testing

@Suite("Checks of a spec")
struct SpecCheckTests {
    /// The minimal spec with one text replaced by another.
    private func changed(_ old: String, _ new: String) throws -> InferenceEndpoint {
        #expect(minimal.contains(old))
        return try endpoint(spec: minimal.replacing(old, with: new))
    }

    @Test(
        "Each mistake has its reason",
        arguments: [
            (#""celery": {}"#, #""tasksPerReplica": 1"#, SpecProblemReason.queueKindMissing),
            (#""celery": {}"#, #""celery": {}, "list": {"key": "a"}"#, .queueKindAmbiguous),
            (#""celery": {}"#, #""stream": {"key": ""}"#, .invalidKey),
            (#""celery": {}"#, #""stream": {"key": "a", "group": ""}"#, .invalidKey),
            (#""celery": {}"#, #""stream": {"key": "a"}, "sortedSet": {"key": "a"}"#, .queueKindAmbiguous),
            (#""celery": {}"#, #""sortedSet": {"key": ""}"#, .invalidKey),
            (#""celery": {}"#, #""sortedSet": {"key": "a", "inFlightKeys": ["a"]}"#, .invalidKey),
            (#""celery": {}"#, #""sortedSet": {"key": "a", "inFlightKeys": ["b:{pod}", ""]}"#, .invalidKey),
            (#""celery": {}"#, #""celery": {}, "tasksPerReplica": 0"#, .outOfRange),
            (#""celery": {}"#, #""celery": {}, "activationTasks": -1"#, .outOfRange),
            (#""celery": {}"#, #""celery": {"queues": []}"#, .outOfRange),
            (#""celery": {}"#, #""celery": {"queues": [""]}"#, .invalidKey),
            (#""celery": {}"#, #""celery": {"queues": ["a", "a"]}"#, .invalidKey),
            (#""celery": {}"#, #""celery": {"priorities": [0, 256]}"#, .invalidPriorities),
            (#""celery": {}"#, #""celery": {"priorities": [3, 3]}"#, .invalidPriorities),
            (#""celery": {}"#, #""celery": {"unackedKey": ""}"#, .invalidKey),
            (#""celery": {}"#, #""list": {"key": ""}"#, .invalidKey),
            (#""celery": {}"#, #""list": {"key": "a", "inFlightKeys": ["a"]}"#, .invalidKey),
            (#"["redis.dev.svc:6379"]"#, "[]", .invalidAddress),
            (#"["redis.dev.svc:6379"]"#, #"["redis"]"#, .invalidAddress),
            (#"["redis.dev.svc:6379"]"#, #"["a:1", "b:1"]"#, .invalidAddress),
            (#"["redis.dev.svc:6379"]"#, #"["a:1"], "mode": "Sentinel""#, .sentinelMasterMissing),
            (#"["redis.dev.svc:6379"]"#, #"["a:1"], "mode": "Sentinel", "sentinelMaster": "a b""#, .invalidName),
            (#"["redis.dev.svc:6379"]"#, #"["a:1"], "sentinelMaster": "m""#, .notOfMode),
            (#"["redis.dev.svc:6379"]"#, #"["a:1"], "sentinelCredentialsSecretRef": {"name": "a"}"#, .notOfMode),
            (#"["redis.dev.svc:6379"]"#, #"["a:1"], "mode": "Cluster", "sentinelMaster": "m""#, .notOfMode),
            (#"["redis.dev.svc:6379"]"#, #"["a:1"], "database": 4000"#, .outOfRange),
            (#"["redis.dev.svc:6379"]"#, #"["a:1"], "pollSeconds": 0"#, .outOfRange),
            (#"["redis.dev.svc:6379"]"#, #"["a:1"], "credentialsSecretRef": {"name": "A"}"#, .invalidName),
            (
                #"["redis.dev.svc:6379"]"#, #"["a:1"], "credentialsSecretRef": {"name": "a", "passwordKey": "../b"}"#,
                .invalidName
            ),
            (#"["redis.dev.svc:6379"]"#, #"["a:1"], "tls": {"caSecretRef": {"name": ""}}"#, .invalidName),
            (#"{"redis": {"addresses": ["redis.dev.svc:6379"]}, "celery": {}}"#, #"{"celery": {}}"#, .queueMissing),
            (#"{"name": "worker"}"#, #"{"name": "worker", "kind": "DaemonSet"}"#, .targetKindUnsupported),
            (#"{"name": "worker"}"#, #"{"name": "worker", "apiVersion": "batch/v1"}"#, .targetKindUnsupported),
            (#"{"name": "worker"}"#, #"{"name": "Worker"}"#, .invalidName),
            (#""targetRef": {"name": "worker"}"#, #""maxReplicas": 3"#, .targetMissing),
            (#"{"name": "worker"}"#, #"{"name": "worker"}, "minReplicas": 11"#, .minAboveMax),
            (#"{"name": "worker"}"#, #"{"name": "worker"}, "maxReplicas": 0"#, .outOfRange),
            (#"{"name": "worker"}"#, #"{"name": "worker"}, "onReadingLost": {"replicas": 11}"#, .fallbackAboveMax),
            (#"{"name": "worker"}"#, #"{"name": "worker"}, "scaleDown": {"maxBusySeconds": 1}"#, .outOfRange),
            (#"{"name": "worker"}"#, #"{"name": "worker"}, "gpuLimit": -1"#, .outOfRange),
            (#"{"name": "worker"}"#, #"{"name": "worker"}, "pricePerReplicaHourUSD": "1e9""#, .invalidPrice),
            (#"{"name": "worker"}"#, #"{"name": "worker"}, "onDemand": {"targetRef": {"name": "b"}}"#, .notImplemented),
            (#"{"queue""#, #"{"runpod": {"image": "a", "gpu": {"pools": ["ADA_24"]}}, "queue""#, .credentialsMissing),
            (
                #"{"queue""#,
                #"{"runpod": {"credentialsSecretRef": {"name": "runpod"}, "gpu": {"pools": ["ADA_24"]}}, "queue""#,
                .imageMissing
            ),
            (
                #"{"queue""#,
                #"{"runpod": {"credentialsSecretRef": {"name": "runpod"}, "image": "a", "templateId": "b", "gpu": {"pools": ["ADA_24"]}}, "queue""#,
                .imageAmbiguous
            ),
            (
                #"{"queue""#, #"{"runpod": {"credentialsSecretRef": {"name": "runpod"}, "image": "a"}, "queue""#,
                .poolsMissing
            ),
            (
                #"{"queue""#,
                #"{"runpod": {"credentialsSecretRef": {"name": "runpod"}, "image": "a", "gpu": {"pools": ["ADA_24"]}, "workers": {"min": 4}}, "queue""#,
                .minAboveMax
            ),
            (
                #"{"queue""#,
                #"{"runpod": {"credentialsSecretRef": {"name": "runpod"}, "image": "a", "gpu": {"pools": ["NVIDIA GeForce RTX 3090"]}}, "queue""#,
                .invalidName
            ),
            (
                #"{"queue""#,
                #"{"runpod": {"credentialsSecretRef": {"name": "runpod"}, "adoptEndpointId": "../x"}, "queue""#,
                .invalidName
            ),
            (
                #"{"queue""#,
                #"{"runpod": {"credentialsSecretRef": {"name": "runpod"}, "image": "a", "gpu": {"pools": ["ADA_24"]}, "env": [{"name": "MARTLET_OWNER", "value": "a"}]}, "queue""#,
                .reservedVariable
            ),
            (
                #"{"queue""#,
                #"{"runpod": {"credentialsSecretRef": {"name": "runpod"}, "image": "a", "gpu": {"pools": ["ADA_24"]}, "env": [{"name": "A", "value": "a", "secretKeyRef": {"name": "b", "key": "c"}}]}, "queue""#,
                .variableAmbiguous
            ),
            (
                #"{"queue""#,
                #"{"runpod": {"credentialsSecretRef": {"name": "runpod"}, "image": "a", "gpu": {"pools": ["ADA_24"]}, "executionTimeoutSeconds": 1}, "queue""#,
                .outOfRange
            ),
            (#"{"queue""#, #"{"connection": {"configMapName": "a"}, "queue""#, .connectionWithoutRunPod),
        ])
    func reason(old: String, new: String, reason: SpecProblemReason) throws {
        let object = try changed(old, new)
        #expect(object.reasons == [reason])
        #expect(object.problems.allSatisfy { $0.field.hasPrefix("spec") && !$0.message.isEmpty })
    }

    @Test("A cluster has no database but 0")
    func clusterDatabase() throws {
        let cluster = #"["a:1", "b:1"], "mode": "Cluster", "database": "#
        #expect(try changed(#"["redis.dev.svc:6379"]"#, cluster + "1").reasons == [.outOfRange])
        #expect(try changed(#"["redis.dev.svc:6379"]"#, cluster + "0").reasons == [])
    }

    @Test("Workers without a queue and a queue without workers are both told")
    func halves() throws {
        #expect(try endpoint(spec: #"{"workers": {"targetRef": {"name": "a"}}}"#).reasons == [.queueMissing])
        #expect(try endpoint(spec: "{}").reasons == [.workersMissing])
    }

    @Test("Several mistakes are told at once")
    func several() throws {
        let object = try changed(
            #"{"name": "worker"}"#, #"{"name": "X"}, "minReplicas": 5, "maxReplicas": 2, "gpuLimit": -3"#)
        #expect(Set(object.reasons) == [.invalidName, .minAboveMax, .outOfRange])
    }

    @Test("Names may have 253 characters and no more")
    func longNames() throws {
        let longest = Array(repeating: String(repeating: "a", count: 63), count: 4).joined(separator: ".").dropLast(2)
        #expect(longest.count == 253)
        #expect(try changed(#"{"name": "worker"}"#, #"{"name": "\#(longest)"}"#).reasons == [])
        #expect(try changed(#"{"name": "worker"}"#, #"{"name": "\#(longest)b"}"#).reasons == [.invalidName])
    }

    @Test("The greatest numbers allowed are accepted")
    func greatest() throws {
        let object = try changed(
            #"{"name": "worker"}"#,
            #"{"name": "worker"}, "maxReplicas": 10000, "minReplicas": 10000, "gpuLimit": 100000"#)
        #expect(object.reasons == [])
    }

    @Test(
        "Addresses are host:port",
        arguments: [
            ("redis:6379", "redis", 6379), ("redis.dev.svc.cluster.local.:1", "redis.dev.svc.cluster.local.", 1),
            ("10.0.0.1:65535", "10.0.0.1", 65535), ("[fd00::1]:6379", "fd00::1", 6379),
            ("[::ffff:10.0.0.1]:6379", "::ffff:10.0.0.1", 6379), ("my_redis:6379", "my_redis", 6379),
        ])
    func addresses(text: String, host: String, port: Int) throws {
        let address = try #require(HostPort(text))
        #expect(address == HostPort(host: host, port: port))
        #expect(address.description == text)
    }

    @Test(
        "Anything else is no address",
        arguments: [
            "", ":", "redis", "redis:", ":6379", "redis:0", "redis:65536", "redis:-1", "redis:+1", "redis:6379 ",
            " redis:6379", "redis://a:1", "user:pw@redis:1", "fd00::1:6379", "[fd00::1]", "[redis]:1", "[]:1", "a..b:1",
            "-a:1", "a/b:1", "é:1", "redis:６３", "a\0b:1",
        ])
    func noAddresses(text: String) { #expect(HostPort(text) == nil) }

    @Test("A host of endless length is no address")
    func endless() { #expect(HostPort(String(repeating: "a", count: 1_000_000) + ":1") == nil) }
}

@Suite("Celery's keys")
struct CeleryQueueTests {
    @Test("Priority steps are suffixed as kombu does, the prefix leads every key")
    func keys() {
        let queue = CeleryQueue(queues: ["celery", "gpu"], priorities: [0, 3], keyPrefix: "p:", unackedKey: "unacked")
        #expect(
            queue.waitingKeys == ["p:celery", "p:celery\u{06}\u{16}3", "p:gpu", "p:gpu\u{06}\u{16}3"])
        #expect(queue.inFlightKey == "p:unacked")
        #expect(queue.workerChannels(database: 4).first == "p:/4.celeryev/worker.heartbeat")
    }
}
