import KubernetesModel
import RunPod
import Synchronization

@testable import martlet

/// RunPod as a transcript: what it answers to each call, in order; a call that is not expected fails as not found.
final class ScriptedRunPod: JobPlane, Sendable {
    enum Call: Sendable, Equatable {
        case run
        case status
        case stream
        case cancel
        case health
    }

    enum Answer: Sendable {
        case job(JobStatus)
        case page(JobStatus?, [JSONValue])
        case health(EndpointHealth)
        case error(RunPodError.Cause)
        /// No answer until the caller gives up.
        case silence
    }

    private struct State {
        var script: [Call: [Answer]]
        var calls: [Call] = []
    }

    private let state: Mutex<State>
    /// Called when a call begins.
    private let onCall: @Sendable (Call) -> Void

    init(_ script: [Call: [Answer]], onCall: @escaping @Sendable (Call) -> Void = { _ in }) {
        state = Mutex(State(script: script))
        self.onCall = onCall
    }

    func count(_ call: Call) -> Int { state.withLock { $0.calls.filter { $0 == call }.count } }

    /// The last answer of a script is repeated.
    private func answer(_ call: Call, _ operation: RunPodOperation) async throws(RunPodError) -> Answer {
        onCall(call)
        let answer = state.withLock { state -> Answer? in
            state.calls.append(call)
            guard var answers = state.script[call], let first = answers.first else { return nil }
            if answers.count > 1 { answers.removeFirst() }
            state.script[call] = answers
            return first
        }
        switch answer {
        case .error(let cause): throw RunPodError(operation, cause)
        case .silence:
            try? await ContinuousClock().sleep(for: .seconds(3600))
            throw RunPodError(operation, .cancelled)
        case nil: throw RunPodError(operation, .notFound(Problem(status: 404)))
        case .some(let answer): return answer
        }
    }

    private func job(_ call: Call, _ operation: RunPodOperation) async throws(RunPodError) -> Job {
        guard case .job(let status) = try await answer(call, operation) else {
            throw RunPodError(operation, .malformedAnswer("a job"))
        }
        return .sample(status)
    }

    func run(_ request: JobRequest, on endpoint: EndpointID) async throws(RunPodError) -> Job {
        try await job(.run, .runJob(endpoint))
    }

    func status(of job: JobID, on endpoint: EndpointID) async throws(RunPodError) -> Job {
        try await self.job(.status, .readJob(endpoint, job))
    }

    func cancel(_ job: JobID, on endpoint: EndpointID) async throws(RunPodError) -> Job {
        try await self.job(.cancel, .cancelJob(endpoint, job))
    }

    func stream(
        of job: JobID, on endpoint: EndpointID, wait: Duration?
    ) async throws(RunPodError) -> JobStreamPage {
        let operation = RunPodOperation.streamJob(endpoint, job)
        guard case .page(let status, let chunks) = try await answer(.stream, operation) else {
            throw RunPodError(operation, .malformedAnswer("a page"))
        }
        return .sample(status, chunks)
    }

    func health(of endpoint: EndpointID) async throws(RunPodError) -> EndpointHealth {
        let operation = RunPodOperation.readHealth(endpoint)
        guard case .health(let health) = try await answer(.health, operation) else {
            throw RunPodError(operation, .malformedAnswer("health"))
        }
        return health
    }

    func runSync(
        _ request: JobRequest, on endpoint: EndpointID, wait: Duration?
    ) async throws(RunPodError) -> Job { throw RunPodError(.runJobAndWait(endpoint), .withheld) }
    func retry(_ job: JobID, on endpoint: EndpointID) async throws(RunPodError) -> Job {
        throw RunPodError(.retryJob(endpoint, job), .withheld)
    }
    func purgeQueue(of endpoint: EndpointID) async throws(RunPodError) -> PurgedQueue {
        throw RunPodError(.purgeQueue(endpoint), .withheld)
    }
    func requests(of endpoint: EndpointID) async throws(RunPodError) -> [Job] {
        throw RunPodError(.listRequests(endpoint), .withheld)
    }
}

/// A clock that moves only when somebody sleeps.
final class SleepingClock: Sendable {
    private let now = Mutex(Duration.zero)

    var elapsed: Duration { now.withLock { $0 } }

    var time: RunPodTime {
        RunPodTime(
            now: { self.elapsed },
            sleep: { pause in
                try Task.checkCancellation()
                self.now.withLock { $0 += pause }
                await Task.yield()
            },
            random: { 0 })
    }
}
