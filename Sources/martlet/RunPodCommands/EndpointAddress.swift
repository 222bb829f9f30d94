internal import KubernetesModel
internal import MartletAPI
internal import RunPod

/// What an InferenceEndpoint's object says about where its jobs go.
struct EndpointAddress: Equatable {
    var id: EndpointID
    /// The Secret of the API key, and the key in it.
    var secret: ObjectKey
    var secretKey: String

    /// Throws what to do where there is no RunPod endpoint.
    init(_ object: InferenceEndpoint) throws(CommandFailure) {
        let name = object.key.name
        let credentials = try Self.credentials(of: object)
        let status = object.status
        guard let text = status?.runpod?.endpointId else {
            if status?.schedule?.open == false {
                throw CommandFailure(Self.closed(object) + " It has no endpoint now.")
            }
            guard let condition = status?.conditions?["RunPodReady"], condition.status != .yes else {
                throw CommandFailure(
                    "\(name) has no RunPod endpoint yet: the operator has not created it. Is one running? "
                        + "martlet status \(name)")
            }
            throw CommandFailure("\(name) has no RunPod endpoint yet: \(condition.reason): \(condition.message)")
        }
        guard let id = EndpointID(text) else { throw CommandFailure("\(name): its status names no endpoint id") }
        self.id = id
        secret = ObjectKey(namespace: object.key.namespace, name: credentials.name)
        secretKey = credentials.key
    }

    /// Where the API key of an object is. Throws what is wrong with the object.
    static func credentials(of object: InferenceEndpoint) throws(CommandFailure) -> ResolvedSecretKey {
        switch object.resolution {
        case .accepted(let spec):
            guard let runpod = spec.runpod else {
                throw CommandFailure("\(object.key.name) has no runpod part, so it has no jobs on RunPod")
            }
            return runpod.credentials
        case .refused(let problems):
            throw CommandFailure(
                "the spec of \(object.key.name) is refused: \(problems.map { "\($0)" }.joined(separator: "; "))")
        }
    }

    /// Why a job would wait in vain, with what to do; nil: the schedules let jobs run.
    static func closedProblem(_ object: InferenceEndpoint) -> CommandFailure? {
        guard object.status?.schedule?.open == false else { return nil }
        return CommandFailure(closed(object) + " --even-if-closed queues the job for the next opening.")
    }

    private static func closed(_ object: InferenceEndpoint) -> String {
        let schedule = object.status?.schedule
        let by = schedule?.by.map { " by \($0)" } ?? ""
        let until = schedule?.nextTransitionTime.map { " until \($0)" } ?? ""
        return "\(object.key.name) is closed\(by)\(until): no worker takes jobs. "
            + "Open it: martlet open \(object.key.name)."
    }
}
