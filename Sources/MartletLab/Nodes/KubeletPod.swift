import KubernetesModel

/// A Pod as a kubelet reads it: what to run, and what is asked of it now.
struct KubeletPod: KubernetesObject, Equatable {
    static let resourceType = Pod.resourceType
    /// Asks for a real process instead of a pretended container, if its value is `process`.
    static let runAnnotation = "lab.martlet.dev/run"

    var metadata: ObjectMeta
    var spec: Spec
    var status: Status?

    struct Spec: Codable, Sendable, Equatable {
        var nodeName: String?
        var restartPolicy: RestartPolicy?
        var containers: [Container]
    }

    struct Container: Codable, Sendable, Equatable {
        var name: String
        var image: String?
        var command: [String]?
        var args: [String]?
        var workingDir: String?
        var env: [Variable]?
    }

    struct Variable: Codable, Sendable, Equatable {
        var name: String
        var value: String?
        var valueFrom: Source?
    }

    struct Source: Codable, Sendable, Equatable {
        var fieldRef: FieldReference?
        var secretKeyRef: SecretKeyReference?
    }

    struct FieldReference: Codable, Sendable, Equatable { var fieldPath: String }

    struct SecretKeyReference: Codable, Sendable, Hashable {
        var name: String
        var key: String
    }

    enum RestartPolicy: String, Codable, Sendable {
        case always = "Always"
        case onFailure = "OnFailure"
        case never = "Never"
    }

    struct Status: Codable, Sendable, Equatable {
        var phase: String?
        var conditions: [Condition]?
    }

    /// Only what must be handed back when the list of conditions is written.
    struct Condition: Codable, Sendable, Equatable {
        var type: String
        var status: String
        var reason: String?
        var message: String?
        var lastTransitionTime: Timestamp?
    }

    /// Whether the status says of a Pod that runs that it is not ready.
    var isRunningUnready: Bool {
        status?.phase == PodPhase.running.rawValue
            && status?.conditions?.contains { $0.type == "Ready" && $0.status == "False" } == true
    }

    var runsProcess: Bool { metadata.annotations?[Self.runAnnotation] == "process" }
}
