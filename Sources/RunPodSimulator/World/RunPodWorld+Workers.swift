extension RunPodWorld {
    /// The longest pause of a crash loop; it begins with a minute and doubles.
    private static let longestCrashPause = Duration.seconds(3600)
    /// RunPod restarts unhealthy workers for a week.
    private static let crashLoopEnds = Duration.seconds(7 * 86_400)

    mutating func addWorker(_ id: EndpointID) {
        guard let endpoint = endpointTable[id] else { return }
        let configuration = endpoint.configuration
        var gpus = 0
        if case .gpu(let selection) = configuration.compute { gpus = selection.count }
        let worker = Worker(
            id: WorkerID(random.identifier(length: 14)), version: endpoint.version,
            image: configuration.container.image, gpus: gpus, phase: .throttled)
        endpointTable[id]?.workers.insert(worker, for: worker.id)
        place(worker.id, of: id)
    }

    /// Gives a throttled worker a host, if there is one.
    private mutating func place(_ worker: WorkerID, of id: EndpointID) {
        guard let endpoint = endpointTable[id], let placement = placement(for: endpoint.configuration) else { return }
        endpointTable[id]?.workers[worker]?.placement = placement
        let canRevive = endpoint.configuration.flashBoot != .off && endpoint.lastWarm?.version == endpoint.version
        if canRevive {
            startContainer(worker, of: id, for: behaviour(of: endpoint).revival)
        } else {
            enter(.pulling, worker, of: id, for: behaviour(of: endpoint).pull)
        }
    }

    /// Workers that waited for a host look again.
    mutating func placeThrottledWorkers() {
        for id in endpointTable.keys {
            for worker in workers(of: id) where worker.phase == .throttled {
                place(worker.id, of: id)
            }
        }
    }

    private func behaviour(of endpoint: Endpoint) -> ImageBehaviour {
        behaviour(ofImage: endpoint.configuration.container.image)
    }

    func behaviour(ofImage image: String) -> ImageBehaviour {
        settings.images.first { image.contains($0.part) }?.behaviour ?? settings.image
    }

    private mutating func enter(
        _ phase: Worker.Phase, _ worker: WorkerID, of id: EndpointID, for span: DurationSpan
    ) {
        endpointTable[id]?.workers[worker]?.phase = phase
        endpointTable[id]?.workers[worker]?.step += 1
        guard let step = endpointTable[id]?.workers[worker]?.step else { return }
        events.schedule(.worker(id, worker, step: step), at: now + random.duration(in: span))
    }

    private mutating func startContainer(_ worker: WorkerID, of id: EndpointID, for span: DurationSpan) {
        enter(.loading, worker, of: id, for: span)
        endpointTable[id]?.workers[worker]?.startedAt = now
        guard let endpoint = endpointTable[id], let started = endpoint.workers[worker],
            let placement = started.placement
        else { return }
        ledger.open(
            Ledger.Entry(
                account: endpoint.account, endpoint: id, endpointName: endpoint.configuration.name,
                owner: endpoint.owner, worker: worker, pool: placement.pool, gpuType: placement.gpuType,
                gpus: started.gpus, price: placement.price, from: now))
    }

    /// The phase of a worker is over.
    mutating func workerMovesOn(_ id: EndpointID, _ workerID: WorkerID, step: Int) {
        guard let endpoint = endpointTable[id], let worker = endpoint.workers[workerID], worker.step == step else {
            return
        }
        let behaviour = behaviour(ofImage: worker.image)
        switch worker.phase {
        case .pulling, .unhealthy: startContainer(workerID, of: id, for: behaviour.load)
        case .loading where behaviour.crashes: crash(workerID, of: id)
        case .loading:
            endpointTable[id]?.workers[workerID]?.step += 1
            endpointTable[id]?.workers[workerID]?.phase = .idle(since: now)
            endpointTable[id]?.lastWarm = (now, worker.version)
            rescale(id)
        case .throttled, .idle, .running: break
        }
    }

    private mutating func crash(_ worker: WorkerID, of id: EndpointID) {
        ledger.close(worker, at: now)
        endpointTable[id]?.workers[worker]?.crashes += 1
        endpointTable[id]?.workers[worker]?.startedAt = nil
        guard let crashes = endpointTable[id]?.workers[worker]?.crashes else { return }
        let pause = min(Self.longestCrashPause, .seconds(60 << Int64(min(crashes - 1, 10))))
        enter(.unhealthy, worker, of: id, for: .exactly(pause))
        let crashedFor = Duration.seconds(3600) * (crashes - 6)
        if crashedFor > Self.crashLoopEnds {
            stop(worker, of: id)
            // What wanted it wants another one: nobody says that RunPod gives up on `min`.
            return rescale(id)
        }
        if let limit = settings.crashesUntilScaleDown, crashes == limit,
            let bounds = endpointTable[id]?.configuration.workers
        {
            endpointTable[id]?.configuration.workers.max = max(0, bounds.max - 1)
            endpointTable[id]?.configuration.workers.min = min(bounds.min, max(0, bounds.max - 1))
            rescale(id)
        }
    }

    /// Ends a worker and its bill. What it ran is the caller's to look after.
    mutating func stop(_ worker: WorkerID, of id: EndpointID) {
        guard let stopped = endpointTable[id]?.workers.remove(worker) else { return }
        ledger.close(worker, at: now)
        switch stopped.phase {
        case .idle, .running: endpointTable[id]?.lastWarm = (now, stopped.version)
        case .throttled, .pulling, .loading, .unhealthy: break
        }
        if stopped.placement != nil, !settings.capacity.limits.isEmpty { placeThrottledWorkers() }
    }

    /// The host of a worker is gone, with the job that it ran.
    package mutating func loseWorker(_ worker: WorkerID, of id: EndpointID) {
        guard let lost = endpointTable[id]?.workers[worker] else { return }
        stop(worker, of: id)
        if case .running(let job) = lost.phase { attemptLost(id, job) }
        rescale(id)
    }

    // MARK: Where there is room

    /// A host for one more worker of this configuration: pools in the caller's order, then data centers.
    private func placement(for configuration: Configuration) -> Placement? {
        let places = configuration.dataCenters.isEmpty ? settings.catalogue.dataCenters : configuration.dataCenters
        switch configuration.compute {
        case .cpu(let selections):
            guard let selection = selections.first, let dataCenter = places.first else { return nil }
            return Placement(
                pool: selection.flavor, gpuType: nil, dataCenter: dataCenter,
                price: Catalogue.vcpuPrice * Double(selection.vcpus))
        case .gpu(let selection):
            for pool in selection.pools where hasRoom(for: selection.count, in: pool) {
                let types = settings.catalogue.types(of: pool, without: selection.excludedTypes)
                guard let type = types.first,
                    let dataCenter = places.first(where: { settings.capacity.isOpen(pool: pool, dataCenter: $0) })
                else { continue }
                let price = settings.catalogue.prices[pool, default: 0] * Double(selection.count)
                return Placement(pool: pool, gpuType: type.id, dataCenter: dataCenter, price: price)
            }
            return nil
        }
    }

    private func hasRoom(for gpus: Int, in pool: String) -> Bool {
        guard let limit = settings.capacity.limits[pool] else { return true }
        let used = endpointTable.values.reduce(0) { sum, endpoint in
            sum + endpoint.workers.values.reduce(0) { $1.placement?.pool == pool ? $0 + $1.gpus : $0 }
        }
        return gpus <= limit - used
    }

    /// Whether the capacity sentence is the answer to this configuration.
    func isCapacityRefused(_ configuration: Configuration) -> Bool {
        guard case .gpu(let selection) = configuration.compute else { return false }
        if selection.pools.allSatisfy(settings.capacity.refusedPools.contains) { return true }
        guard !configuration.dataCenters.isEmpty else { return false }
        return !selection.pools.contains { pool in
            configuration.dataCenters.contains { place in
                settings.catalogue.dataCenters.contains(place)
                    && settings.capacity.isOpen(pool: pool, dataCenter: place)
            }
        }
    }
}
