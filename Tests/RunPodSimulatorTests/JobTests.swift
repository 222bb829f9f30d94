import HTTPTransport
import RunPodSimulator
import Testing

@Suite("Jobs") struct JobTests {
    private var bench = Bench()
    private let id: RunPodWorld.EndpointID

    /// One warm worker, a second if jobs wait.
    init() {
        id = bench.create(["workers": ["min": 1, "max": 2, "idleTimeout": 60], "timeout": 60_000])
        bench.pass(.seconds(11))
    }

    private mutating func post(_ path: String, _ body: WireJSON? = nil) -> (status: Int, json: WireJSON) {
        let answer = bench.call("POST", "/v2/\(id)/\(path)", body, on: .jobs)
        return (answer.status, answer.json)
    }

    private mutating func get(_ path: String) -> (status: Int, json: WireJSON) {
        let answer = bench.call("GET", "/v2/\(id)/\(path)", on: .jobs)
        return (answer.status, answer.json)
    }

    private mutating func run(_ lab: WireJSON = [:], policy: WireJSON = [:]) -> String {
        post("run", ["input": ["lab": lab], "policy": policy]).json["id"]?.string ?? "none"
    }

    private mutating func status(_ job: String) -> String? { get("status/\(job)").json["status"]?.string }

    @Test("a job goes from the queue through a worker to its output, and is forgotten after half an hour")
    mutating func life() {
        let job = run(["seconds": 5])
        #expect(job.hasSuffix("-u1"))
        let other = run(["seconds": 1])
        #expect(status(job) == "IN_PROGRESS")
        #expect(get("status/\(other)").json == ["id": .string(other), "status": "IN_QUEUE"])
        bench.pass(.seconds(5))
        let done = get("status/\(job)").json
        #expect(done["status"] == "COMPLETED" && done["executionTime"] == 5000 && done["delayTime"] == 0)
        #expect(done["output"] != nil && done["retries"] == nil)
        #expect(status(other) == "IN_PROGRESS")
        bench.pass(.minutes(30))
        #expect(get("status/\(job)").status == 404)
        #expect(get("health").json["jobs"]?["completed"] == 2)
    }

    @Test("an empty input is taken, never reported back, tried twice and has failed")
    mutating func emptyInput() {
        let job = post("run", ["input": [:]]).json["id"]?.string ?? "none"
        bench.pass(.seconds(44))
        #expect(status(job) == "IN_PROGRESS")
        #expect(get("status/\(job)").json["retries"] == 1)
        bench.pass(.seconds(43))
        let failed = get("status/\(job)").json
        #expect(failed["status"] == "FAILED" && failed["error"] == "job timed out after 1 retries")
        #expect(get("health").json["jobs"]?["retried"] == 1)
    }

    @Test("a handler's exception fails the job with an error that is JSON in a string")
    mutating func exception() {
        let job = run(["seconds": 1, "fails": "no such model"])
        bench.pass(.seconds(1))
        let failed = get("status/\(job)").json
        #expect(failed["status"] == "FAILED")
        let error = WireJSON(parsing: failed["error"]?.string ?? "")
        #expect(error?["error_message"] == "no such model")
        #expect(post("retry/\(job)").json == ["id": .string(job), "status": "IN_QUEUE"])
        #expect(status(job) == "IN_PROGRESS")
        #expect(post("retry/\(job)").status == 400)
    }

    @Test("the endpoint's execution timeout ends a job and its worker, the policy's goes before it")
    mutating func executionTimeout() {
        let job = run(["seconds": 600])
        bench.pass(.seconds(60))
        #expect(status(job) == "TIMED_OUT")
        let short = run(["seconds": 600], policy: ["executionTimeout": 5000])
        bench.pass(.seconds(11 + 5))
        #expect(status(short) == "TIMED_OUT")
        bench.world.settings.jobs.executionTimeoutFails = true
        let failing = run(["seconds": 600], policy: ["executionTimeout": 5000])
        bench.pass(.seconds(11 + 5))
        #expect(status(failing) == "FAILED")
    }

    @Test("the time to live takes a job away even from under its worker")
    mutating func timeToLive() {
        let job = run(["seconds": 50], policy: ["ttl": 10_000])
        bench.pass(.seconds(9))
        #expect(status(job) == "IN_PROGRESS")
        bench.pass(.seconds(1))
        #expect(get("status/\(job)").status == 404)
        #expect(bench.workers(id) == ["IDLE"])
        #expect(post("run", ["input": [:], "policy": ["ttl": 9999]]).status == 400)
    }

    @Test("cancel ends waiting and running jobs, and tells the state of finished ones")
    mutating func cancel() {
        let running = run(["seconds": 50])
        let waiting = run(["seconds": 50])
        for job in [running, waiting] {
            #expect(post("cancel/\(job)").json == ["id": .string(job), "status": "CANCELLED"])
            #expect(post("cancel/\(job)").json["status"] == "CANCELLED")
        }
        #expect(post("cancel/nothing").status == 404)
        bench.pass(.seconds(10))
        #expect(get("health").json["jobs"]?["inProgress"] == 0)
        #expect(bench.workers(id) == ["IDLE"])
    }

    @Test("purging takes what waits and leaves what runs")
    mutating func purge() {
        bench.world.settings.jobs.limitPerWorker = 0
        let running = run(["seconds": 50])
        let waiting = run()
        _ = run()
        #expect(post("purge-queue").json == ["removed": 2, "status": "completed"])
        #expect(status(running) == "IN_PROGRESS")
        #expect(get("status/\(waiting)").status == 404)
        #expect(post("purge-queue").status == 200)
        #expect(post("purge-queue").status == 429)
        bench.pass(.seconds(10))
        #expect(post("purge-queue").status == 200)
    }

    @Test("health has six keys for workers and five for jobs, warm workers are idle and ready")
    mutating func health() {
        _ = run(["seconds": 1])
        #expect(get("health").json["workers"]?["running"] == 1)
        bench.pass(.seconds(2))
        let health = get("health").json
        #expect(
            health["workers"] == [
                "idle": 1, "ready": 1, "initializing": 0, "running": 0, "throttled": 0, "unhealthy": 0,
            ])
        #expect(health["jobs"] == ["completed": 1, "failed": 0, "inProgress": 0, "inQueue": 0, "retried": 0])
    }

    @Test("health and the worker list can disagree, lose keys and speak of states that nobody knows")
    mutating func disagreement() {
        _ = run(["seconds": 30])
        bench.world.settings.healthDisagreesWithWorkers = true
        bench.world.settings.missingKeys = ["unhealthy"]
        bench.world.settings.unknownWorkerStatus = "HIBERNATING"
        let health = get("health").json["workers"]
        #expect(health?["running"] == 0 && health?["throttled"] == 1 && health?["unhealthy"] == nil)
        let list = bench.call("GET", "/v2/serverless/\(id)/workers").json
        #expect(list["summary"]?["running"] == 1)
        #expect(list["workers"]?.array?.first?["status"] == "HIBERNATING")
    }

    @Test("a stream hands out each piece once, holds while there is none, and ends with the job")
    mutating func stream() {
        let job = run(["seconds": 10, "chunks": 5])
        guard case .waiting(let wait) = bench.ask("GET", "/v2/\(id)/stream/\(job)", on: .jobs) else {
            Issue.record("not held")
            return
        }
        #expect(wait.until <= bench.world.now + .seconds(2))
        guard case .response(let first) = bench.world.resume(wait, at: bench.world.now + .seconds(4)) else {
            Issue.record("still held")
            return
        }
        #expect(first.json?["status"] == "IN_PROGRESS" && first.json?["stream"]?.array?.count == 2)
        bench.pass(.seconds(6))
        let rest = get("stream/\(job)").json
        #expect(rest["status"] == "COMPLETED" && rest["stream"]?.array?.count == 3)
        #expect(get("stream/\(job)").json["stream"] == [])
        #expect(get("status/\(job)").json["output"] == nil)
    }

    @Test("a piece over the limit is split")
    mutating func bigPieces() {
        bench.world.settings.jobs.chunkLimit = 100
        let job = run(["seconds": 1, "chunks": 1, "chunkBytes": 240])
        bench.pass(.seconds(1))
        #expect(get("stream/\(job)").json["stream"]?.array?.count == 3)
    }

    @Test("bodies over the limit are refused, those without input too")
    mutating func payloads() {
        bench.world.settings.jobs.runLimit = 100
        #expect(post("run", ["input": .string(String(repeating: "x", count: 100))]).status == 413)
        bench.world.settings.jobs.tooLargeStatus = 400
        #expect(post("run", ["input": .string(String(repeating: "x", count: 100))]).status == 400)
        #expect(post("run", ["prompt": "x"]).status == 400)
        #expect(post("run").status == 400)
    }

    @Test("ten seconds hold as many calls as the operation may make, then 429 without a hint")
    mutating func windows() {
        bench.world.settings.jobs.limits["run"] = 2
        bench.world.settings.jobs.limitPerWorker = 0
        _ = run()
        _ = run()
        #expect(post("run", ["input": ["a": 1]]).status == 429)
        bench.pass(.seconds(10))
        #expect(post("run", ["input": ["a": 1]]).status == 200)
    }

    @Test("a bare key is as good as a bearer token, none at all is not")
    mutating func keys() {
        let bare = SimulatedRequest(.jobs, "GET", "/v2/\(id)/health", authorization: Bench.key)
        guard case .response(let answer) = bench.world.handle(bare, at: bench.world.now) else { return }
        #expect(answer.status == 200)
        #expect(bench.call("GET", "/v2/\(id)/health", key: nil, on: .jobs).status == 401)
        bench.world.addKey("reader", to: "acme", right: .readOnly)
        #expect(bench.call("GET", "/v2/\(id)/health", key: "reader", on: .jobs).status == 200)
        #expect(bench.call("POST", "/v2/\(id)/run", ["input": [:]], key: "reader", on: .jobs).status == 403)
    }

    @Test("a new endpoint and a new job can be unknown for a while")
    mutating func lags() {
        bench.world.settings.lag.jobsAfterCreate = .seconds(5)
        bench.world.settings.lag.statusAfterRun = .seconds(3)
        let fresh = bench.create()
        #expect(bench.call("GET", "/v2/\(fresh)/health", on: .jobs).status == 404)
        let job = run(["seconds": 30])
        #expect(get("status/\(job)").status == 404)
        bench.pass(.seconds(3))
        #expect(status(job) == "IN_PROGRESS")
        bench.pass(.seconds(2))
        #expect(bench.call("GET", "/v2/\(fresh)/health", on: .jobs).status == 200)
    }

    @Test("deleting the endpoint takes its jobs along, and a held request hears of it")
    mutating func deletion() {
        let job = run(["seconds": 50])
        let held = bench.ask("POST", "/v2/\(id)/runsync", ["input": ["a": 1]], on: .jobs)
        #expect(bench.call("DELETE", "/v2/serverless/\(id)").status == 204)
        #expect(get("status/\(job)").status == 404)
        guard case .waiting(let wait) = held, case .response(let answer) = bench.world.resume(wait, at: wait.until)
        else {
            Issue.record("not held, or still held")
            return
        }
        #expect(answer.status == 404)
    }

    @Test("an OpenAI call is a job whose output is the answer")
    mutating func openAI() {
        let body: WireJSON = ["model": "m", "messages": [["role": "user", "content": "hi"]]]
        let held = bench.ask("POST", "/v2/\(id)/openai/v1/chat/completions", body, on: .jobs)
        guard case .waiting(let wait) = held,
            case .response(let answer) = bench.world.resume(wait, at: bench.world.now + .seconds(2))
        else {
            Issue.record("not held, or still held")
            return
        }
        #expect(answer.json?["object"] == "chat.completion" && answer.json?["model"] == "m")
    }
}
