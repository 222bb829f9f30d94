import HTTPTransport
import KubernetesModel
import RunPod
import Testing

@testable import martlet

@Suite struct JobStreamTests {
    private func page(_ status: JobStatus?, _ chunks: [JSONValue] = []) -> JobWait.Outcome {
        .page(JobStreamPage.sample(status, chunks))
    }

    @Test("chunks are read one page after the other, and after the last the job's end")
    func pages() {
        var script = JobWaitScript.submitted(.chunks)
        #expect(script.step == .readPage(.sample))
        script.end(page(.inQueue))
        #expect(script.step == .pause(JobWait.emptyPause))
        script.pass()
        script.end(page(.inProgress, ["Hel"]))
        #expect(script.step == .readPage(.sample))
        script.end(page(.completed, ["lo"]))
        #expect(script.step == .readPage(.sample), "more may be buffered")
        script.end(page(.completed))
        #expect(script.step == .readJob(.sample))
        script.end(.job(.sample(.completed)))
        #expect(script.end?.exitCode == 0)
    }

    @Test("a stream that stalls and fails ends as FAILED with the reason")
    func fails() {
        var script = JobWaitScript.submitted(.chunks)
        script.end(page(.inProgress, ["partial"]))
        script.end(page(.failed))
        var job = Job.sample(.failed)
        job.failure = JobFailure(message: "CUDA out of memory", type: "<class 'RuntimeError'>")
        script.end(.job(job))
        #expect(script.end?.exitCode == 1)
        let text = script.end.flatMap { JobText.explanation($0, of: script.wait, name: "x") }
        #expect(text == "FAILED: RuntimeError: CUDA out of memory")
    }

    @Test("the end that the stream told counts also when the details have gone")
    func endWithoutDetails() {
        var script = JobWaitScript.submitted(.chunks)
        script.end(page(.completed))
        script.end(.failed(.notThere))
        #expect(script.end == .finished(.sample(.completed)))
    }

    @Test("a worker that tells no status is asked for the job's")
    func statusless() {
        var script = JobWaitScript.submitted(.chunks)
        script.end(page(nil, ["a"]))
        script.end(page(nil))
        #expect(script.step == .readJob(.sample))
        script.end(.job(.sample(.inProgress)))
        script.pass()
        #expect(script.step == .readPage(.sample))
    }

    @Test("an answer lost on the way is counted, because its chunks are gone")
    func lostPage() {
        var script = JobWaitScript.submitted(.chunks)
        script.end(page(.inProgress, ["a"]))
        script.end(.failed(RunPodError(.streamJob(.sample, .sample), .transport(.timedOut("silence")))))
        #expect(script.wait.lostPages == 1)
        script.pass()
        #expect(script.step == .readPage(.sample))
    }
}
