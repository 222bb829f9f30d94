import HTTPTransport
import KubernetesModel
import RunPod
import RunPodSimulator
import Synchronization
import Testing

@testable import martlet

/// Takes the workers away from under their job, so many times: each right after a read that found it running.
private final class WorkerThief: HTTPTransport {
    private let simulator: SimulatedRunPod
    private let thefts: Mutex<Int>

    init(_ simulator: SimulatedRunPod, thefts: Int) {
        self.simulator = simulator
        self.thefts = Mutex(thefts)
    }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let response = try await simulator.send(request)
        guard request.url.contains("/status/") else { return response }
        let isRunning = simulator.withWorld { world in
            world.endpoints.contains { $0.workers.values.contains { $0.phase.status == "RUNNING" } }
        }
        let isDue = thefts.withLock { thefts in
            guard isRunning, thefts > 0 else { return false }
            thefts -= 1
            return true
        }
        if isDue { simulator.withWorld { $0.inject(.workersLost) } }
        return response
    }
}

/// One endpoint of a simulated RunPod, and a clock that moves when somebody waits.
private struct JobBench {
    let clock = SleepingClock()
    let simulator: SimulatedRunPod
    let endpoint: EndpointID
    let runner: JobRunner

    init(max: Int = 3, thefts: Int = 0, _ settings: RunPodWorld.Settings = RunPodWorld.Settings()) async throws {
        let start = SimulatedInstant(milliseconds: 1_790_000_000_000)
        var world = RunPodWorld(seed: 1, at: start, settings: settings)
        world.addAccount("acme", key: "lab-key")
        let clock = clock
        simulator = SimulatedRunPod(
            world,
            time: .init(
                now: { start + clock.elapsed }, sleep: { try await clock.time.sleep($0) }))
        let key = try #require(RunPodKey("lab-key"))
        let control = RunPodControl(
            key: key, transport: simulator, queue: CallQueue(time: clock.time), time: clock.time)
        let jobs = RunPodJobs(
            key: key, transport: WorkerThief(simulator, thefts: thefts), queue: CallQueue(time: clock.time),
            time: clock.time)
        endpoint = try await control.create(
            EndpointCreate(
                name: "llm", image: "acme/llm:1", env: [:],
                hardware: .gpu(GPUSelection(pools: [GPUPool(rawValue: "ADA_24")])),
                workers: WorkersBounds(min: 0, max: max, idleTimeout: 10), scaling: .queueDelay(4), timeout: 300_000)
        ).id
        runner = JobRunner(jobs: jobs, control: control, endpoint: endpoint, time: clock.time)
    }

    func inject(_ fault: RunPodWorld.Fault) { simulator.withWorld { _ = $0.inject(fault) } }

    /// Submits `input` and follows it. The user interrupts after that many reads.
    func follow(
        _ input: JSONValue, _ reading: JobWait.Reading = .status, policy: JobPolicy? = nil, patience: Duration? = nil,
        interruptAfter reads: Int? = nil
    ) async -> (wait: JobWait, chunks: [JSONValue]) {
        let chunks = Mutex<[JSONValue]>([])
        var runner = runner
        if let reads {
            runner.interrupts = { interrupt in
                while calls(.status) < reads, !Task.isCancelled { await Task.yield() }
                interrupt()
            }
        }
        runner.onChunks = { new in chunks.withLock { $0 += new } }
        let wait = await runner.follow(
            JobWait(submitting: reading, patience: patience, bounds: nil),
            submitting: JobRequest(input: input, policy: policy))
        return (wait, chunks.withLock { $0 })
    }

    func calls(_ operation: RunPodWorld.Operation) -> Int {
        simulator.withWorld { world in world.calls.filter { $0.operation == operation }.count }
    }
}

@Suite struct SimulatedJobsTests {
    private func explanation(_ wait: JobWait) -> String {
        wait.end.flatMap { JobText.explanation($0, of: wait, name: "llm") } ?? ""
    }

    @Test("a job is followed through a cold start to its output")
    func completes() async throws {
        let bench = try await JobBench()
        let (wait, _) = await bench.follow(["prompt": "hi"])
        #expect(wait.end?.exitCode == 0)
        #expect(wait.job?.output == ["echo": ["prompt": "hi"]])
        #expect(bench.calls(.run) == 1)
    }

    @Test("F13: a job that /status does not know for seconds after /run is waited for")
    func lateStatus() async throws {
        var settings = RunPodWorld.Settings()
        settings.lag.statusAfterRun = .seconds(8)
        let (wait, _) = await (try await JobBench(settings)).follow(["prompt": "hi"])
        #expect(wait.end?.exitCode == 0)
    }

    @Test("F14: a job that no capacity, a crash loop or a closed endpoint keeps in the queue is explained")
    func stuck() async throws {
        var settings = RunPodWorld.Settings()
        settings.capacity.limits["ADA_24"] = 0
        var (wait, _) = await (try await JobBench(settings)).follow(["prompt": "hi"], patience: .seconds(90))
        #expect(wait.end?.exitCode == 5)
        #expect(explanation(wait).contains("no capacity: "), "\(explanation(wait))")

        settings = RunPodWorld.Settings()
        settings.image.crashes = true
        (wait, _) = await (try await JobBench(settings)).follow(["prompt": "hi"], patience: .seconds(90))
        #expect(explanation(wait).contains("crash loop: "), "\(explanation(wait))")

        (wait, _) = await (try await JobBench(max: 0)).follow(["prompt": "hi"], patience: .seconds(90))
        #expect(explanation(wait).contains("workers.max is 0"), "\(explanation(wait))")
    }

    @Test("F15: failed and timed out are told apart, and an error within an output is pointed out")
    func ends() async throws {
        let bench = try await JobBench()
        var (wait, _) = await bench.follow(["lab": ["fails": "no such model"]])
        #expect(wait.end?.exitCode == 1)
        #expect(explanation(wait).contains("no such model"), "\(explanation(wait))")

        (wait, _) = await bench.follow(["lab": ["seconds": 60]], policy: JobPolicy(executionTimeout: 5000))
        #expect(wait.end?.exitCode == 3)

        (wait, _) = await bench.follow(["lab": ["output": ["error": ["message": "too long"]]]])
        #expect(wait.end?.exitCode == 0)
        #expect(explanation(wait).contains("too long"))
    }

    @Test("F16: chunks before a stall are kept, and the failure is told")
    func stall() async throws {
        let bench = try await JobBench()
        let (wait, chunks) = await bench.follow(["lab": ["chunks": 4, "hangs": true, "seconds": 8]], .chunks)
        #expect(!chunks.isEmpty)
        #expect(wait.end?.exitCode == 1)
        #expect(explanation(wait).contains("timed out after 1 retries"), "\(explanation(wait))")
    }

    @Test("all chunks of a stream arrive, once")
    func stream() async throws {
        let (wait, chunks) = await (try await JobBench()).follow(["lab": ["chunks": 7, "seconds": 20]], .chunks)
        #expect(chunks.count == 7)
        #expect(wait.end?.exitCode == 0)
    }

    @Test("F18: a job whose time to live ends while it runs has expired, and is not waited for any more")
    func timeToLive() async throws {
        let bench = try await JobBench()
        let (wait, _) = await bench.follow(["lab": ["seconds": 600]], policy: JobPolicy(ttl: 40_000))
        guard case .expired = wait.end else {
            Issue.record("\(String(describing: wait.end))")
            return
        }
        #expect(bench.clock.elapsed < .seconds(60))
    }

    @Test("F1: a submission that RunPod took and whose answer is lost is not sent again")
    func lostSubmission() async throws {
        let bench = try await JobBench()
        bench.inject(.init(.init(.run), commit: .now, answer: .lost(.reset)))
        let (wait, _) = await bench.follow(["prompt": "hi"])
        #expect(wait.end?.exitCode == 5)
        #expect(bench.calls(.run) == 1)
    }

    @Test("F23: broken answers to reads change nothing")
    func brokenReads() async throws {
        let bench = try await JobBench()
        for garbling in [RunPodWorld.Garbling.html, .empty, .truncated, .halfJSON] {
            bench.inject(.init(.init(.status), answer: .garbled(garbling), times: 4))
        }
        let (wait, _) = await bench.follow(["prompt": "hi"])
        #expect(wait.end?.exitCode == 0)
    }

    @Test("F24: a job whose worker is taken away is queued again by RunPod, followed to its end, and not sent twice")
    func workerTaken() async throws {
        let bench = try await JobBench(thefts: 1)
        let (wait, _) = await bench.follow(["lab": ["seconds": 60]])
        #expect(wait.end?.exitCode == 0)
        #expect(wait.job?.retries == 1, "no worker was taken")
        #expect(bench.calls(.run) == 1)
    }

    @Test("F24: a job that loses its worker twice has failed, and is told as failed")
    func workerTakenTwice() async throws {
        let bench = try await JobBench(thefts: 2)
        let (wait, _) = await bench.follow(["lab": ["seconds": 60]])
        #expect(wait.end?.exitCode == 1)
        #expect(explanation(wait).contains("after 1 retries"), "\(explanation(wait))")
        #expect(bench.calls(.run) == 1)
    }

    @Test("Ctrl-C while the job runs cancels it at RunPod, also when the first cancellation gets lost")
    func interrupt() async throws {
        let bench = try await JobBench()
        bench.inject(.init(.init(.cancel), commit: .never, answer: .lost(.reset)))
        let (wait, _) = await bench.follow(["lab": ["seconds": 6000]], interruptAfter: 20)
        #expect(wait.end?.exitCode == 4, "\(String(describing: wait.end))")
        #expect(bench.calls(.cancel) == 2)
        let health = try await bench.runner.jobs.health(of: bench.endpoint)
        #expect(health.jobs.inProgress == 0 && health.jobs.inQueue == 0)
    }
}
