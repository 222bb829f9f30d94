internal import HTTPTransport

extension RunPodWorld {
    func listWorkers(_ id: EndpointID, of account: AccountID) throws(Refusal) -> SimulatedResponse {
        let endpoint = try ownEndpoint(id, of: account)
        let workers = endpoint.workers.values
        func count(_ status: String) -> WireJSON { WireJSON(workers.count { $0.phase.status == status }) }
        let summary: [String: WireJSON] = [
            "running": count("RUNNING"), "idle": count("IDLE"), "initializing": count("INITIALIZING"),
            "throttled": count("THROTTLED"), "unhealthy": count("UNHEALTHY"), "total": WireJSON(workers.count),
        ]
        return .json(
            200,
            [
                "workers": .array(workers.map { view(of: $0, in: endpoint) }),
                "summary": .object(summary.filter { !settings.missingKeys.contains($0.key) }),
                "endpointVersion": WireJSON(endpoint.version),
            ])
    }

    private func view(of worker: Worker, in endpoint: Endpoint) -> WireJSON {
        let uptime = worker.startedAt.map { WireJSON((now - $0).wholeMilliseconds / 1000) } ?? .null
        let members: [String: WireJSON] = [
            "id": .string(worker.id.text), "status": .string(settings.unknownWorkerStatus ?? worker.phase.status),
            "isStale": WireJSON(worker.version != endpoint.version), "version": WireJSON(worker.version),
            "gpuCount": WireJSON(worker.gpus), "image": .string(worker.image), "uptimeSeconds": uptime,
            "gpuTypeId": WireJSON(worker.placement?.gpuType), "dataCenterId": WireJSON(worker.placement?.dataCenter),
            "startedAt": WireJSON(worker.startedAt?.rfc3339),
        ]
        return .object(members.filter { !settings.missingKeys.contains($0.key) })
    }

    func listReleases(_ id: EndpointID, of account: AccountID) throws(Refusal) -> SimulatedResponse {
        let endpoint = try ownEndpoint(id, of: account)
        let workers = endpoint.workers.values
        let latest = workers.count { $0.version == endpoint.version }
        let percent = workers.isEmpty ? 100 : latest * 100 / workers.count
        let releases = endpoint.releases.reversed().map { release -> WireJSON in
            [
                "id": .string(release.id), "version": WireJSON(release.version), "source": "MANUAL", "buildId": nil,
                "createdByUserId": nil, "workerCount": WireJSON(workers.count { $0.version == release.version }),
                "createdAt": .string(release.createdAt.rfc3339),
                "diff": .array(
                    release.changes.map { ["field": .string($0.field), "old": $0.old, "new": $0.new] }),
            ]
        }
        return .json(
            200,
            [
                "endpointVersion": WireJSON(endpoint.version), "releases": .array(releases),
                "rollout": [
                    "inProgress": WireJSON(latest < workers.count), "workersOnLatest": WireJSON(latest),
                    "workersTotal": WireJSON(workers.count), "percentOnLatest": WireJSON(percent),
                ],
            ])
    }

    /// System lines only, as seen: a crash loop shows no line of the container.
    func workerLogs(
        _ id: EndpointID, _ workerID: WorkerID, of account: AccountID
    ) throws(Refusal) -> SimulatedResponse {
        guard let worker = try ownEndpoint(id, of: account).workers[workerID] else { throw Refusal(Problem.notFound) }
        var lines = ["create container \(worker.image)"]
        for _ in 0..<worker.crashes {
            lines += ["start container for \(worker.image): begin", "stop container \(worker.id)"]
        }
        if worker.startedAt != nil { lines.append("start container for \(worker.image): begin") }
        let frames = lines.enumerated().map { index, line in
            let data: WireJSON = ["ts": .string(now.rfc3339), "source": "system", "line": .string(line)]
            return "id: \(now.rfc3339)/\(index)\ndata: \(data.text)\n\n"
        }
        return SimulatedResponse(
            status: 200, headers: ["Content-Type": "text/event-stream"], body: Array(frames.joined().utf8))
    }
}
