extension RunPodWorld.Fault {
    /// Reads a fault of the admin path, nil if it is none:
    /// `{"match": {"operation": "createEndpoint"}, "commit": "now", "answer": "reset", "times": 2}`.
    ///
    /// `commit`: `now`, `never`, `nonSparse` or `{"afterSeconds": 90}`. `answer`: `genuine`, `reset`, `silence`, `refused`,
    /// `{"status": 500, "detail": …, "errors": […], "retryAfter": 12}`, `{"garbled": "html"}` (`empty`, `truncated`, `halfJSON`,
    /// `wrongContentType`, `unknownValues`), `{"slowSeconds": 1}`, `{"missing": ["id"]}` or `{"delaySeconds": 5}`.
    /// `always` instead of `times` for every request; `afterSeconds` and `forSeconds` bound it in time.
    init?(_ json: WireJSON, at now: SimulatedInstant) {
        guard let match = RunPodWorld.Match(json["match"] ?? [:]),
            let commit = RunPodWorld.Commit(json["commit"] ?? "now"),
            let answer = RunPodWorld.Answer(json["answer"] ?? "genuine")
        else { return nil }
        let skip = json["skip"]?.integer ?? 0
        let times = json["times"]?.integer ?? 1
        guard skip >= 0, times >= 1 else { return nil }
        let from = now + (json["afterSeconds"]?.seconds ?? .zero)
        self.init(
            match, commit: commit, answer: answer, skip: skip, times: json["always"]?.bool == true ? nil : times,
            from: from, until: json["forSeconds"]?.seconds.map { from + $0 })
    }
}

extension RunPodWorld.Match {
    fileprivate init?(_ json: WireJSON) {
        let known: Set<String> = ["surface", "operation", "endpoint", "bodyPart", "isFollowUpPage"]
        guard let members = json.members, Set(members.keys).isSubset(of: known) else { return nil }
        self.init(
            bodyPart: json["bodyPart"]?.string, isFollowUpPage: json["isFollowUpPage"]?.bool)
        endpoint = json["endpoint"]?.string.map(RunPodWorld.EndpointID.init(_:))
        if let name = json["surface"]?.string {
            guard let surface = SimulatedRequest.Surface(rawValue: name) else { return nil }
            self.surface = surface
        }
        if let name = json["operation"]?.string {
            guard let operation = RunPodWorld.Operation(rawValue: name) else { return nil }
            self.operation = operation
        }
    }
}

extension RunPodWorld.Commit {
    fileprivate init?(_ json: WireJSON) {
        if let delay = json["afterSeconds"]?.seconds {
            self = .after(delay)
            return
        }
        let words: [String: Self] = ["now": .now, "never": .never, "nonSparse": .nonSparse]
        guard let commit = json.string.flatMap({ words[$0] }) else { return nil }
        self = commit
    }
}

extension RunPodWorld.Answer {
    fileprivate init?(_ json: WireJSON) {
        let words: [String: Self] = [
            "genuine": .genuine, "reset": .lost(.reset), "silence": .lost(.silence), "refused": .refused,
        ]
        let damages: [String: RunPodWorld.Garbling] = [
            "html": .html, "empty": .empty, "truncated": .truncated, "halfJSON": .halfJSON,
            "wrongContentType": .wrongContentType, "unknownValues": .unknownValues,
        ]
        if let status = json["status"]?.integer, (200...599).contains(status) {
            self = .problem(
                status: status, detail: json["detail"]?.string ?? "injected by the laboratory",
                errors: json["errors"]?.strings ?? [], retryAfter: json["retryAfter"]?.integer)
        } else if let word = json.string, let answer = words[word] {
            self = answer
        } else if let word = json["garbled"]?.string, let damage = damages[word] {
            self = .garbled(damage)
        } else if let pause = json["slowSeconds"]?.seconds {
            self = .garbled(.slow(pause))
        } else if let keys = json["missing"]?.strings {
            self = .garbled(.missing(Set(keys)))
        } else if let delay = json["delaySeconds"]?.seconds {
            self = .delayed(delay)
        } else {
            return nil
        }
    }
}
