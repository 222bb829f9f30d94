extension RunPodWorld {
    /// An endpoint as v2 shows it.
    func view(of endpoint: Endpoint, as configuration: Configuration) -> WireJSON {
        var members = view(of: configuration.container)
        members["id"] = .string(endpoint.id.text)
        members["name"] = .string(configuration.name)
        members["type"] = .string(configuration.kind.rawValue)
        members["requestUrls"] = requestURLs(of: endpoint.id, configuration.kind)
        switch configuration.compute {
        case .gpu(let selection):
            var gpu: [String: WireJSON] = [
                "pools": WireJSON(selection.pools), "count": WireJSON(selection.count),
                "allowedCudaVersions": WireJSON(selection.allowedCudaVersions),
                "minCudaVersion": WireJSON(selection.minCudaVersion),
            ]
            if !selection.excludedTypes.isEmpty { gpu["excludedTypes"] = WireJSON(selection.excludedTypes) }
            members["gpu"] = .object(gpu)
        case .cpu(let selections):
            members["cpu"] = .array(
                selections.map { selection in
                    let memory = settings.catalogue.cpuFlavors[selection.flavor, default: 2] * selection.vcpus
                    return [
                        "id": .string(selection.flavor), "vcpuCount": WireJSON(selection.vcpus),
                        "memory": WireJSON(memory),
                    ]
                })
        }
        members["workers"] = view(ofBounds: configuration)
        members["scaling"] = view(of: configuration.scaling)
        members["dataCenterIds"] = WireJSON(configuration.dataCenters)
        members["networkVolumes"] = WireJSON(configuration.networkVolumes)
        members["timeout"] = WireJSON(configuration.timeout)
        members["flashboot"] = .string(configuration.flashBoot.rawValue)
        members["createdAt"] = .string(endpoint.createdAt.rfc3339)
        return .object(members)
    }

    func view(of container: Container) -> [String: WireJSON] {
        [
            "image": .string(container.image), "args": .string(container.arguments),
            "disk": WireJSON(container.disk), "ports": WireJSON(container.ports),
            "env": WireJSON(container.environment), "registry": WireJSON(container.registry),
        ]
    }

    func view(ofBounds configuration: Configuration) -> WireJSON {
        let bounds = configuration.workers
        var members: [String: WireJSON] = ["min": WireJSON(bounds.min), "max": WireJSON(bounds.max)]
        if !configuration.hasNoIdleTimeout { members["idleTimeout"] = WireJSON(bounds.idleTimeout) }
        return .object(members)
    }

    func view(of scaling: Configuration.Scaling) -> WireJSON {
        switch scaling {
        case .queueDelay(let delay): ["type": "QUEUE_DELAY", "queueDelay": Self.compact(delay)]
        case .requestCount(let count): ["type": "REQUEST_COUNT", "requestCount": WireJSON(count)]
        }
    }

    /// Whole numbers are shown without a fraction.
    private static func compact(_ number: Double) -> WireJSON {
        Int64(exactly: number).map(WireJSON.integer) ?? .number(number)
    }

    private func requestURLs(of id: EndpointID, _ kind: Configuration.Kind) -> WireJSON {
        let base = "\(settings.jobsBaseURL)/\(id)"
        switch kind {
        case .queue:
            return [
                "run": .string("\(base)/run"), "runSync": .string("\(base)/runsync"),
                "status": .string("\(base)/status/{job_id}"), "stream": .string("\(base)/stream/{job_id}"),
                "cancel": .string("\(base)/cancel/{job_id}"), "retry": .string("\(base)/retry/{job_id}"),
                "purgeQueue": .string("\(base)/purge-queue"), "health": .string("\(base)/health"),
            ]
        case .loadBalancer:
            let host = "https://\(id).api.runpod.ai"
            return ["base": .string(host), "health": .string("\(host)/ping")]
        }
    }
}
