internal import HTTPTransport

extension RunPodWorld {
    /// The control plane's answer, with its effects.
    mutating func answerControl(_ request: SimulatedRequest, nonSparse: Bool) -> SimulatedResponse {
        requestCount += 1
        var response: SimulatedResponse
        switch authenticate(request) {
        case .failure(let refusal): response = refusal.response
        case .success(let key):
            response = admitted(request, key, nonSparse: nonSparse)
            addRateHeaders(to: &response, of: key.account)
        }
        response.headers["x-request-id"] = "req-\(requestCount)"
        return response
    }

    /// 401 comes before everything else. A key is a bearer token here and nothing else.
    private func authenticate(_ request: SimulatedRequest) -> Result<Key, Refusal> {
        guard let header = request.authorization, header.hasPrefix("Bearer ") else {
            return .failure(Refusal(401, "missing bearer token"))
        }
        guard let key = keys[String(header.dropFirst("Bearer ".count))], key.isValid(at: now) else {
            return .failure(Refusal(401, "invalid bearer token"))
        }
        return .success(key)
    }

    private mutating func admitted(_ request: SimulatedRequest, _ key: Key, nonSparse: Bool) -> SimulatedResponse {
        if let refusal = takeFromRateWindows(of: key.account) { return refusal }
        do throws(Refusal) {
            return try route(request, key, nonSparse: nonSparse)
        } catch {
            return error.response
        }
    }

    private mutating func route(
        _ request: SimulatedRequest, _ key: Key, nonSparse: Bool
    ) throws(Refusal) -> SimulatedResponse {
        guard let route = ControlRoute(request.path) else { throw Refusal(Problem.notFound) }
        guard route.methods.contains(request.method) else {
            throw Refusal(Problem.methodNotAllowed(allow: route.methods))
        }
        if request.method != "GET", key.right == .readOnly { throw Refusal(Problem.forbidden) }
        guard let account = accounts[key.account] else { throw Refusal(Problem.notFound) }
        switch (route, request.method) {
        case (.endpoints, "POST"): return try createEndpoint(in: account, request)
        case (.endpoints, _): return listEndpoints(of: account.id, request)
        case (.endpoint(let id), "PATCH"): return try updateEndpoint(id, in: account, request, nonSparse: nonSparse)
        case (.endpoint(let id), "DELETE"): return try deleteEndpoint(id, of: account.id)
        case (.endpoint(let id), _): return try readEndpoint(id, of: account.id)
        case (.workers(let id), _): return try listWorkers(id, of: account.id)
        case (.releases(let id), _): return try listReleases(id, of: account.id)
        case (.logs(let id, let worker), _): return try workerLogs(id, worker, of: account.id)
        case (.templates, "POST"): return try createTemplate(in: account, request)
        case (.templates, _): return .json(200, ["templates": .array(account.templates.values.map(view(of:)))])
        case (.template(let id), "PATCH"): return try updateTemplate(id, in: account, request)
        case (.template(let id), "DELETE"): return try deleteTemplate(id, in: account)
        case (.template(let id), _):
            guard let template = account.templates[id] else { throw Refusal(Problem.notFound) }
            return .json(200, view(of: template))
        case (.gpus, _): return try listGPUs(request)
        case (.gpu(let id), _): return try readGPU(id, request)
        case (.cpus, _): return listCPUs()
        case (.dataCenters, _): return listDataCenters(request)
        case (.dataCenter(let id), _): return try readDataCenter(id, request)
        case (.serverlessBilling, _): return try serverlessBilling(of: account.id, request)
        case (.publicEndpointBilling, _): return try publicEndpointBilling(request)
        }
    }

    // MARK: Rate limits

    /// Counts the request, or answers 429 if one of the windows is used up.
    private mutating func takeFromRateWindows(of id: AccountID) -> SimulatedResponse? {
        guard var windows = accounts[id]?.windows else { return nil }
        for index in windows.indices { windows[index].roll(to: now) }
        let spent = windows.filter { $0.remaining == 0 }
        if spent.isEmpty { for index in windows.indices { windows[index].take() } }
        accounts[id]?.windows = windows
        guard let longest = spent.max(by: { $0.resetsIn(at: now) < $1.resetsIn(at: now) }) else { return nil }
        var response = Problem.response(429, "rate limit exceeded for the \(longest.quota.name) window")
        response.headers["Retry-After"] = String(longest.resetsIn(at: now))
        return response
    }

    private func addRateHeaders(to response: inout SimulatedResponse, of id: AccountID) {
        guard let windows = accounts[id]?.windows, !windows.isEmpty else { return }
        response.headers["RateLimit"] = windows.map {
            "\"\($0.quota.name)\";r=\($0.remaining);t=\($0.resetsIn(at: now))"
        }.joined(separator: ", ")
        response.headers["RateLimit-Policy"] = windows.map {
            "\"\($0.quota.name)\";q=\($0.quota.requests);w=\($0.quota.span.secondsRoundedUp)"
        }.joined(separator: ", ")
    }
}
