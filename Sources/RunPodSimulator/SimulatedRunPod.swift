package import HTTPTransport
import Synchronization

/// RunPod as an `HTTPTransport`: hands each request to a `RunPodWorld`, in the time that it is given.
///
/// Nothing leaves the process. Requests to other hosts fail as if their names did not resolve.
package final class SimulatedRunPod: HTTPTransport {
    /// Where time comes from, so that a test moves it and a server lets it run.
    package struct Time: Sendable {
        let now: @Sendable () -> SimulatedInstant
        let sleep: @Sendable (Duration) async throws -> Void

        /// `sleep` suspends for a virtual duration and throws when its task is cancelled.
        package init(
            now: @escaping @Sendable () -> SimulatedInstant,
            sleep: @escaping @Sendable (Duration) async throws -> Void
        ) {
            self.now = now
            self.sleep = sleep
        }
    }

    /// The two bases, without a slash at the end.
    package struct Hosts: Sendable, Hashable {
        package var control: String
        package var jobs: String

        package init(control: String = "https://api.runpod.io", jobs: String = "https://api.runpod.ai") {
            self.control = control
            self.jobs = jobs
        }
    }

    /// As far as a request without a limit of its own waits for an answer that never comes.
    private static let patience = Duration.seconds(3600)

    private let world: Mutex<RunPodWorld>
    private let hosts: Hosts
    private let time: Time

    /// RunPod as `world` has it, reachable under `hosts`.
    package init(_ world: RunPodWorld, hosts: Hosts = Hosts(), time: Time) {
        self.world = Mutex(world)
        self.hosts = hosts
        self.time = time
    }

    /// Looks at the world, or changes it, at the present instant.
    package func withWorld<Result: Sendable>(
        _ body: (inout RunPodWorld) throws -> sending Result
    ) rethrows -> sending Result {
        let now = time.now()
        return try world.withLock { world in
            world.advance(to: now)
            return try body(&world)
        }
    }

    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let simulated = try simulated(request)
        if Task.isCancelled { throw .cancelled }
        if let mayBegin = request.mayBegin, !mayBegin() { throw .withheld }
        let begin = time.now()
        let deadline = begin + (request.timeouts.response ?? Self.patience)
        var answer = world.withLock { $0.handle(simulated, at: begin) }
        while case .waiting(let wait) = answer {
            answer = try await follow(wait, until: deadline)
        }
        switch answer {
        case .response(let response):
            guard begin + response.delay <= deadline else {
                try await sleep(until: deadline)
                throw .timedOut("no response within the limit")
            }
            try await sleep(for: response.delay)
            return HTTPResponse(
                status: response.status, headers: response.headers, body: body(of: response, request.timeouts))
        case .lost(.reset): throw .connectionLost("connection reset by peer")
        case .lost(.silence), .waiting:
            try await sleep(until: deadline)
            throw .timedOut("no response within the limit")
        case .refused: throw .connectFailed("connection refused")
        }
    }

    private func follow(_ wait: SimulatedWait, until deadline: SimulatedInstant) async throws(HTTPError)
        -> SimulatedAnswer
    {
        do {
            try await sleep(until: min(wait.until, deadline))
        } catch {
            world.withLock { $0.abandon(wait) }
            throw error
        }
        let now = time.now()
        let answer = world.withLock { $0.resume(wait, at: now) }
        if case .waiting(let further) = answer, now >= deadline {
            world.withLock { $0.abandon(further) }
            throw .timedOut("no response within the limit")
        }
        return answer
    }

    private func simulated(_ request: HTTPRequest) throws(HTTPError) -> SimulatedRequest {
        for (base, surface) in [(hosts.control, SimulatedRequest.Surface.control), (hosts.jobs, .jobs)]
        where request.url.hasPrefix(base + "/") {
            return SimulatedRequest(
                surface, request.method.rawValue, String(request.url.dropFirst(base.count)),
                authorization: request.headers["Authorization"], body: request.body ?? [])
        }
        throw .connectFailed("could not resolve host")
    }

    private func body(of response: SimulatedResponse, _ timeouts: HTTPTimeouts) -> HTTPBody {
        switch response.delivery {
        case .whole: return HTTPBody(response.body)
        case .cut(let count):
            let pieces = Mutex([Array(response.body.prefix(count))].filter { !$0.isEmpty })
            return HTTPBody(
                next: {
                    guard let piece = pieces.withLock({ $0.popLast() }) else {
                        throw HTTPError.connectionLost("the body ended early")
                    }
                    return piece
                }, cancel: {})
        case .dripping(let bytes, let pause):
            let rest = Mutex(response.body[...])
            return HTTPBody(
                next: { [self] in
                    if let idle = timeouts.idle, pause > idle {
                        try await sleep(for: idle)
                        throw HTTPError.timedOut("no further byte within the limit")
                    }
                    try await sleep(for: pause)
                    let piece = rest.withLock { rest in
                        let piece = Array(rest.prefix(bytes))
                        rest = rest.dropFirst(bytes)
                        return piece
                    }
                    return piece.isEmpty ? nil : piece
                }, cancel: {})
        }
    }

    private func sleep(until instant: SimulatedInstant) async throws(HTTPError) {
        try await sleep(for: instant - time.now())
    }

    private func sleep(for duration: Duration) async throws(HTTPError) {
        guard duration > .zero else { return }
        do {
            try await time.sleep(duration)
        } catch {
            throw .cancelled
        }
    }
}
