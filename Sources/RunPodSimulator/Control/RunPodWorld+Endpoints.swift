internal import HTTPTransport

extension RunPodWorld {
    // MARK: Lists and reads

    mutating func listEndpoints(of account: AccountID, _ request: SimulatedRequest) -> SimulatedResponse {
        tombstones.removeAll { $0.listedUntil <= now && $0.readableUntil <= now }
        var shown = endpoints.filter { $0.account == account && $0.listedFrom <= now }
        shown += tombstones.filter { $0.listedUntil > now && $0.endpoint.account == account }.map(\.endpoint)
        let begin = request.query["cursor"].flatMap(Self.offset(ofCursor:)) ?? 0
        let size = settings.pageSize ?? shown.count
        let page = shown.dropFirst(begin).prefix(size).map { listText(of: $0) }
        // Each text in one piece: byte by byte, a year of lists would take its time.
        var body = Array("{\"endpoints\":[".utf8)
        for (index, text) in page.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body.append(contentsOf: text)
        }
        body.append(UInt8(ascii: "]"))
        if settings.pageSize != nil {
            let end = begin + size
            // The names of the parameters are unknown: whoever follows a cursor must not look into it.
            let cursor: WireJSON = end < shown.count ? .string("c\(end * 7919)") : .null
            body += ",\"nextCursor\":\(cursor.text)".utf8
        }
        body.append(UInt8(ascii: "}"))
        return SimulatedResponse(status: 200, headers: ["Content-Type": "application/json"], body: body)
    }

    /// The text of an endpoint in a list. A stale view is not kept: it ends with time, not with a change.
    private mutating func listText(of endpoint: Endpoint) -> [UInt8] {
        if let kept = endpoint.listText { return kept }
        let text = listView(of: endpoint).bytes
        if endpoint.listedBefore.map({ $0.until <= now }) ?? true { endpointTable[endpoint.id]?.listText = text }
        return text
    }

    private static func offset(ofCursor cursor: String) -> Int? {
        guard cursor.hasPrefix("c"), let number = Int(cursor.dropFirst()), number % 7919 == 0 else { return nil }
        return number / 7919
    }

    private func listView(of endpoint: Endpoint) -> WireJSON {
        var configuration = endpoint.configuration
        if let stale = endpoint.listedBefore, stale.until > now { configuration = stale.configuration }
        if configuration.flashBoot != .off { configuration.name += settings.listedNameSuffix }
        return view(of: endpoint, as: configuration)
    }

    func readEndpoint(_ id: EndpointID, of account: AccountID) throws(Refusal) -> SimulatedResponse {
        if let endpoint = endpointTable[id], endpoint.account == account, endpoint.readableFrom <= now {
            return .json(200, view(of: endpoint, as: endpoint.configuration))
        }
        let grave = tombstones.first {
            $0.endpoint.id == id && $0.readableUntil > now && $0.endpoint.account == account
        }
        guard let grave else { throw Refusal(Problem.notFound) }
        return .json(200, view(of: grave.endpoint, as: grave.endpoint.configuration))
    }

    /// The endpoint if it is this account's, else the 404 that does not tell whose it is.
    func ownEndpoint(_ id: EndpointID, of account: AccountID) throws(Refusal) -> Endpoint {
        guard let endpoint = endpointTable[id], endpoint.account == account else { throw Refusal(Problem.notFound) }
        return endpoint
    }

    // MARK: Writes

    mutating func createEndpoint(in account: Account, _ request: SimulatedRequest) throws(Refusal) -> SimulatedResponse
    {
        let body = try checkedBody(request, .createEndpoint)
        if let balance = account.balance, balance - spent(by: account.id) <= 0 {
            throw Refusal(402, "insufficient balance")
        }
        let configuration = try configuration(creating: body, in: account)
        try checkQuota(of: account, replacing: nil, by: configuration.workers.max)
        let lag = settings.lag
        let id = EndpointID(random.identifier(length: 14))
        var endpoint = Endpoint(
            id: id, account: account.id, createdAt: now, configuration: configuration, idleClockStart: now,
            listedFrom: now + lag.listAfterCreate, readableFrom: now + lag.readAfterCreate,
            jobsKnownFrom: now + lag.jobsAfterCreate)
        endpoint.releases = [Release(id: random.identifier(length: 10), version: 1, createdAt: now, changes: [])]
        endpointTable.insert(endpoint, for: id)
        restartIdleClock(id)
        rescale(id)
        return .json(201, view(of: endpoint, as: configuration))
    }

    mutating func updateEndpoint(
        _ id: EndpointID, in account: Account, _ request: SimulatedRequest, nonSparse: Bool
    ) throws(Refusal) -> SimulatedResponse {
        let old = try ownEndpoint(id, of: account.id).configuration
        let body = try checkedBody(request, .updateEndpoint)
        let new = try configuration(updating: old, by: body, in: account, nonSparse: nonSparse)
        if new.workers.max > old.workers.max { try checkQuota(of: account, replacing: id, by: new.workers.max) }
        if settings.lag.listAfterUpdate > .zero {
            endpointTable[id]?.listedBefore = (old, now + settings.lag.listAfterUpdate)
        }
        endpointTable[id]?.configuration = new
        release(id, replacing: old)
        if body["workers"] != nil { restartIdleClock(id) }
        if settings.restartsIdleTimeoutWhenMinFalls, new.workers.min < old.workers.min { restartIdleTimeouts(id) }
        if new.scaling != old.scaling { armQueueDelays(id) }
        rescale(id)
        return .json(200, view(of: try ownEndpoint(id, of: account.id), as: new))
    }

    private mutating func restartIdleTimeouts(_ id: EndpointID) {
        for worker in workers(of: id) {
            if case .idle = worker.phase { endpointTable[id]?.workers[worker.id]?.phase = .idle(since: now) }
        }
    }

    /// What the container or the hardware is made of changed: a release that rolls out.
    private mutating func release(_ id: EndpointID, replacing old: Configuration) {
        guard let endpoint = endpointTable[id] else { return }
        let new = endpoint.configuration
        guard new.container != old.container || new.compute != old.compute else { return }
        endpointTable[id]?.version = endpoint.version + 1
        let before = view(of: endpoint, as: old)
        let after = view(of: endpoint, as: new)
        let fields = ["image", "args", "disk", "ports", "env", "registry", "gpu", "cpu"].filter {
            before[$0] != after[$0]
        }
        let changes = fields.map { (field: $0, old: before[$0] ?? .null, new: after[$0] ?? .null) }
        let release = Release(
            id: random.identifier(length: 10), version: endpoint.version + 1, createdAt: now, changes: changes)
        endpointTable[id]?.releases.append(release)
    }

    mutating func deleteEndpoint(_ id: EndpointID, of account: AccountID) throws(Refusal) -> SimulatedResponse {
        _ = try ownEndpoint(id, of: account)
        remove(id)
        return SimulatedResponse(status: 204)
    }

    /// Ends an endpoint: its workers stop, its jobs are cancelled.
    package mutating func remove(_ id: EndpointID) {
        guard let endpoint = endpointTable[id] else { return }
        for worker in endpoint.workers.keys { ledger.close(worker, at: now) }
        endpointTable.remove(id)
        let lag = settings.lag
        if lag.listAfterDelete > .zero || lag.readAfterDelete > .zero {
            tombstones.append(
                Tombstone(
                    endpoint: endpoint, listedUntil: now + lag.listAfterDelete,
                    readableUntil: now + lag.readAfterDelete))
        }
        if !settings.capacity.limits.isEmpty { placeThrottledWorkers() }
    }

    private func checkQuota(of account: Account, replacing id: EndpointID?, by max: Int) throws(Refusal) {
        let others = endpoints.filter { $0.account == account.id && $0.id != id }
        // Each is cut to the quota, which cannot change the outcome and cannot overflow.
        let limit = account.workerQuota + 1
        let sum = others.reduce(Swift.min(max, limit)) { $0 + Swift.min($1.configuration.workers.max, limit) }
        guard sum > account.workerQuota else { return }
        throw Refusal(400, Problem.quotaSentence(limit: account.workerQuota))
    }

    /// US dollars that an account's endpoints cost so far.
    package func spent(by account: AccountID) -> Double {
        ledger.entries.reduce(0) { sum, entry in
            entry.account == account ? sum + Double(entry.seconds(until: now)) * entry.price : sum
        }
    }
}
