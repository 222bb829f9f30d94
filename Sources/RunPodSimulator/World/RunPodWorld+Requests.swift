extension RunPodWorld {
    /// One request and what became of it. Holds no key and no body.
    package struct Call: Hashable, Sendable {
        package enum Outcome: Hashable, Sendable {
            /// The status that the caller saw.
            case answered(Int)
            case held
            case lost
            case refused
        }

        package let at: SimulatedInstant
        package let surface: SimulatedRequest.Surface
        package let operation: Operation
        package let method: String
        package let path: String
        package let endpoint: EndpointID?
        /// Whose key it was; nil for none that holds.
        package let account: AccountID?
        package let outcome: Outcome
        /// Whether a fault had its hand in it.
        package let isFaulty: Bool

        /// The status that the caller saw, if any.
        package var status: Int? { if case .answered(let status) = outcome { status } else { nil } }
    }

    /// Takes a request at `instant` and says what becomes of it.
    package mutating func handle(_ request: SimulatedRequest, at instant: SimulatedInstant) -> SimulatedAnswer {
        advance(to: instant)
        var fault: Fault?
        let answer: SimulatedAnswer
        if settings.hostsDown.contains(request.surface) {
            answer = .refused
        } else {
            fault = takeFault(for: request)
            if let fault {
                answer = perform(request, under: fault)
            } else {
                answer = respond(to: request, nonSparse: false)
            }
        }
        advance(to: now)
        record(request, answer, isFaulty: fault != nil)
        return answer
    }

    mutating func respond(to request: SimulatedRequest, nonSparse: Bool) -> SimulatedAnswer {
        switch request.surface {
        case .control: .response(answerControl(request, nonSparse: nonSparse))
        case .jobs: answerJobs(request)
        }
    }

    private mutating func record(_ request: SimulatedRequest, _ answer: SimulatedAnswer, isFaulty: Bool) {
        let outcome: Call.Outcome =
            switch answer {
            case .response(let response): .answered(response.status)
            case .waiting: .held
            case .lost: .lost
            case .refused: .refused
            }
        let key = request.authorization.flatMap { keys[Self.token(of: $0)] }
        calls.append(
            Call(
                at: now, surface: request.surface, operation: request.operation, method: request.method,
                path: request.pathText, endpoint: request.endpoint, account: key?.account, outcome: outcome,
                isFaulty: isFaulty))
    }

    /// With or without the word `Bearer`: the job plane takes both.
    static func token(of authorization: String) -> String {
        let prefix = "Bearer "
        return authorization.hasPrefix(prefix) ? String(authorization.dropFirst(prefix.count)) : authorization
    }

    /// Forgets the requests so far: for long simulations.
    package mutating func forgetCalls() { calls = [] }
}
