import HTTPTransport
import KubernetesModel
import RunPod
import Testing

@testable import martlet

@Suite struct JobCancellationTests {
    private let cancelError = RunPodError(.cancelJob(.sample, .sample), .transport(.connectionLost("reset")))

    @Test("Ctrl-C cancels the job, and RunPod's word ends the wait as CANCELLED")
    func cancels() {
        var script = JobWaitScript.submitted()
        script.end(.job(.sample(.inProgress)))
        script.tell(.interrupted)
        #expect(script.step == .cancel(.sample))
        script.end(.cancelled(.sample(.cancelled)))
        #expect(script.end?.exitCode == 4)
    }

    @Test("Ctrl-C before the id is known waits for it, then cancels")
    func beforeTheID() {
        var script = JobWaitScript(JobWait(submitting: .status, patience: nil, bounds: nil))
        script.tell(.interrupted)
        #expect(script.step == .submit && script.end == nil)
        script.end(.submitted(.sample(.inQueue)))
        #expect(script.step == .cancel(.sample))
    }

    @Test("a second Ctrl-C gives up, with the job's id if it is known")
    func givesUp() {
        var script = JobWaitScript.submitted()
        script.tell(.interrupted)
        script.tell(.interrupted)
        #expect(script.end == .givenUp(.sample))
        #expect(script.end?.exitCode == 130)

        script = JobWaitScript(JobWait(submitting: .status, patience: nil, bounds: nil))
        script.tell(.interrupted)
        script.tell(.interrupted)
        #expect(script.end == .givenUp(nil))
    }

    @Test("what a superseded read brings is ignored while the job is being cancelled")
    func staleRead() {
        var script = JobWaitScript.submitted()
        let stale = script
        script.tell(.interrupted)
        script.tell(.ended(.job(.sample(.inProgress)), 2))
        #expect(stale.step == .readJob(.sample))
        #expect(script.step == .cancel(.sample))
    }

    @Test("a job that completed before the cancellation came keeps its result")
    func tooLate() {
        var script = JobWaitScript.submitted()
        script.tell(.interrupted)
        script.end(.cancelled(.sample(.completed)))
        #expect(script.step == .readJob(.sample), "the answer to a cancellation need not hold the output")
        script.end(.job(.sample(.completed)))
        #expect(script.end?.exitCode == 0)
    }

    @Test("a cancellation that fails is tried again, four times in all")
    func cancellationFails() {
        var script = JobWaitScript.submitted()
        script.end(.job(.sample(.inProgress)))
        script.tell(.interrupted)
        var attempts = 0
        while script.end == nil, attempts < 10 {
            #expect(script.step == .cancel(.sample))
            attempts += 1
            script.end(.failed(cancelError))
            script.pass()
        }
        #expect(attempts == JobWait.cancelAttempts)
        #expect(script.end == .cancelUnconfirmed(.sample, cancelError))
        #expect(script.end?.exitCode == 5)
    }

    @Test("a cancellation that RunPod took and never shows is not called certain")
    func neverConfirmed() {
        var script = JobWaitScript.submitted()
        script.tell(.interrupted)
        script.end(.cancelled(.sample(.inProgress)))
        while script.end == nil, script.now < .seconds(300) {
            script.end(.job(.sample(.inProgress)))
            script.pass()
        }
        #expect(script.end == .cancelUnconfirmed(.sample, nil))
        #expect(script.now >= JobWait.longestConfirmation)
    }

    @Test("who only looks on does not cancel a job")
    func lookingOn() {
        var script = JobWaitScript(JobWait(following: .sample, patience: nil))
        #expect(script.step == .readJob(.sample))
        script.tell(.interrupted)
        #expect(script.end == .givenUp(.sample))
    }
}
