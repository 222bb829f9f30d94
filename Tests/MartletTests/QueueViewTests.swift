import KubernetesModel
import RunPod
import Testing

@testable import martlet

@Suite struct QueueViewTests {
    private func cause(_ workers: EndpointHealth.Workers, inQueue: Int = 1) -> QueueView.Cause {
        QueueView(health: EndpointHealth(jobs: .init(inQueue: inQueue), workers: workers)).cause
    }

    @Test("a job that waits in vain is explained: closed, no capacity, crash loop")
    func stuck() {
        let closed = QueueView(health: EndpointHealth(), bounds: WorkersBounds(min: 0, max: 0))
        #expect(closed.cause == .closed)
        #expect(closed.cause.description.contains("martlet open"))
        #expect(cause(.init(idle: 0, running: 0, throttled: 2)) == .throttled(2))
        #expect(cause(.init(throttled: 1, unhealthy: 3)) == .crashLoop(3))
    }

    @Test("a job that waits its turn is explained: cold start, busy, ready, none yet")
    func waiting() {
        #expect(cause(.init(initializing: 1, throttled: 1)) == .coldStart(1))
        #expect(cause(.init(running: 3), inQueue: 7).description == "busy: 3 workers at work, 7 jobs queued")
        #expect(cause(.init(idle: 1, running: 3)) == .workerReady)
        #expect(cause(.init(ready: 1)) == .workerReady)
        #expect(cause(.init(idle: 0)) == .noWorker)
    }

    @Test("what RunPod did not tell is no reason")
    func untold() {
        #expect(QueueView().cause == .unknown)
        #expect(QueueView().cause.description.isEmpty)
    }

    @Test("the progress line says the state, the seconds and why the job waits")
    func line() {
        var script = JobWaitScript.submitted()
        script.now = .seconds(12)
        script.tell(.health(EndpointHealth(workers: .init(initializing: 1))))
        #expect(JobProgress.line(script.wait, now: script.now) == "queued 12 s, cold start: 1 worker starting")
        var job = Job.sample(.inProgress)
        job.workerID = "z3jr9rv2k3tt2y"
        script.end(.job(job))
        #expect(JobProgress.line(script.wait, now: .seconds(20)) == "running 20 s on worker z3jr9rv2k3tt2y")
        script.tell(.interrupted)
        #expect(JobProgress.line(script.wait, now: .seconds(21)).hasPrefix("cancelling, 21 s"))
    }
}
