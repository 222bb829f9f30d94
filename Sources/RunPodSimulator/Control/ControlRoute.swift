/// A path of the control plane.
enum ControlRoute {
    case endpoints
    case endpoint(RunPodWorld.EndpointID)
    case workers(RunPodWorld.EndpointID)
    case releases(RunPodWorld.EndpointID)
    case logs(RunPodWorld.EndpointID, RunPodWorld.WorkerID)
    case templates
    case template(RunPodWorld.TemplateID)
    case gpus
    case gpu(String)
    case cpus
    case dataCenters
    case dataCenter(String)
    case serverlessBilling
    case publicEndpointBilling

    /// Nil for a path that v2 does not have, or this simulator has not.
    init?(_ path: [String]) {
        guard path.first == "v2" else { return nil }
        let rest = Array(path.dropFirst())
        switch (rest.first, rest.count) {
        case ("serverless", 1): self = .endpoints
        case ("serverless", 2): self = .endpoint(.init(rest[1]))
        case ("serverless", 3) where rest[2] == "workers": self = .workers(.init(rest[1]))
        case ("serverless", 3) where rest[2] == "releases": self = .releases(.init(rest[1]))
        case ("serverless", 5) where rest[2] == "workers" && rest[4] == "logs":
            self = .logs(.init(rest[1]), .init(rest[3]))
        case ("templates", 1): self = .templates
        case ("templates", 2): self = .template(.init(rest[1]))
        case ("catalog", 2) where rest[1] == "gpus": self = .gpus
        case ("catalog", 3) where rest[1] == "gpus": self = .gpu(rest[2])
        case ("catalog", 2) where rest[1] == "cpus": self = .cpus
        case ("catalog", 2) where rest[1] == "datacenters": self = .dataCenters
        case ("catalog", 3) where rest[1] == "datacenters": self = .dataCenter(rest[2])
        case ("billing", 2) where rest[1] == "serverless": self = .serverlessBilling
        case ("billing", 2) where rest[1] == "endpoints": self = .publicEndpointBilling
        default: return nil
        }
    }

    /// For the header `Allow`.
    var methods: [String] {
        switch self {
        case .endpoints, .templates: ["GET", "POST"]
        case .endpoint, .template: ["GET", "PATCH", "DELETE"]
        case .workers, .releases, .logs, .gpus, .gpu, .cpus, .dataCenters, .dataCenter, .serverlessBilling,
            .publicEndpointBilling:
            ["GET"]
        }
    }
}
