extension RunPodWorld {
    /// What a request is about, without the names in its path.
    package enum Operation: String, Hashable, Sendable, CaseIterable {
        case listEndpoints, createEndpoint, readEndpoint, updateEndpoint, deleteEndpoint
        case listWorkers, listReleases, workerLogs
        case listTemplates, createTemplate, readTemplate, updateTemplate, deleteTemplate
        case catalogue, billing
        case run, runsync, status, statusSync, stream, cancel, retry, purgeQueue, health, requests, metrics, openai
        case unknown
    }
}

extension SimulatedRequest {
    /// What it is about.
    package var operation: RunPodWorld.Operation {
        switch surface {
        case .control: controlOperation
        case .jobs: JobRoute(path)?.operation ?? .unknown
        }
    }

    /// The endpoint that its path names.
    package var endpoint: RunPodWorld.EndpointID? {
        switch surface {
        case .control: path.count > 2 && path[1] == "serverless" ? RunPodWorld.EndpointID(path[2]) : nil
        case .jobs: path.count > 1 ? RunPodWorld.EndpointID(path[1]) : nil
        }
    }

    private var controlOperation: RunPodWorld.Operation {
        guard let route = ControlRoute(path) else { return .unknown }
        switch route {
        case .endpoints: return method == "POST" ? .createEndpoint : .listEndpoints
        case .endpoint:
            return ["PATCH": .updateEndpoint, "DELETE": .deleteEndpoint][method, default: .readEndpoint]
        case .workers: return .listWorkers
        case .releases: return .listReleases
        case .logs: return .workerLogs
        case .templates: return method == "POST" ? .createTemplate : .listTemplates
        case .template:
            return ["PATCH": .updateTemplate, "DELETE": .deleteTemplate][method, default: .readTemplate]
        case .gpus, .gpu, .cpus, .dataCenters, .dataCenter: return .catalogue
        case .serverlessBilling, .publicEndpointBilling: return .billing
        }
    }
}
