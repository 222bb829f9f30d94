internal import HTTPTransport

extension RunPodWorld {
    /// Arms a fault. Of several that match a request the one armed first hits it.
    @discardableResult
    package mutating func inject(_ fault: Fault) -> FaultID {
        faultCount += 1
        faults.append(ArmedFault(number: faultCount, fault: fault))
        return FaultID(number: faultCount)
    }

    /// Disarms one fault.
    package mutating func remove(_ id: FaultID) { faults.removeAll { $0.number == id.number } }

    /// Disarms every fault. Settings stay.
    package mutating func removeAllFaults() { faults = [] }

    /// Faults that still wait for requests.
    package var armedFaults: [(id: FaultID, fault: Fault)] { faults.map { (FaultID(number: $0.number), $0.fault) } }

    /// The fault that hits this request, used up by one.
    mutating func takeFault(for request: SimulatedRequest) -> Fault? {
        faults.removeAll { $0.fault.until.map { $0 <= now } ?? false }
        for index in faults.indices where faults[index].isAwake(at: now) && faults[index].fault.match.matches(request) {
            if faults[index].fault.skip > 0 {
                faults[index].fault.skip -= 1
                continue
            }
            let fault = faults[index].fault
            if let times = fault.times {
                faults[index].fault.times = times - 1
                if times <= 1 { faults.remove(at: index) }
            }
            return fault
        }
        return nil
    }

    /// What becomes of a request under a fault.
    mutating func perform(_ request: SimulatedRequest, under fault: Fault) -> SimulatedAnswer {
        if fault.answer == .refused { return .refused }
        var genuine: SimulatedAnswer?
        switch fault.commit {
        case .now: genuine = respond(to: request, nonSparse: false)
        case .nonSparse: genuine = respond(to: request, nonSparse: true)
        case .never: break
        case .after(let delay): events.schedule(.commit(request, nonSparse: false), at: now + delay)
        }
        switch fault.answer {
        case .refused: return .refused
        case .genuine: return genuine ?? .lost(.silence)
        case .lost(let how):
            drop(genuine)
            return .lost(how)
        case .problem(let status, let detail, let errors, let retryAfter):
            drop(genuine)
            var response =
                request.surface == .control
                ? Problem.response(status, detail, errors: errors) : JobProblem.response(status, detail)
            if let retryAfter { response.headers["Retry-After"] = String(retryAfter) }
            return .response(response)
        case .garbled(let how):
            guard case .response(let response) = genuine else { return genuine ?? .lost(.silence) }
            return .response(response.garbled(how))
        case .delayed(let delay):
            guard case .response(var response) = genuine else { return genuine ?? .lost(.silence) }
            response.delay = delay
            return .response(response)
        }
    }

    /// Nobody waits for this answer.
    private mutating func drop(_ answer: SimulatedAnswer?) {
        if case .waiting(let wait) = answer { abandon(wait) }
    }
}

extension SimulatedResponse {
    /// This answer, damaged.
    fileprivate func garbled(_ how: RunPodWorld.Garbling) -> SimulatedResponse {
        var response = self
        switch how {
        case .html:
            response.status = 502
            response.headers["Content-Type"] = "text/html"
            response.body = Array("<html><head><title>502 Bad Gateway</title></head><body></body></html>".utf8)
        case .empty: response.body = []
        case .truncated: response.delivery = .cut(after: body.count / 2)
        case .halfJSON: response.body = Array(body.prefix(body.count / 2))
        case .slow(let pause): response.delivery = .dripping(bytes: 1, pause: pause)
        case .wrongContentType: response.headers["Content-Type"] = "text/plain"
        case .missing(let keys): response.body = json.map { $0.without(keys).bytes } ?? body
        case .unknownValues: response.body = json.map { $0.withUnknownValues().bytes } ?? body
        }
        return response
    }
}

extension WireJSON {
    fileprivate func without(_ keys: Set<String>) -> WireJSON {
        switch self {
        case .object(let members):
            .object(members.filter { !keys.contains($0.key) }.mapValues { $0.without(keys) })
        case .array(let elements): .array(elements.map { $0.without(keys) })
        case .null, .bool, .integer, .number, .string: self
        }
    }

    /// What a later version of the API may look like to a client of today.
    fileprivate func withUnknownValues() -> WireJSON {
        switch self {
        case .object(let members):
            var changed = members.mapValues { $0.withUnknownValues() }
            for key in ["status", "flashboot", "type", "availability", "source"] where members[key]?.string != nil {
                changed[key] = "QUANTUM"
            }
            changed["laterAddition"] = ["nested": [1, "two", nil]]
            return .object(changed)
        case .array(let elements): return .array(elements.map { $0.withUnknownValues() })
        case .null, .bool, .integer, .number, .string: return self
        }
    }
}
