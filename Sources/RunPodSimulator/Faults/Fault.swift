extension RunPodWorld {
    /// Something that goes wrong with requests: which ones, what still takes effect, and what the caller gets to see.
    ///
    /// Every pair of `commit` and `answer` is possible: an answer lost after the commit, a 500 before it, a create that
    /// takes effect a minute after the caller gave up.
    package struct Fault: Hashable, Sendable {
        package var match: Match
        /// Matching requests that pass first.
        package var skip: Int
        /// How many requests it hits; nil: every one until it is removed.
        package var times: Int?
        /// Before it, it sleeps.
        package var from: SimulatedInstant?
        /// From then on, it is over.
        package var until: SimulatedInstant?
        package var commit: Commit
        package var answer: Answer

        package init(
            _ match: Match, commit: Commit = .now, answer: Answer = .genuine, skip: Int = 0, times: Int? = 1,
            from: SimulatedInstant? = nil, until: SimulatedInstant? = nil
        ) {
            self.match = match
            self.commit = commit
            self.answer = answer
            self.skip = skip
            self.times = times
            self.from = from
            self.until = until
        }
    }

    /// Which requests; nil matches all.
    package struct Match: Hashable, Sendable {
        package var surface: SimulatedRequest.Surface?
        package var operation: Operation?
        package var endpoint: EndpointID?
        /// A part of the body's text: the name in a create, say.
        package var bodyPart: String?
        /// True: only pages behind the first.
        package var isFollowUpPage: Bool?

        package init(
            surface: SimulatedRequest.Surface? = nil, _ operation: Operation? = nil, endpoint: EndpointID? = nil,
            bodyPart: String? = nil, isFollowUpPage: Bool? = nil
        ) {
            self.surface = surface
            self.operation = operation
            self.endpoint = endpoint
            self.bodyPart = bodyPart
            self.isFollowUpPage = isFollowUpPage
        }

        func matches(_ request: SimulatedRequest) -> Bool {
            if let surface, request.surface != surface { return false }
            if let operation, request.operation != operation { return false }
            if let endpoint, request.endpoint != endpoint { return false }
            if let isFollowUpPage, (request.query["cursor"] != nil) != isFollowUpPage { return false }
            if let bodyPart { return String(decoding: request.body, as: UTF8.self).contains(bodyPart) }
            return true
        }
    }

    /// What RunPod does with the request.
    package enum Commit: Hashable, Sendable {
        case now
        /// Nothing, not even a look at the key.
        case never
        /// Everything, but so much later.
        case after(Duration)
        /// An update that puts what it does not name back to defaults: `max` 3, `idleTimeout` 10, delay 4 (F20).
        case nonSparse
    }

    /// What the caller gets to see.
    package enum Answer: Hashable, Sendable {
        /// What RunPod answered. Silence if it did nothing yet.
        case genuine
        case lost(LostAnswer)
        /// The connection is refused; then nothing takes effect, whatever `commit` says.
        case refused
        /// An error in the shape of the surface.
        case problem(status: Int, detail: String, errors: [String] = [], retryAfter: Int? = nil)
        /// The genuine answer, damaged.
        case garbled(Garbling)
        /// The genuine answer, late.
        case delayed(Duration)
    }

    /// How an answer is damaged.
    package enum Garbling: Hashable, Sendable {
        /// 502 with a page of HTML.
        case html
        /// The genuine status without a byte of body.
        case empty
        /// The connection breaks in the middle of the body.
        case truncated
        /// Syntax that ends in the middle, on a sound connection.
        case halfJSON
        /// One byte at a time, with this pause.
        case slow(Duration)
        /// `text/plain`
        case wrongContentType
        /// Members that are left out, at any depth.
        case missing(Set<String>)
        /// Upper-case words that no specification knows take the place of enum values, and members that none knows appear.
        case unknownValues
    }

    /// A fault that waits for its requests.
    struct ArmedFault: Sendable {
        let number: Int
        var fault: Fault

        func isAwake(at instant: SimulatedInstant) -> Bool {
            fault.from.map { $0 <= instant } ?? true && fault.until.map { instant < $0 } ?? true
        }
    }

    /// Names an injected fault, to remove it.
    package struct FaultID: Hashable, Sendable {
        package let number: Int
    }
}

extension RunPodWorld.Match {
    /// Creating an endpoint.
    package static let create = Self(.createEndpoint)
    /// Changing an endpoint.
    package static let update = Self(.updateEndpoint)
    /// Deleting an endpoint.
    package static let delete = Self(.deleteEndpoint)
    /// Listing endpoints.
    package static let list = Self(.listEndpoints)
    /// Reading an endpoint by its id.
    package static let read = Self(.readEndpoint)
    /// Everything that the control plane is asked.
    package static let control = Self(surface: .control)
    /// Everything that the job plane is asked.
    package static let jobs = Self(surface: .jobs)
}
