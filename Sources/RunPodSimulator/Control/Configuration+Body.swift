extension RunPodWorld {
    /// Reads and checks a body against its shape. Throws the 422.
    func checkedBody(_ request: SimulatedRequest, _ shape: BodyShape) throws(Refusal) -> [String: WireJSON] {
        guard let body = WireJSON(parsing: request.body), let members = body.members else {
            throw Refusal(400, "request body is not a JSON object")
        }
        let problems = shape.problems(with: body, reportsBranch: settings.reportsValidFieldsAsAdditional)
        guard problems.isEmpty else { throw Refusal(Problem.invalid(problems)) }
        return members
    }

    /// What a create asks for. Throws the 400, 404 or 422.
    func configuration(creating body: [String: WireJSON], in account: Account) throws(Refusal) -> Configuration {
        guard (body["gpu"] == nil) != (body["cpu"] == nil) else {
            throw Refusal(400, "exactly one of gpu and cpu must be specified")
        }
        let template = try template(of: body, in: account)
        if template == nil, body["image"] == nil {
            throw Refusal(Problem.invalid(["$: missing property 'image'"]))
        }
        var configuration = Configuration(
            name: body["name"]?.string ?? "", kind: Configuration.Kind(rawValue: body["type"]?.string ?? "") ?? .queue,
            container: template?.container ?? Container(), compute: .cpu([]), workers: WorkerBounds(),
            scaling: .queueDelay(Defaults.queueDelay), dataCenters: [], networkVolumes: [],
            timeout: settings.timeoutWhenOmitted, flashBoot: .off)
        if let gpu = body["gpu"] {
            var selection = GPUSelection(pools: gpu["pools"]?.strings ?? [])
            try selection.apply(gpu)
            // A set beside a floor would make a refusal out of a valid request.
            if gpu["allowedCudaVersions"] == nil, selection.minCudaVersion == nil, let template {
                selection.allowedCudaVersions = template.allowedCudaVersions
            }
            configuration.compute = .gpu(selection)
        }
        if let template, let own = body["env"]?.stringMap {
            configuration.container.environment = template.container.environment.merging(own) { $1 }
        }
        try configuration.apply(body, mergesEnvironment: template != nil)
        try check(configuration, body: body)
        return configuration
    }

    /// What an update makes of `old`: only what the body names changes. Throws the 400, 404 or 422.
    func configuration(
        updating old: Configuration, by body: [String: WireJSON], in account: Account, nonSparse: Bool
    ) throws(Refusal) -> Configuration {
        var configuration = old
        if nonSparse {
            configuration.workers = WorkerBounds()
            configuration.scaling = .queueDelay(Defaults.queueDelay)
        }
        switch (old.compute, body["gpu"], body["cpu"]) {
        case (_, .some, .some): throw Refusal(400, "gpu and cpu are mutually exclusive")
        case (.gpu, nil, .some), (.cpu, .some, nil): throw Refusal(400, "compute family of an endpoint cannot change")
        case (.gpu(var selection), .some(let gpu), nil):
            if gpu["excludedTypes"] != nil, gpu["pools"] == nil {
                throw Refusal(Problem.invalid(["$.gpu: properties 'pools' required, if 'excludedTypes' exists"]))
            }
            try selection.apply(gpu)
            configuration.compute = .gpu(selection)
        case (_, nil, nil), (.cpu, nil, .some): break
        }
        let template = try template(of: body, in: account)
        if let template {
            configuration.container = template.container
            let own = body["env"]?.stringMap ?? [:]
            configuration.container.environment = template.container.environment.merging(own) { $1 }
        }
        try configuration.apply(body, mergesEnvironment: template != nil)
        try check(configuration, body: body)
        return configuration
    }

    private func template(of body: [String: WireJSON], in account: Account) throws(Refusal) -> Template? {
        guard let id = body["templateId"]?.string else { return nil }
        guard let template = account.templates[TemplateID(id)] else { throw Refusal(Problem.notFound) }
        guard template.isServerless else { throw Refusal(422, "template is not a serverless template") }
        return template
    }

    private func check(_ configuration: Configuration, body: [String: WireJSON]) throws(Refusal) {
        if configuration.kind == .loadBalancer, case .queueDelay = configuration.scaling {
            throw Refusal(Problem.invalid(["$.scaling: value must be REQUEST_COUNT for LOAD_BALANCER"]))
        }
        if configuration.hasNoIdleTimeout, body["workers"]?["idleTimeout"] != nil {
            throw Refusal(422, "idleTimeout does not apply to queue-based endpoints scaling on requestCount")
        }
        if configuration.workers.min > configuration.workers.max {
            throw Refusal(400, "workers.min must not exceed workers.max")
        }
        switch configuration.compute {
        case .gpu(let selection): try check(selection)
        case .cpu(let selections):
            for selection in selections {
                guard settings.catalogue.cpuFlavors[selection.flavor] != nil, (2...32).contains(selection.vcpus),
                    selection.vcpus.nonzeroBitCount == 1
                else { throw Refusal(400, "cpu configuration \(selection.flavor) is not available") }
            }
        }
        if isCapacityRefused(configuration) { throw Refusal(Problem.capacity) }
    }

    private func check(_ selection: GPUSelection) throws(Refusal) {
        if !selection.allowedCudaVersions.isEmpty, selection.minCudaVersion != nil {
            throw Refusal(400, "allowedCudaVersions and minCudaVersion are mutually exclusive")
        }
        // The catalogue's `maxCount`: no host has more.
        if selection.count > Catalogue.gpusPerHost { throw Refusal(Problem.capacity) }
        guard !settings.acceptsUnknownPools else { return }
        if let unknown = selection.pools.first(where: { !settings.catalogue.pools.contains($0) }) {
            throw Refusal(400, "unknown gpu pool: \(unknown)")
        }
        let left = selection.pools.flatMap { settings.catalogue.types(of: $0, without: selection.excludedTypes) }
        if left.isEmpty { throw Refusal(400, "gpu selection leaves no gpu type") }
    }
}

extension RunPodWorld.GPUSelection {
    /// Pools, when sent, replace the whole selection and its exclusions; `[]` and `""` clear.
    fileprivate mutating func apply(_ gpu: WireJSON) throws(Refusal) {
        if let pools = gpu["pools"]?.strings {
            self.pools = pools
            excludedTypes = gpu["excludedTypes"]?.strings ?? []
        }
        if let count = gpu["count"]?.integer { self.count = count }
        if let versions = gpu["allowedCudaVersions"]?.strings { allowedCudaVersions = versions }
        if let floor = gpu["minCudaVersion"]?.string { minCudaVersion = floor.isEmpty ? nil : floor }
    }
}

extension RunPodWorld.Configuration {
    /// Takes over every member but the GPU selection and the type.
    fileprivate mutating func apply(_ body: [String: WireJSON], mergesEnvironment: Bool) throws(Refusal) {
        if let name = body["name"]?.string { self.name = name }
        if let timeout = body["timeout"]?.integer { self.timeout = timeout }
        if let places = body["dataCenterIds"]?.strings { dataCenters = places }
        if let volumes = body["networkVolumes"]?.strings { networkVolumes = volumes }
        if let word = body["flashboot"]?.string, let value = FlashBoot(rawValue: word) { flashBoot = value }
        if let cpus = body["cpu"]?.array {
            compute = .cpu(
                cpus.map { cpu in
                    RunPodWorld.CPUSelection(
                        flavor: cpu["id"]?.string ?? "", vcpus: cpu["vcpuCount"]?.integer ?? 2)
                })
        }
        if let delay = body["scaling"]?["queueDelay"]?.number { scaling = .queueDelay(delay) }
        if let count = body["scaling"]?["requestCount"]?.integer { scaling = .requestCount(count) }
        if let bounds = body["workers"] {
            workers.min = bounds["min"]?.integer ?? workers.min
            workers.max = bounds["max"]?.integer ?? workers.max
            workers.idleTimeout = bounds["idleTimeout"]?.integer ?? workers.idleTimeout
        }
        container.apply(body, mergesEnvironment: mergesEnvironment)
    }
}

extension RunPodWorld.Container {
    /// Takes over what the body names of the container.
    mutating func apply(_ body: [String: WireJSON], mergesEnvironment: Bool) {
        if let image = body["image"]?.string { self.image = image }
        if let arguments = body["args"]?.string { self.arguments = arguments }
        if let disk = body["disk"]?.integer { self.disk = disk }
        if let ports = body["ports"]?.strings { self.ports = ports }
        if let environment = body["env"]?.stringMap, !mergesEnvironment { self.environment = environment }
        if let registry = body["registry"] { self.registry = registry.string }
    }
}
