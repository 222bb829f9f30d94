extension RunPodSpec {
    /// Set at create by the operator itself: by this variable it knows an endpoint for its own.
    public static let ownerVariable = "MARTLET_OWNER"

    func resolved(_ checks: inout SpecChecks, at path: String) -> ResolvedRunPod {
        let seconds = 0...SpecLimits.seconds
        let adopted = adoptEndpointId.flatMap { $0.isEmpty ? nil : $0 }
        if let adopted { checks.runPodID(adopted, at: "\(path).adoptEndpointId") }
        for (index, id) in (dataCenterIds ?? []).enumerated() {
            checks.runPodID(id, at: "\(path).dataCenterIds[\(index)]")
        }
        for (index, id) in (networkVolumeIds ?? []).enumerated() {
            checks.runPodID(id, at: "\(path).networkVolumeIds[\(index)]")
        }
        checks.unique(dataCenterIds ?? [], at: "\(path).dataCenterIds", .invalidName)
        checks.unique(networkVolumeIds ?? [], at: "\(path).networkVolumeIds", .invalidName)
        return ResolvedRunPod(
            credentials: resolvedCredentials(&checks, at: "\(path).credentialsSecretRef"),
            adoptEndpointID: adopted,
            container: resolvedContainer(&checks, at: path, isAdopted: adopted != nil),
            env: resolvedVariables(&checks, at: "\(path).env"),
            gpu: resolvedGPU(&checks, at: "\(path).gpu", isAdopted: adopted != nil),
            workers: resolvedWorkers(&checks, at: "\(path).workers"),
            scaling: resolvedScaling(&checks, at: "\(path).scaling"),
            executionTimeoutSeconds: checks.number(
                executionTimeoutSeconds, default: 300, in: 5...SpecLimits.seconds,
                at: "\(path).executionTimeoutSeconds"),
            flashBoot: flashBoot ?? false, dataCenterIDs: dataCenterIds ?? [], networkVolumeIDs: networkVolumeIds ?? [],
            whenClosed: whenClosed ?? .disable,
            drainSeconds: checks.number(drainSeconds, default: 600, in: seconds, at: "\(path).drainSeconds"),
            discardJobs: discardJobs ?? false, deletionPolicy: deletionPolicy ?? .delete)
    }

    private func resolvedCredentials(_ checks: inout SpecChecks, at path: String) -> ResolvedSecretKey {
        guard let credentialsSecretRef else {
            checks.report(
                .credentialsMissing, at: path, "is required: the Secret of this namespace with the RunPod API key")
            return ResolvedSecretKey(name: "", key: "")
        }
        return credentialsSecretRef.resolved(&checks, defaultKey: "apiKey", at: path)
    }

    private func resolvedContainer(
        _ checks: inout SpecChecks, at path: String, isAdopted: Bool
    ) -> RunPodContainer {
        let image = image.flatMap { $0.isEmpty ? nil : $0 }
        let template = templateId.flatMap { $0.isEmpty ? nil : $0 }
        switch (image, template) {
        case (let image?, nil):
            let isText = image.utf8.count <= SpecLimits.imageLength && image.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
            if !isText { checks.report(.invalidName, at: "\(path).image", "must be the name of a container image") }
            return .image(image)
        case (nil, let template?):
            checks.runPodID(template, at: "\(path).templateId")
            return .template(id: template)
        case (nil, nil):
            if !isAdopted {
                checks.report(.imageMissing, at: path, "must have image or templateId: what the workers run")
            }
            return .adopted
        case (.some, .some):
            checks.report(.imageAmbiguous, at: path, "must have either image or templateId, not both")
            return .adopted
        }
    }

    private func resolvedVariables(_ checks: inout SpecChecks, at path: String) -> [ResolvedVariable] {
        let env = env ?? []
        checks.count(env.count, in: 0...SpecLimits.variables, at: path, of: "variables")
        checks.unique(env.map(\.name), at: path, .invalidName)
        return env.enumerated().map { index, variable in
            let path = "\(path)[\(index)]"
            let isName =
                (1...SpecLimits.variableNameLength).contains(variable.name.utf8.count)
                && variable.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x3d }
            if !isName {
                checks.report(.invalidName, at: "\(path).name", "must be a variable's name, without '=' and spaces")
            }
            if variable.name == Self.ownerVariable {
                checks.report(
                    .reservedVariable, at: "\(path).name",
                    "is set by Martlet itself, which knows its endpoints by it; remove it")
            }
            switch (variable.value, variable.secretKeyRef) {
            case (let value, nil): return ResolvedVariable(name: variable.name, source: .value(value ?? ""))
            case (nil, let reference?):
                let source = reference.resolved(&checks, defaultKey: nil, at: "\(path).secretKeyRef")
                return ResolvedVariable(name: variable.name, source: .secret(source))
            case (.some, .some):
                checks.report(.variableAmbiguous, at: path, "must have either value or secretKeyRef, not both")
                return ResolvedVariable(name: variable.name, source: .value(""))
            }
        }
    }

    private func resolvedGPU(_ checks: inout SpecChecks, at path: String, isAdopted: Bool) -> ResolvedGPU? {
        let pools = gpu?.pools ?? []
        if pools.isEmpty {
            guard isAdopted else {
                checks.report(
                    .poolsMissing, at: "\(path).pools",
                    "is required: GPU pools in order of preference, such as [ADA_24]; `martlet gpus` lists them")
                return nil
            }
            return nil
        }
        checks.count(pools.count, in: 1...SpecLimits.pools, at: "\(path).pools", of: "pools")
        checks.unique(pools, at: "\(path).pools", .invalidName)
        for (index, pool) in pools.enumerated() { checks.runPodID(pool, at: "\(path).pools[\(index)]") }
        return ResolvedGPU(
            pools: pools,
            count: checks.number(gpu?.count, default: 1, in: 1...SpecLimits.gpusPerWorker, at: "\(path).count"))
    }

    private func resolvedWorkers(_ checks: inout SpecChecks, at path: String) -> ResolvedRunPodWorkers {
        let range = 0...SpecLimits.runPodWorkers
        let bounds = ResolvedRunPodWorkers(
            min: checks.number(workers?.min, default: 0, in: range, at: "\(path).min"),
            max: checks.number(workers?.max, default: 3, in: range, at: "\(path).max"),
            idleTimeoutSeconds: (scaling?.type ?? .queueDelay) == .requestCount
                ? nil
                : checks.number(
                    workers?.idleTimeoutSeconds, default: 10, in: 1...3600, at: "\(path).idleTimeoutSeconds"))
        if bounds.min > bounds.max {
            checks.report(.minAboveMax, at: "\(path).min", "\(bounds.min) is above max, which is \(bounds.max)")
        }
        return bounds
    }

    private func resolvedScaling(_ checks: inout SpecChecks, at path: String) -> ResolvedRunPodScaling {
        let value = checks.number(scaling?.value, default: 4, in: 1...3600, at: "\(path).value")
        switch scaling?.type ?? .queueDelay {
        case .queueDelay: return .queueDelay(seconds: value)
        case .requestCount: return .requestCount(perWorker: value)
        }
    }
}

extension SecretKeyRef {
    /// With `defaultKey` where none is named; nil: naming one is required.
    func resolved(_ checks: inout SpecChecks, defaultKey: String?, at path: String) -> ResolvedSecretKey {
        checks.objectName(name, at: "\(path).name")
        guard let key = key ?? defaultKey else {
            checks.report(.invalidName, at: "\(path).key", "is required: the key in that Secret")
            return ResolvedSecretKey(name: name, key: "")
        }
        checks.secretKey(key, at: "\(path).key")
        return ResolvedSecretKey(name: name, key: key)
    }
}

extension SupabaseMirrorSpec {
    func resolved(_ checks: inout SpecChecks, at path: String, objectName: String?) -> ResolvedMirror {
        let table = table ?? "runpod_management"
        let isTable =
            (1...SpecLimits.tableLength).contains(table.utf8.count)
            && table.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f
            }
        if !isTable {
            checks.report(.invalidName, at: "\(path).table", "must be a table's name: letters, digits and '_'")
        }
        let service = serviceName ?? objectName ?? ""
        if !(1...SpecLimits.nameLength).contains(service.utf8.count) {
            checks.report(.invalidName, at: "\(path).serviceName", "must have 1 to \(SpecLimits.nameLength) bytes")
        }
        if !url.hasPrefix("https://") && !url.hasPrefix("http://") || url.utf8.count > SpecLimits.urlLength
            || !url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        {
            checks.report(.invalidURL, at: "\(path).url", "must be an https URL, such as https://example.supabase.co")
        }
        return ResolvedMirror(
            url: url, table: table, serviceName: service,
            credentials: credentialsSecretRef.resolved(
                &checks, defaultKey: "serviceKey", at: "\(path).credentialsSecretRef"))
    }
}
