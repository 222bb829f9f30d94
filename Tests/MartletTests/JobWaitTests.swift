import HTTPTransport
import KubernetesModel
import RunPod
import Testing

@testable import martlet

@Suite struct JobWaitTests {
    @Test(
        "each terminal status ends the wait with its own exit code",
        arguments: [(JobStatus.completed, Int32(0)), (.failed, 1), (.timedOut, 3), (.cancelled, 4)])
    func terminal(status: JobStatus, code: Int32) {
        var script = JobWaitScript.submitted()
        #expect(script.step == .readJob(.sample))
        script.end(.job(.sample(.inProgress)))
        script.pass()
        script.end(.job(.sample(status)))
        #expect(script.end == .finished(.sample(status)))
        #expect(script.end?.exitCode == code)
    }

    @Test("a job that is not terminal is read again after a pause, which grows with the wait")
    func pauses() {
        var script = JobWaitScript.submitted()
        script.end(.job(.sample(.inQueue)))
        #expect(script.step == .pause(.milliseconds(500)))
        script.pass()
        #expect(script.step == .readJob(.sample))
        script.now = .seconds(700)
        script.end(.job(.sample(.inProgress)))
        #expect(script.step == .pause(.seconds(5)))
    }

    @Test("a 404 after the job was read means that it has expired")
    func expired() {
        var script = JobWaitScript.submitted()
        script.end(.job(.sample(.inProgress)))
        script.pass()
        script.end(.failed(.notThere))
        #expect(script.end == .expired(.sample, lastSeen: .inProgress))
        #expect(script.end?.exitCode == 5)
    }

    @Test("a 404 right after the submission is waited out, and the job is found after all")
    func graceAfterRun() {
        var script = JobWaitScript.submitted()
        script.end(.failed(.notThere))
        #expect(script.end == nil)
        script.pass()
        script.end(.failed(.notThere))
        script.pass()
        script.end(.job(.sample(.completed)))
        #expect(script.end == .finished(.sample(.completed)))
    }

    @Test("a 404 beyond the grace means that RunPod never knew the job")
    func neverAppeared() {
        var script = JobWaitScript.submitted()
        while script.end == nil, script.now < .seconds(60) {
            script.end(.failed(.notThere))
            script.pass()
        }
        #expect(script.end == .neverAppeared(.sample))
        #expect(script.now >= JobWait.grace && script.now < JobWait.grace + .seconds(5))
    }

    @Test("a status that this version does not know is no end, but not waited for for ever")
    func unknownStatus() {
        var script = JobWaitScript.submitted()
        script.end(.job(.sample(.unknown("MIGRATING"))))
        script.pass()
        script.end(.job(.sample(.inProgress)))
        #expect(script.end == nil, "what comes later counts")
        script.pass()
        while script.end == nil, script.now < .seconds(3600) {
            script.end(.job(.sample(.unknown("MIGRATING"))))
            script.pass()
        }
        #expect(script.end == .notUnderstood(.sample, status: "MIGRATING"))
        #expect(script.end?.exitCode == 5)
        #expect(script.now >= JobWait.longestPuzzle)
    }

    @Test("reads that fail for a while change nothing; for two minutes, they end the wait with the last error")
    func outage() {
        var script = JobWaitScript.submitted()
        script.end(.failed(.broken))
        script.pass()
        script.end(.job(.sample(.inQueue)))
        script.pass()
        let start = script.now
        while script.end == nil, script.now < .seconds(600) {
            script.end(.failed(.broken))
            script.pass()
        }
        #expect(script.end == .unreadable(.sample, .broken))
        #expect(script.now - start >= JobWait.longestOutage)
    }

    @Test("a refused key ends the wait at once")
    func refusedKey() {
        let error = RunPodError.reading(.unauthorized(Problem(status: 401)))
        var script = JobWaitScript.submitted()
        script.end(.failed(error))
        #expect(script.end == .unreadable(.sample, error))
    }

    @Test("RunPod's rate limit is waited for as long as RunPod asks")
    func rateLimit() {
        var script = JobWaitScript.submitted()
        script.end(.failed(.reading(.rateLimited(retryAfter: .seconds(40)))))
        #expect(script.step == .pause(.seconds(40)))
    }

    @Test("a submission is never repeated: refused there is no job, with the answer lost nobody knows")
    func submissionFails() {
        let refused = RunPodError(.runJob(.sample), .badRequest(Problem(status: 400)))
        var script = JobWaitScript(JobWait(submitting: .status, patience: nil, bounds: nil))
        #expect(script.step == .submit)
        script.end(.failed(refused))
        #expect(script.end == .notSubmitted(refused))
        #expect(script.end?.exitCode == 2)

        let lost = RunPodError(.runJob(.sample), .transport(.connectionLost("reset")))
        script = JobWaitScript(JobWait(submitting: .status, patience: nil, bounds: nil))
        script.end(.failed(lost))
        #expect(script.end == .submissionInDoubt(lost))
        #expect(script.end?.exitCode == 5)
    }

    @Test("when the user's patience is over the job is left alone, and the reason of its wait is kept")
    func patience() {
        var script = JobWaitScript.submitted(patience: .seconds(3))
        while script.end == nil, script.now < .seconds(60) {
            script.end(.job(.sample(.inQueue)))
            script.tell(.health(EndpointHealth(workers: .init(throttled: 2))))
            script.pass()
        }
        #expect(script.now == .seconds(3))
        #expect(script.end == .outwaited(.sample, .inQueue))
        let text = script.end.flatMap { JobText.explanation($0, of: script.wait, name: "image-gen") } ?? ""
        #expect(text.contains("2 workers throttled") && text.contains("martlet cancel image-gen bd9227e3-u1"))
    }

    @Test("health is looked at while the job is queued and not while it runs; bounds only while no worker is there")
    func looks() {
        var script = JobWaitScript.submitted()
        var healths = 0
        var bounds = 0
        while script.now < .seconds(120) {
            script.end(.job(.sample(.inQueue)))
            script.pass()
            healths += script.looks.filter { $0 == .lookAtHealth }.count
            bounds += script.looks.filter { $0 == .lookAtBounds }.count
        }
        #expect((20...25).contains(healths))
        #expect(bounds == 2)
        script.tell(.health(EndpointHealth(workers: .init(initializing: 1))))
        script.end(.job(.sample(.inProgress)))
        for _ in 0..<20 {
            script.pass()
            #expect(script.looks.isEmpty)
            script.end(.job(.sample(.inProgress)))
        }
    }
}
