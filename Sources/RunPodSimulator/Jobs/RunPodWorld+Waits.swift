extension RunPodWorld {
    /// A request that is held.
    struct Wait: Sendable {
        /// What it waits for.
        enum Subject: Sendable {
            /// The end of a job.
            case job(JobID)
            /// The next pieces of a job.
            case stream(JobID)
            /// The output of a job, without its wrapping.
            case output(JobID)
        }

        let subject: Subject
        let endpoint: EndpointID
        /// The rate limit under which it counts.
        let limit: String
        let deadline: SimulatedInstant
    }

    /// A held request is looked at this often although nothing is due: other requests may have changed what it waits for.
    private static let longestPause = Duration.seconds(1)

    mutating func hold(
        _ subject: Wait.Subject, of endpoint: EndpointID, _ limit: String, for duration: Duration
    ) -> SimulatedAnswer {
        let wait = Wait(subject: subject, endpoint: endpoint, limit: limit, deadline: now + duration)
        if let response = response(to: wait) { return .response(response) }
        waitCount += 1
        waits[waitCount] = wait
        return .waiting(SimulatedWait(number: waitCount, until: pause(of: wait)))
    }

    /// Looks at a held request again.
    package mutating func resume(_ held: SimulatedWait, at instant: SimulatedInstant) -> SimulatedAnswer {
        advance(to: instant)
        guard let wait = waits[held.number] else { return .lost(.reset) }
        guard let response = response(to: wait) else {
            return .waiting(SimulatedWait(number: held.number, until: pause(of: wait)))
        }
        waits[held.number] = nil
        return .response(response)
    }

    /// The caller of a held request has gone.
    package mutating func abandon(_ held: SimulatedWait) { waits[held.number] = nil }

    private func pause(of wait: Wait) -> SimulatedInstant {
        var until = min(wait.deadline, now + Self.longestPause)
        if let next = events.next { until = min(until, next) }
        if case .stream(let id) = wait.subject, let job = endpointTable[wait.endpoint]?.jobs[id],
            let piece = nextPiece(of: job)
        {
            until = min(until, piece)
        }
        return max(until, now + .milliseconds(1))
    }

    private mutating func response(to wait: Wait) -> SimulatedResponse? {
        let isOver = wait.deadline <= now
        switch wait.subject {
        case .job(let id):
            guard let job = endpointTable[wait.endpoint]?.jobs[id] else { return JobProblem.noJob }
            return job.isFinished || isOver ? .json(200, view(of: job)) : nil
        case .stream(let id):
            guard let drained = drain(id, of: wait.endpoint) else { return JobProblem.noJob }
            let isFinished = endpointTable[wait.endpoint]?.jobs[id]?.isFinished ?? true
            guard isOver || isFinished || !drained.pieces.isEmpty else { return nil }
            return .json(200, ["status": .string(drained.status), "stream": .array(drained.pieces)])
        case .output(let id):
            guard let job = endpointTable[wait.endpoint]?.jobs[id] else { return JobProblem.noJob }
            guard job.isFinished || isOver else { return nil }
            guard case .finished(.completed, _) = job.state else {
                return JobProblem.response(500, job.error ?? "job \(job.status)")
            }
            return .json(200, job.output ?? .null)
        }
    }

    /// `/openai/v1/…`: a POST becomes a job whose output is the answer, a GET is asked of no worker here.
    mutating func answerOpenAI(
        _ path: [String], _ request: SimulatedRequest, of id: EndpointID
    ) throws(Refusal) -> SimulatedAnswer {
        guard request.method == "POST" else {
            return .response(.json(200, ["object": "list", "data": [["id": "lab-model", "object": "model"]]]))
        }
        guard let body = WireJSON(parsing: request.body) else {
            throw Refusal(JobProblem.response(400, "request body is not JSON"))
        }
        let route = "/" + path.joined(separator: "/")
        let message: WireJSON = ["role": "assistant", "content": "Hello from the laboratory."]
        let output: WireJSON = [
            "id": "chatcmpl-lab", "object": "chat.completion", "created": WireJSON(now.milliseconds / 1000),
            "model": body["model"] ?? "lab-model",
            "choices": [["index": 0, "message": message, "finish_reason": "stop"]],
        ]
        let input: WireJSON = ["openai_route": .string(route), "openai_input": body, "lab": ["output": output]]
        let job = try submit(input, body: [:], to: id, isSync: true)
        return hold(.output(job.id), of: id, "openai", for: .seconds(300))
    }
}
