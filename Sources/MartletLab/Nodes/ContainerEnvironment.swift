import KubernetesModel

/// Why a container can't be configured. Holds names only, never the value of a Secret.
enum ContainerConfigurationError: Error, Equatable, CustomStringConvertible {
    case noCommand(container: String)
    case unsupportedSource(variable: String)
    case unsupportedField(String)
    case missingSecretKey(secret: String, key: String)

    var description: String {
        switch self {
        case .noCommand(let container): "container \(container) has no command; the laboratory has no images"
        case .unsupportedSource(let variable): "variable \(variable) has a source that the laboratory does not know"
        case .unsupportedField(let path): "field \(path) is not known to the laboratory"
        case .missingSecretKey(let secret, let key): "secret \(secret) has no key \(key)"
        }
    }
}

/// What the laboratory gives each process besides what its Pod asks for.
struct ProcessSurroundings: Sendable, Equatable {
    /// `PATH` and the like, which would come from the image.
    var variables: [String: String]
    /// For containers without `workingDir`.
    var workingDirectory: String
    var logDirectory: String
}

extension ProcessSpec {
    /// The first container of `pod` as a process. `secrets` holds the values that `pod.secretKeys` names.
    init(
        _ pod: KubeletPod, podIP: String, secrets: [KubeletPod.SecretKeyReference: String],
        in surroundings: ProcessSurroundings
    ) throws(ContainerConfigurationError) {
        guard let container = pod.spec.containers.first else { throw .noCommand(container: "") }
        var environment = surroundings.variables
        environment["HOSTNAME"] = pod.key.name
        for variable in container.env ?? [] {
            environment[variable.name] = try pod.value(
                of: variable, podIP: podIP, secrets: secrets, defined: environment)
        }
        let words = ((container.command ?? []) + (container.args ?? [])).map {
            expandVariables(in: $0, using: environment)
        }
        guard let executable = words.first else { throw .noCommand(container: container.name) }
        self.init(
            executable: executable, arguments: Array(words.dropFirst()), environment: environment,
            workingDirectory: container.workingDir ?? surroundings.workingDirectory,
            logFile: "\(surroundings.logDirectory)/\(pod.key.name).log")
    }
}

extension KubeletPod {
    /// The keys of Secrets that must be read before the first container can be started.
    var secretKeys: [SecretKeyReference] {
        (spec.containers.first?.env ?? []).compactMap { $0.valueFrom?.secretKeyRef }
    }

    fileprivate func value(
        of variable: Variable, podIP: String, secrets: [SecretKeyReference: String], defined: [String: String]
    ) throws(ContainerConfigurationError) -> String {
        guard let source = variable.valueFrom else {
            return expandVariables(in: variable.value ?? "", using: defined)
        }
        if let field = source.fieldRef { return try value(ofField: field.fieldPath, podIP: podIP) }
        guard let reference = source.secretKeyRef else { throw .unsupportedSource(variable: variable.name) }
        guard let secret = secrets[reference] else {
            throw .missingSecretKey(secret: reference.name, key: reference.key)
        }
        return secret
    }

    private func value(ofField path: String, podIP: String) throws(ContainerConfigurationError) -> String {
        switch path {
        case "metadata.name": return key.name
        case "metadata.namespace": return key.namespace
        case "metadata.uid": return metadata.uid ?? ""
        case "spec.nodeName": return spec.nodeName ?? ""
        case "status.podIP": return podIP
        default: break
        }
        for (prefix, values) in [
            ("metadata.labels['", metadata.labels), ("metadata.annotations['", metadata.annotations),
        ] where path.hasPrefix(prefix) && path.hasSuffix("']") {
            return values?[String(path.dropFirst(prefix.count).dropLast(2))] ?? ""
        }
        throw .unsupportedField(path)
    }
}
