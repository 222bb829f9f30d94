import KubernetesModel
import Testing

/// A spec that must be refused, with the reason for `Accepted=False` and a word of its message.
struct BadSpec: Sendable, CustomTestStringConvertible {
    var name: String
    var reason: String
    var hint: String
    var spec: JSONValue

    var testDescription: String { name }

    /// What only the operator can tell, and what the schema would have told.
    static func all(port: Int) -> [BadSpec] {
        let good = Scene.spec(port: port, target: "taken")
        func row(_ name: String, _ reason: String, _ hint: String = "", _ changes: JSONValue) -> BadSpec {
            BadSpec(name: name, reason: reason, hint: hint, spec: good.merged(with: changes))
        }
        func redis(_ changes: JSONValue) -> JSONValue { ["queue": ["redis": changes]] }
        return [
            row("no-target", "TargetNotFound", "missing", ["workers": ["targetRef": ["name": "missing"]]]),
            row("long-target", "TargetNotFound", "", ["workers": ["targetRef": ["name": .string(longest)]]]),
            row(
                "longer-target", "InvalidName", "targetRef.name",
                ["workers": ["targetRef": ["name": .string(longest + "x")]]]),
            row("slashed-target", "InvalidName", "", ["workers": ["targetRef": ["name": "../secrets/x"]]]),
            row("other-kind", "TargetKindUnsupported", "", ["workers": ["targetRef": ["kind": "DaemonSet"]]]),
            row("no-secret", "SecretNotFound", "absent", redis(["credentialsSecretRef": ["name": "absent"]])),
            row(
                "no-key", "SecretKeyMissing", "pass",
                redis(["credentialsSecretRef": ["name": "redis", "passwordKey": "pass"]])),
            row("no-host", "HostNotFound", "", redis(["addresses": ["no-such-host.invalid:6379"]])),
            row("no-port", "InvalidAddress", "addresses[0]", redis(["addresses": ["redis"]])),
            row("odd-port", "InvalidAddress", "", redis(["addresses": ["redis:99999999999999999999"]])),
            row("two-addresses", "InvalidAddress", "", redis(["addresses": ["a:1", "b:2"]])),
            row("no-address", "InvalidAddress", "", redis(["addresses": []])),
            row("both-kinds", "QueueKindAmbiguous", "celery and list", ["queue": ["celery": ["queues": ["a"]]]]),
            row("no-kind", "QueueKindMissing", "", ["queue": ["list": nil]]),
            row("no-queue", "QueueMissing", "", ["queue": nil]),
            row("no-workers", "WorkersMissing", "", ["workers": nil]),
            row("no-target-ref", "TargetMissing", "", ["workers": ["targetRef": nil]]),
            row("min-above-max", "MinAboveMax", "30", ["workers": ["minReplicas": 30]]),
            row("huge-max", "OutOfRange", "maxReplicas", ["workers": ["maxReplicas": 9_000_000_000_000_000_000]]),
            row("negative-min", "OutOfRange", "minReplicas", ["workers": ["minReplicas": -1]]),
            row("negative-tasks", "OutOfRange", "tasksPerReplica", ["queue": ["tasksPerReplica": -5]]),
            row("no-tasks", "OutOfRange", "tasksPerReplica", ["queue": ["tasksPerReplica": 0]]),
            row(
                "huge-cooldown", "OutOfRange", "cooldown",
                ["workers": ["scaleDown": ["cooldownSeconds": 9_000_000_000_000_000_000]]]),
            row(
                "lowest-cooldown", "OutOfRange", "cooldown",
                ["workers": ["scaleDown": ["cooldownSeconds": .integer(.min)]]]),
            row("huge-database", "OutOfRange", "database", redis(["database": 9_000_000_000_000_000_000])),
            row("huge-gpus", "OutOfRange", "gpuLimit", ["workers": ["gpuLimit": 9_000_000_000_000_000_000]]),
            row("endless-drain", "OutOfRange", "drain", ["workers": ["closing": ["drainSeconds": 999_999_999_999]]]),
            row("high-fallback", "FallbackAboveMax", "", ["workers": ["onReadingLost": ["replicas": 21]]]),
            row(
                "odd-priority", "InvalidPriorities", "", ["queue": ["list": nil, "celery": ["priorities": [0, 999]]]]),
            row("same-priority", "InvalidPriorities", "", ["queue": ["list": nil, "celery": ["priorities": [3, 3]]]]),
            row(
                "long-key", "InvalidKey", "", ["queue": ["list": ["key": .string(String(repeating: "k", count: 513))]]]),
            row("same-key", "InvalidKey", "", ["queue": ["list": ["inFlightKeys": ["jobs"]]]]),
            row("odd-price", "InvalidPrice", "", ["workers": ["pricePerReplicaHourUSD": "a lot"]]),
            row("cluster", "OutOfRange", "database", redis(["mode": "Cluster", "database": 1])),
            row("no-master", "SentinelMasterMissing", "sentinelMaster", redis(["mode": "Sentinel"])),
            row("odd-master", "InvalidName", "master", redis(["mode": "Sentinel", "sentinelMaster": "my master"])),
            row("needless-master", "NotOfMode", "Sentinel", redis(["sentinelMaster": "mymaster"])),
            row("no-group", "InvalidKey", "group", ["queue": ["list": nil, "stream": ["key": "a", "group": ""]]]),
            row(
                "odd-score", "Malformed", "maxScore",
                ["queue": ["list": nil, "sortedSet": ["key": "a", "maxScore": "tomorrow"]]]),
            row("text-for-number", "Malformed", "tasksPerReplica", ["queue": ["tasksPerReplica": "five"]]),
            row("list-for-object", "Malformed", "workers", ["workers": ["a", "b"]]),
            row("object-for-text", "Malformed", "addresses", redis(["addresses": [["host": "a"]]])),
            row("fraction", "Malformed", "spec", ["workers": ["maxReplicas": .number(2.5)]]),
            row("odd-enum", "Malformed", "onDelete", ["workers": ["onDelete": "Explode"]]),
            BadSpec(name: "text-for-spec", reason: "Malformed", hint: "", spec: "hello"),
            BadSpec(name: "empty-spec", reason: "WorkersMissing", hint: "", spec: [:]),
        ]
    }

    private static let longest =
        Array(repeating: String(repeating: "t", count: 62), count: 4).joined(separator: ".") + "xy"

    /// Those that the schema can tell. Of CEL rules (1.25) there are none here: the oldest server has none.
    static let refusedBySchema: [BadSpec] = all(port: 6379).filter {
        [
            "longer-target", "no-port", "no-address", "huge-max", "negative-min", "negative-tasks", "no-tasks",
            "huge-cooldown", "lowest-cooldown", "huge-database", "huge-gpus", "endless-drain", "odd-priority",
            "long-key", "no-group", "odd-score",
            "text-for-number", "list-for-object", "object-for-text", "fraction", "odd-enum", "text-for-spec",
        ].contains($0.name)
    }
}
