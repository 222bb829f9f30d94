internal import KubernetesModel
internal import RunPod

/// Carries a `JobWait` out against RunPod: the only part of following a job that waits.
struct JobRunner: Sendable {
    let jobs: any JobPlane
    /// For the endpoint's bounds while a job has no worker.
    let control: any ControlPlane
    let endpoint: EndpointID
    var time = RunPodTime.system
    /// Calls back for each interrupt of the user's, until cancelled.
    var interrupts: @Sendable (@Sendable () -> Void) async -> Void = { _ in }
    /// Chunks of the job's output, in order, before anything else is decided over them.
    var onChunks: @Sendable ([JSONValue]) -> Void = { _ in }
    /// Called at each change and each second. Nil: nobody looks.
    var onProgress: (@Sendable (JobWait, Duration) -> Void)?

    private enum News: Sendable {
        case event(JobWait.Event)
        /// A second has passed.
        case tick
    }

    /// Between two redraws of the progress line.
    private static let tick = Duration.seconds(1)

    /// Follows to the end. `request` is what a fresh `wait` submits.
    func follow(_ wait: JobWait, submitting request: JobRequest? = nil) async -> JobWait {
        var wait = wait
        let (news, inbox) = AsyncStream.makeStream(of: News.self)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await interrupts { inbox.yield(.event(.interrupted)) } }
            if onProgress != nil { group.addTask { await tick(into: inbox) } }
            inbox.yield(.event(.began))
            for await news in news {
                if case .event(let event) = news {
                    for action in wait.receive(event, now: time.now()) {
                        begin(action, request, in: &group, inbox)
                    }
                }
                if wait.end != nil { break }
                onProgress?(wait, time.now())
            }
            group.cancelAll()
        }
        return wait
    }

    private func tick(into inbox: AsyncStream<News>.Continuation) async {
        while !Task.isCancelled {
            do { try await time.sleep(Self.tick) } catch { return }
            inbox.yield(.tick)
        }
    }

    private func begin(
        _ action: JobWait.Action, _ request: JobRequest?, in group: inout TaskGroup<Void>,
        _ inbox: AsyncStream<News>.Continuation
    ) {
        switch action {
        case .begin(let step, let ticket):
            group.addTask {
                guard let outcome = await outcome(of: step, request) else { return }
                if case .page(let page) = outcome, !page.chunks.isEmpty { onChunks(page.chunks) }
                inbox.yield(.event(.ended(outcome, ticket)))
            }
        case .lookAtHealth:
            group.addTask {
                // Only an explanation: without it the wait goes on.
                if let health = try? await jobs.health(of: endpoint) { inbox.yield(.event(.health(health))) }
            }
        case .lookAtBounds:
            group.addTask {
                if let bounds = try? await control.endpoint(endpoint).workers { inbox.yield(.event(.bounds(bounds))) }
            }
        case .stop: break
        }
    }

    /// Nil when the whole wait was cancelled meanwhile.
    private func outcome(of step: JobWait.Step, _ request: JobRequest?) async -> JobWait.Outcome? {
        do throws(RunPodError) {
            switch step {
            case .submit: return .submitted(try await jobs.run(request ?? JobRequest(input: [:]), on: endpoint))
            case .readJob(let id): return .job(try await jobs.status(of: id, on: endpoint))
            case .readPage(let id): return .page(try await jobs.stream(of: id, on: endpoint, wait: nil))
            case .cancel(let id): return .cancelled(try await jobs.cancel(id, on: endpoint))
            case .pause(let pause):
                do { try await time.sleep(pause) } catch { return nil }
                return .paused
            }
        } catch {
            return Task.isCancelled ? nil : .failed(error)
        }
    }
}
