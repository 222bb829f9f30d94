extension RunPodWorld {
    private static let availabilityOnly = [
        "product", "count", "cloud", "countryCodes", "cudaVersions", "minCudaVersion",
    ]

    func listGPUs(_ request: SimulatedRequest) throws(Refusal) -> SimulatedResponse {
        let showsAvailability = try checkedAvailability(request)
        let gpus = settings.catalogue.gpus.map { view(of: $0, showsAvailability: showsAvailability) }
        return .json(200, ["gpus": .array(gpus)])
    }

    func readGPU(_ id: String, _ request: SimulatedRequest) throws(Refusal) -> SimulatedResponse {
        let showsAvailability = try checkedAvailability(request)
        guard let gpu = settings.catalogue.gpus.first(where: { $0.id == id }) else { throw Refusal(Problem.notFound) }
        return .json(200, view(of: gpu, showsAvailability: showsAvailability))
    }

    /// `include=AVAILABILITY` and `product` need each other; the filters need both.
    private func checkedAvailability(_ request: SimulatedRequest) throws(Refusal) -> Bool {
        let query = request.query
        guard let include = query["include"] else {
            guard let stray = Self.availabilityOnly.first(where: { query[$0] != nil }) else { return false }
            throw Refusal(400, "\(stray) requires include=AVAILABILITY")
        }
        guard include == "AVAILABILITY" else { throw Refusal(Problem.invalid(["include: value must be AVAILABILITY"])) }
        guard let products = query["product"] else { throw Refusal(400, "include=AVAILABILITY requires product") }
        guard products.split(separator: ",").allSatisfy({ ["POD", "CLUSTER", "SERVERLESS"].contains($0) }) else {
            throw Refusal(Problem.invalid(["product: value must be one of 'POD', 'CLUSTER', 'SERVERLESS'"]))
        }
        if query["cudaVersions"] != nil, query["minCudaVersion"] != nil {
            throw Refusal(400, "cudaVersions and minCudaVersion are mutually exclusive")
        }
        return true
    }

    private func view(of gpu: GPUType, showsAvailability: Bool) -> WireJSON {
        // The hourly price of a pod is not this simulator's subject: the serverless one stands in for it.
        let hourly = gpu.pool.flatMap { settings.catalogue.prices[$0] }.map { ($0 * 360_000).rounded() / 100 }
        var price: [String: WireJSON] = ["secure": WireJSON(hourly ?? 0.5), "community": WireJSON(hourly ?? 0.4)]
        price["serverless"] = hourly.map { WireJSON($0) }
        var members: [String: WireJSON] = [
            "id": .string(gpu.id), "name": .string(gpu.name), "pool": WireJSON(gpu.pool),
            "manufacturer": .string(gpu.manufacturer), "memory": WireJSON(gpu.memory), "secure": true,
            "community": true, "price": .object(price), "maxCount": ["secure": 8, "community": 4],
        ]
        if showsAvailability {
            let places = settings.catalogue.dataCenters.map { place in (place, isOpen(gpu, in: place)) }
            members["availability"] = places.contains { $0.1 } ? "HIGH" : "NONE"
            members["dataCenters"] = .array(
                places.map { place, isOpen in
                    ["id": .string(place), "name": .string(place), "availability": isOpen ? "HIGH" : "NONE"]
                })
        }
        return .object(members)
    }

    private func isOpen(_ gpu: GPUType, in dataCenter: String) -> Bool {
        gpu.pool.map { settings.capacity.isOpen(pool: $0, dataCenter: dataCenter) } ?? true
    }

    func listCPUs() -> SimulatedResponse {
        let cpus = settings.catalogue.cpuFlavors.sorted { $0.key < $1.key }.map { flavor, memory -> WireJSON in
            [
                "id": .string(flavor), "name": .string(flavor), "group": "CPU", "vcpu": ["min": 2, "max": 32],
                "ramGbPerVcpu": WireJSON(memory),
                "price": ["securePerVcpu": 0.04, "serverlessPerVcpu": WireJSON(Catalogue.vcpuPrice * 3600)],
            ]
        }
        return .json(200, ["cpus": .array(cpus)])
    }

    func listDataCenters(_ request: SimulatedRequest) -> SimulatedResponse {
        .json(200, ["dataCenters": .array(settings.catalogue.dataCenters.map { view(ofDataCenter: $0, request) })])
    }

    func readDataCenter(_ id: String, _ request: SimulatedRequest) throws(Refusal) -> SimulatedResponse {
        guard settings.catalogue.dataCenters.contains(id) else { throw Refusal(Problem.notFound) }
        return .json(200, view(ofDataCenter: id, request))
    }

    private func view(ofDataCenter id: String, _ request: SimulatedRequest) -> WireJSON {
        let regions = ["EU": "EUROPE", "US": "NORTH_AMERICA", "CA": "NORTH_AMERICA", "AP": "ASIA", "OC": "OCEANIA"]
        var members: [String: WireJSON] = [
            "id": .string(id), "name": .string(id),
            "region": .string(regions[String(id.prefix(2)), default: "UNKNOWN"]),
            "globalNetwork": true, "networkVolumeTypes": ["STANDARD"], "compliance": [],
        ]
        if request.query["include"]?.contains("GPU_AVAILABILITY") == true {
            members["gpuAvailability"] = .array(
                settings.catalogue.gpus.map { gpu in
                    [
                        "id": .string(gpu.id), "name": .string(gpu.name),
                        "availability": isOpen(gpu, in: id) ? "HIGH" : "NONE",
                    ]
                })
        }
        return .object(members)
    }
}
