extension InferenceEndpointSpec {
    /// Checks the spec and fills the defaults in. The checks are those of the CRD's schema and rules, for servers that don't
    /// enforce them (before 1.25) and objects that are older than a rule.
    ///
    /// `name` is the object's own; the mirror's row is named after it unless the spec says otherwise.
    public func resolved(name: String? = nil) -> SpecResolution {
        var checks = SpecChecks()
        if workers == nil, runpod == nil {
            checks.report(
                .workersMissing, at: "spec", "must have workers, the Deployment to scale, or runpod, a RunPod endpoint")
        }
        if workers != nil, queue == nil {
            checks.report(.queueMissing, at: "spec.queue", "is required with workers: it says what they wait for")
        }
        let resolvedWorkers = workers.map { $0.resolved(&checks, at: "spec.workers") }
        let resolvedQueue = queue.flatMap { $0.resolved(&checks, at: "spec.queue") }
        let resolvedRunPod = runpod.map { $0.resolved(&checks, at: "spec.runpod") }
        let resolvedMirror = resolvedMirror(&checks, name)
        if let connection { checks.objectName(connection.configMapName, at: "spec.connection.configMapName") }
        if runpod == nil, connection != nil || mirror != nil {
            checks.report(
                .connectionWithoutRunPod, at: connection != nil ? "spec.connection" : "spec.mirror",
                "needs runpod: what is published is the RunPod endpoint's id and URLs")
        }
        guard checks.problems.isEmpty else { return .refused(checks.problems) }
        let suspend = suspend ?? false
        var scaling: ResolvedScaling?
        if let resolvedWorkers, let resolvedQueue {
            scaling = ResolvedScaling(suspend: suspend, queue: resolvedQueue, workers: resolvedWorkers)
        }
        return .accepted(
            ResolvedEndpoint(
                suspend: suspend, scaling: scaling, runpod: resolvedRunPod,
                connectionConfigMap: connection?.configMapName, mirror: resolvedMirror))
    }

    private func resolvedMirror(_ checks: inout SpecChecks, _ name: String?) -> ResolvedMirror? {
        guard let mirror else { return nil }
        guard let supabase = mirror.supabase else {
            checks.report(.malformed, at: "spec.mirror", "must have supabase: where the connection is mirrored")
            return nil
        }
        return supabase.resolved(&checks, at: "spec.mirror.supabase", objectName: name)
    }

    /// Everything that is wrong with the spec; empty if nothing is.
    public func problems() -> [SpecProblem] {
        switch resolved() {
        case .accepted: []
        case .refused(let problems): problems
        }
    }
}

extension WorkersSpec {
    func resolved(_ checks: inout SpecChecks, at path: String) -> ResolvedWorkers {
        let seconds = 0...SpecLimits.seconds
        let steps = 0...SpecLimits.replicas
        let min = checks.number(minReplicas, default: 0, in: steps, at: "\(path).minReplicas")
        let max = checks.number(maxReplicas, default: 10, in: 1...SpecLimits.replicas, at: "\(path).maxReplicas")
        if min > max {
            checks.report(
                .minAboveMax, at: "\(path).minReplicas", "\(min) is above maxReplicas, which is \(max)")
        }
        if onDemand != nil { checks.notImplemented(at: "\(path).onDemand", "an on-demand target") }
        checkPrice(&checks, at: "\(path).pricePerReplicaHourUSD")
        return ResolvedWorkers(
            target: resolvedTarget(&checks, at: "\(path).targetRef"), minReplicas: min, maxReplicas: max,
            scaleUpMaxStep: checks.number(scaleUp?.maxStep, default: 0, in: steps, at: "\(path).scaleUp.maxStep"),
            scaleDown: ResolvedScaleDown(
                cooldownSeconds: checks.number(
                    scaleDown?.cooldownSeconds, default: 300, in: seconds, at: "\(path).scaleDown.cooldownSeconds"),
                stabilizationSeconds: checks.number(
                    scaleDown?.stabilizationSeconds, default: 60, in: seconds,
                    at: "\(path).scaleDown.stabilizationSeconds"),
                maxStep: checks.number(scaleDown?.maxStep, default: 0, in: steps, at: "\(path).scaleDown.maxStep"),
                maxBusySeconds: checks.number(
                    scaleDown?.maxBusySeconds, default: 3600, in: 60...SpecLimits.seconds,
                    at: "\(path).scaleDown.maxBusySeconds")),
            onReadingLost: resolvedReadingLost(&checks, at: "\(path).onReadingLost", max: max),
            drainSeconds: checks.number(
                closing?.drainSeconds, default: 600, in: seconds, at: "\(path).closing.drainSeconds"),
            onDelete: onDelete ?? .scaleToMin,
            gpuLimit: gpuLimit.map {
                checks.number($0, default: 0, in: 0...SpecLimits.gpus, at: "\(path).gpuLimit")
            },
            pricePerReplicaHourUSD: pricePerReplicaHourUSD)
    }

    private func resolvedTarget(_ checks: inout SpecChecks, at path: String) -> ResolvedTarget {
        guard let targetRef else {
            checks.report(.targetMissing, at: path, "is required: the Deployment or StatefulSet to scale")
            return ResolvedTarget(apiVersion: "apps/v1", kind: "Deployment", name: "")
        }
        let target = ResolvedTarget(
            apiVersion: targetRef.apiVersion ?? "apps/v1", kind: targetRef.kind ?? "Deployment", name: targetRef.name)
        if target.apiVersion != "apps/v1" || !["Deployment", "StatefulSet"].contains(target.kind) {
            checks.report(
                .targetKindUnsupported, at: path, "must be a Deployment or a StatefulSet of apps/v1")
        }
        checks.objectName(target.name, at: "\(path).name")
        return target
    }

    private func resolvedReadingLost(_ checks: inout SpecChecks, at path: String, max: Int) -> ResolvedReadingLost {
        let lost = ResolvedReadingLost(
            afterSeconds: checks.number(
                onReadingLost?.afterSeconds, default: 60, in: 1...SpecLimits.seconds, at: "\(path).afterSeconds"),
            behavior: onReadingLost?.behavior ?? .hold,
            replicas: checks.number(
                onReadingLost?.replicas, default: 1, in: 0...SpecLimits.replicas, at: "\(path).replicas"))
        if lost.replicas > max {
            checks.report(
                .fallbackAboveMax, at: "\(path).replicas", "\(lost.replicas) is above maxReplicas, which is \(max)")
        }
        return lost
    }

    private func checkPrice(_ checks: inout SpecChecks, at path: String) {
        guard let pricePerReplicaHourUSD else { return }
        let parts = pricePerReplicaHourUSD.split(separator: ".", omittingEmptySubsequences: false)
        let isPrice =
            (1...2).contains(parts.count) && (1...6).contains(parts[0].utf8.count)
            && (parts.count == 1 || (1...6).contains(parts[1].utf8.count))
            && parts.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        if !isPrice {
            checks.report(.invalidPrice, at: path, "must be dollars as a decimal text, such as \"0.53\"")
        }
    }
}
