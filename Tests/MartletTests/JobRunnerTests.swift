import HTTPTransport
import KubernetesModel
import RunPod
import Synchronization
import Testing

@testable import martlet

@Suite struct JobRunnerTests {
    private let control = ScriptedControl(gets: [.done])

    private func runner(_ runpod: ScriptedRunPod, _ clock: SleepingClock = SleepingClock()) -> JobRunner {
        JobRunner(jobs: runpod, control: control, endpoint: .sample, time: clock.time)
    }

    private var fresh: JobWait { JobWait(submitting: .status, patience: nil, bounds: nil) }

    @Test("a job is submitted once and followed to its end")
    func toTheEnd() async {
        let runpod = ScriptedRunPod([
            .run: [.job(.inQueue)], .status: [.job(.inQueue), .job(.inQueue), .job(.inProgress), .job(.completed)],
        ])
        let wait = await runner(runpod).follow(fresh, submitting: JobRequest(input: ["prompt": "hi"]))
        #expect(wait.end == .finished(.sample(.completed)))
        #expect(runpod.count(.run) == 1 && runpod.count(.status) == 4 && runpod.count(.cancel) == 0)
    }

    @Test("a submission whose answer is lost is not sent again")
    func lostSubmission() async {
        let runpod = ScriptedRunPod([.run: [.error(.transport(.connectionLost("reset"))), .job(.inQueue)]])
        let wait = await runner(runpod).follow(fresh, submitting: JobRequest(input: ["prompt": "hi"]))
        #expect(wait.end?.exitCode == ExitCodes.unknown)
        #expect(runpod.count(.run) == 1)
    }

    @Test("Ctrl-C while a read is under way cancels the job without waiting for the read")
    func interrupt() async {
        let (reads, begin) = AsyncStream.makeStream(of: Void.self)
        let runpod = ScriptedRunPod(
            [.run: [.job(.inQueue)], .status: [.silence], .cancel: [.job(.cancelled)]],
            onCall: { if $0 == .status { begin.yield() } })
        var runner = runner(runpod)
        runner.interrupts = { interrupt in for await _ in reads { interrupt() } }
        let wait = await runner.follow(fresh, submitting: JobRequest(input: ["prompt": "hi"]))
        #expect(wait.end == .finished(.sample(.cancelled)))
        #expect(runpod.count(.cancel) == 1)
    }

    @Test("chunks are given out in order, those before a failure too")
    func chunks() async {
        let runpod = ScriptedRunPod([
            .run: [.job(.inQueue)],
            .stream: [
                .page(.inQueue, []), .page(.inProgress, ["a", "b"]), .page(.inProgress, ["c"]), .page(.failed, []),
            ],
            .status: [.job(.failed)],
        ])
        let seen = Mutex<[JSONValue]>([])
        var runner = runner(runpod)
        runner.onChunks = { chunks in seen.withLock { $0 += chunks } }
        let wait = await runner.follow(
            JobWait(submitting: .chunks, patience: nil, bounds: nil), submitting: JobRequest(input: ["prompt": "hi"]))
        #expect(seen.withLock { $0 } == ["a", "b", "c"])
        #expect(wait.end?.exitCode == 1)
    }

    @Test("health that can't be read does not disturb the wait")
    func healthFails() async {
        let clock = SleepingClock()
        let runpod = ScriptedRunPod([
            .run: [.job(.inQueue)], .status: Array(repeating: .job(.inQueue), count: 30) + [.job(.completed)],
            .health: [.error(.server(Problem(status: 500)))],
        ])
        let wait = await runner(runpod, clock).follow(fresh, submitting: JobRequest(input: ["prompt": "hi"]))
        #expect(wait.end == .finished(.sample(.completed)))
        #expect(runpod.count(.health) > 0)
    }
}
