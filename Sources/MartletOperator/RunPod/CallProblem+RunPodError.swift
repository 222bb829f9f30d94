internal import FoundationEssentials
internal import MartletDecisions
internal import RunPod

extension CallProblem {
    /// What an error of RunPod's means to the author of an endpoint, and what there is to do.
    init(_ error: RunPodError) {
        switch error.cause {
        case .unauthorized:
            self.init(.keyRefused, "RunPod does not accept the API key: replace it in the Secret.")
        case .forbidden:
            self.init(
                .keyForbidden,
                "The API key may not \(error.operation.name.replacing("_", with: " ")): give it write access, or check that a "
                    + "firewall lets the operator through.")
        case .paymentRequired(let problem):
            self.init(.balanceEmpty, "The RunPod balance is empty: add credit to the account. (\(problem))")
        case .quotaExceeded(let problem):
            self.init(
                .quotaExceeded,
                "More workers than the account may have: lower workers.max, or raise RunPod's quota. (\(problem))")
        case .noCapacity(let problem):
            self.init(
                .capacityRefused,
                "RunPod has no capacity in the first of gpu.pools; the next is tried. Add pools, or remove dataCenterIds. "
                    + "(\(problem))")
        case .notFound(let problem): self = Self.notFound(error.operation, problem)
        case .invalid(let problem):
            let text = problem.description.lowercased()
            if text.contains("pool") {
                self.init(
                    .unknownPool, "RunPod does not know a pool of gpu.pools; `martlet gpus` lists them. (\(problem))")
            } else if text.contains("not allowed") || text.contains("missing property") {
                self.init(
                    .apiChanged, "RunPod's interface has changed: update Martlet, or report this. (\(problem))")
            } else {
                self.init(.requestRefused, "RunPod does not accept the spec's values: correct them. (\(problem))")
            }
        case .badRequest(let problem):
            let isPool = problem.description.lowercased().contains("pool")
            self =
                isPool
                ? CallProblem(
                    .unknownPool, "RunPod does not know a pool of gpu.pools; `martlet gpus` lists them. (\(problem))")
                : CallProblem(.requestRefused, "RunPod refuses what the spec asks for: correct it. (\(problem))")
        case .gone(let problem):
            self.init(.apiChanged, "RunPod has retired this interface: update Martlet. (\(problem))")
        case .rateLimited(let wait):
            let seconds = Double(wait.components.seconds) + Double(wait.components.attoseconds) / 1e18
            self.init(
                .rateLimited, "RunPod's rate limit for this key is used up; the rest waits for \(Int(seconds)) s.",
                retryAfterSeconds: seconds)
        case .server(let problem):
            self.init(.unreachable, "RunPod fails at the moment; it is tried again. (\(problem))")
        case .unexpected(let problem):
            self.init(.unreachable, "RunPod answers what it should not; it is tried again. (\(problem))")
        case .malformedAnswer(let expectation):
            self.init(
                .unreachable, "What answers is not RunPod's interface (expected \(expectation)); it is tried again.")
        case .transport(let error):
            self.init(.unreachable, "RunPod can't be reached: \(error). It is tried again.")
        case .withheld: self.init(.unreachable, "Not sent: another operator leads.")
        case .expired: self = .noTurn
        case .cancelled: self.init(.unreachable, "Not sent: the operator is stopping.")
        }
    }

    private static func notFound(_ operation: RunPodOperation, _ problem: Problem) -> CallProblem {
        guard case .createEndpoint = operation else {
            return CallProblem(.unreachable, "RunPod does not know the endpoint at the moment. (\(problem))")
        }
        return CallProblem(
            .templateNotFound,
            "The template of templateId is gone or not of this account: correct it, or give image instead. (\(problem))"
        )
    }
}

extension StepOutcome {
    /// What a failed call leaves behind.
    init(_ error: RunPodError) {
        let problem = CallProblem(error)
        if error.mayHaveTakenEffect {
            self = .doubtful(problem)
        } else if error.isExpired {
            self = .expired
        } else if case .rateLimited = error.cause {
            self = .failed(problem)
        } else if error.isDefinite {
            self = .refused(problem)
        } else {
            self = .failed(problem)
        }
    }
}
