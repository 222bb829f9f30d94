extension RunPodWorld {
    /// Answers the laboratory's own paths, `/_lab/…`: what RunPod would never tell, and what goes wrong next.
    ///
    /// `target` is the path with its query, `body` JSON or empty. Errors are 400 or 404 with `{"error": …}`.
    package mutating func administer(
        _ method: String, _ target: String, body: [UInt8], at instant: SimulatedInstant
    ) -> SimulatedResponse {
        advance(to: instant)
        let request = SimulatedRequest(.control, method, target, body: body)
        let json = body.isEmpty ? [:] : WireJSON(parsing: body)
        guard request.path.first == "_lab", let json else {
            return .json(400, ["error": "the path must begin with /_lab, the body must be JSON"])
        }
        do throws(Refusal) {
            return try routeAdmin(method, Array(request.path.dropFirst()), json)
        } catch {
            return error.response
        }
    }

    private mutating func routeAdmin(
        _ method: String, _ path: [String], _ body: WireJSON
    ) throws(Refusal) -> SimulatedResponse {
        switch (method, path.first ?? "", path.count) {
        case ("GET", "", 0): return .json(200, summary)
        case ("GET", "ledger", 1): return .json(200, ledgerView)
        case ("GET", "endpoints", 1): return .json(200, ["endpoints": .array(endpoints.map(labView(of:)))])
        case ("GET", "calls", 1): return .json(200, ["calls": .array(calls.map(view(of:)))])
        case ("DELETE", "calls", 1): forgetCalls()
        case ("GET", "faults", 1):
            return .json(200, ["faults": .array(armedFaults.map { ["id": WireJSON($0.id.number)] })])
        case ("POST", "faults", 1): return .json(201, try armFault(body))
        case ("DELETE", "faults", 1): removeAllFaults()
        case ("DELETE", "faults", 2): Int(path[1]).map { remove(FaultID(number: $0)) }
        case ("POST", "advance", 1): try advance(by: body)
        case ("PATCH", "settings", 1): try apply(settings: body)
        case ("POST", "keys", 1): try putKey(body)
        case ("POST", "accounts", 1): try putAccount(body)
        case ("POST", "templates", 1): try putTemplate(body)
        case ("POST", "lose-worker", 1): try loseWorker(body)
        default: throw Refusal(.json(404, ["error": "no such path of the laboratory"]))
        }
        return .json(200, summary)
    }

    private var summary: WireJSON {
        [
            "now": .string(now.rfc3339), "endpoints": WireJSON(endpoints.count), "faults": WireJSON(faults.count),
            "calls": WireJSON(calls.count), "billedSeconds": WireJSON(ledger.seconds(of: .everything, until: now)),
        ]
    }

    // MARK: What it tells

    private var ledgerView: WireJSON {
        let entries = ledger.entries
        func sums(_ scope: Ledger.Scope) -> WireJSON {
            [
                "seconds": WireJSON(ledger.seconds(of: scope, until: now)),
                "gpuSeconds": WireJSON(ledger.gpuSeconds(of: scope, until: now)),
                "dollars": WireJSON(ledger.dollars(of: scope, until: now)),
            ]
        }
        let byEndpoint = Set(entries.map(\.endpoint)).map { ($0.text, sums(.endpoint($0))) }
        let byOwner = Set(entries.compactMap(\.owner)).map { ($0, sums(.owner($0))) }
        return [
            "now": .string(now.rfc3339), "total": sums(.everything),
            "byEndpoint": .object(Dictionary(uniqueKeysWithValues: byEndpoint)),
            "byOwner": .object(Dictionary(uniqueKeysWithValues: byOwner)),
            "entries": .array(entries.map(view(of:))),
        ]
    }

    private func view(of entry: Ledger.Entry) -> WireJSON {
        [
            "endpoint": .string(entry.endpoint.text), "name": .string(entry.endpointName),
            "owner": WireJSON(entry.owner), "worker": .string(entry.worker.text), "pool": .string(entry.pool),
            "gpuType": WireJSON(entry.gpuType), "gpus": WireJSON(entry.gpus), "from": .string(entry.from.rfc3339),
            "to": WireJSON(entry.to?.rfc3339), "seconds": WireJSON(entry.seconds(until: now)),
            "dollars": WireJSON(Double(entry.seconds(until: now)) * entry.price),
        ]
    }

    private func labView(of endpoint: Endpoint) -> WireJSON {
        let billing: [Billing: WireJSON] = [.dormant: "dormant", .mayBill: "mayBill", .bills: "bills"]
        return [
            "id": .string(endpoint.id.text), "name": .string(endpoint.configuration.name),
            "owner": WireJSON(endpoint.owner), "account": .string(endpoint.account.text),
            "billing": billing[endpoint.billing] ?? .null, "min": WireJSON(endpoint.configuration.workers.min),
            "max": WireJSON(endpoint.configuration.workers.max), "queued": WireJSON(endpoint.queue.count),
            "jobs": WireJSON(endpoint.jobs.count), "createdAt": .string(endpoint.createdAt.rfc3339),
            "seconds": WireJSON(ledger.seconds(of: .endpoint(endpoint.id), until: now)),
            "workers": .array(
                endpoint.workers.values.map { worker in
                    [
                        "id": .string(worker.id.text), "status": .string(worker.phase.status),
                        "pool": WireJSON(worker.placement?.pool),
                    ]
                }),
        ]
    }

    private func view(of call: Call) -> WireJSON {
        let outcome: WireJSON =
            switch call.outcome {
            case .answered(let status): WireJSON(status)
            case .held: "held"
            case .lost: "lost"
            case .refused: "refused"
            }
        return [
            "at": .string(call.at.rfc3339), "milliseconds": WireJSON(call.at.milliseconds),
            "surface": .string(call.surface.rawValue), "method": .string(call.method),
            "path": .string(call.path), "operation": .string(call.operation.rawValue), "outcome": outcome,
            "faulty": WireJSON(call.isFaulty),
        ]
    }
}
