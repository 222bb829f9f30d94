import HTTPTransport
import KubernetesModel
import Testing

@testable import RunPod

private let queued = #"{"id":"bd9227e3-u1","status":"IN_QUEUE"}"#

@Suite struct JobTests {
    @Test("each operation goes to its place with the key, and reads the answer")
    func operations() async throws {
        let done = #"""
            {"id":"bd9227e3-u1","status":"COMPLETED","delayTime":31618,"executionTime":1437.0,"workerId":"w","retries":1,
             "output":{"text":["Hello!"]}}
            """#
        let transport = ScriptedTransport([
            .init(.post, "ai/4m7x2k9q/run", .json(200, queued)),
            .init(.post, "ai/4m7x2k9q/runsync?wait=60000", .json(200, done)),
            .init(.get, "ai/4m7x2k9q/status/bd9227e3-u1", .json(200, done)),
            .init(
                .get, "ai/4m7x2k9q/stream/bd9227e3-u1",
                .json(200, #"{"status":"IN_PROGRESS","stream":[{"output":"a"},{"output":{"b":1}},{"metrics":{}}]}"#)),
            .init(.post, "ai/4m7x2k9q/cancel/bd9227e3-u1", .json(200, #"{"id":"bd9227e3-u1","status":"CANCELLED"}"#)),
            .init(.post, "ai/4m7x2k9q/retry/bd9227e3-u1", .json(200, queued)),
            .init(.post, "ai/4m7x2k9q/purge-queue", .json(200, #"{"removed":2,"status":"completed"}"#)),
            .init(
                .get, "ai/4m7x2k9q/health",
                .json(200, #"{"jobs":{"inQueue":3,"new":1},"workers":{"idle":0,"throttled":"1"}}"#)),
            .init(.get, "ai/4m7x2k9q/requests", .json(200, #"{"requests":[\#(queued),{"id":4}],"cursor":null}"#)),
        ])
        let jobs = RunPodJobs(transport)
        let request = JobRequest(input: [:], policy: JobPolicy(executionTimeout: 60_000))

        #expect(try await jobs.run(request, on: endpointID) == Job(id: jobID, status: .inQueue))
        let job = try await jobs.runSync(request, on: endpointID, wait: .seconds(60))
        #expect(job.status == .completed && job.executionTime == 1437 && job.output?["text"] == ["Hello!"])
        #expect(try await jobs.status(of: jobID, on: endpointID) == job)
        let page = try await jobs.stream(of: jobID, on: endpointID, wait: nil)
        #expect(page == JobStreamPage(status: .inProgress, chunks: ["a", ["b": 1]]))
        #expect(try await jobs.cancel(jobID, on: endpointID).status == .cancelled)
        #expect(try await jobs.retry(jobID, on: endpointID).status == .inQueue)
        #expect(try await jobs.purgeQueue(of: endpointID).removed == 2)
        let health = try await jobs.health(of: endpointID)
        #expect(health.jobs == .init(inQueue: 3) && health.workers == .init(idle: 0, throttled: 1))
        #expect(try await jobs.requests(of: endpointID).map(\.id) == [jobID])

        #expect(transport.remaining.isEmpty)
        #expect(transport.requests[0].text == #"{"input":{},"policy":{"executionTimeout":60000}}"#)
        #expect(
            transport.requests.map(\.timeouts.response).prefix(4) == [
                .seconds(30), .seconds(75), .seconds(30), .seconds(25),
            ])
    }

    @Test(
        "a wait is kept within what RunPod takes",
        arguments: [
            (Duration.zero, "1000", 16), (.seconds(-5), "1000", 16), (.milliseconds(1500), "1500", 16),
            (.seconds(100_000_000_000_000), "300000", 315),
        ])
    func waits(wait: Duration, text: String, patience: Int) async throws {
        let transport = ScriptedTransport([.init(.post, "ai/4m7x2k9q/runsync?wait=\(text)", .json(200, queued))])
        _ = try await RunPodJobs(transport).runSync(JobRequest(input: 1), on: endpointID, wait: wait)
        #expect(try #require(transport.requests[0].timeouts.response) >= .seconds(patience))
    }

    @Test(
        "every end of a job is an end; a word that is not known is none",
        arguments: [
            ("COMPLETED", true), ("FAILED", true), ("CANCELLED", true), ("TIMED_OUT", true), ("IN_QUEUE", false),
            ("IN_PROGRESS", false), ("RUNNING", false), ("PAUSED", false),
        ])
    func ends(word: String, isEnd: Bool) {
        #expect(JobStatus(rawValue: word).isTerminal == isEnd)
        #expect(word == "RUNNING" || JobStatus(rawValue: word).rawValue == word)
    }

    @Test(
        "a worker's error is read as text, as JSON in text, and as an object",
        arguments: [
            (#""job timed out after 1 retries""#, JobFailure(message: "job timed out after 1 retries")),
            (
                #""{\"error_type\":\"<class 'ValueError'>\",\"error_message\":\"bad\",\"error_traceback\":\"t\"}""#,
                JobFailure(message: "bad", type: "<class 'ValueError'>", traceback: "t")
            ),
            (#"{"message":"oops"}"#, JobFailure(message: "oops")),
            (#"["x"]"#, JobFailure(message: "the worker reported an error without a message")),
        ])
    func failures(error: String, expected: JobFailure) async throws {
        let transport = ScriptedTransport([
            .init(
                .get, "ai/4m7x2k9q/status/bd9227e3-u1",
                .json(200, #"{"id":"bd9227e3-u1","status":"FAILED","error":\#(error)}"#))
        ])
        #expect(try await RunPodJobs(transport).status(of: jobID, on: endpointID).failure == expected)
    }

    @Test("an error inside the output of a completed job shows")
    func errorInOutput() async throws {
        let transport = ScriptedTransport([
            .init(
                .get, "ai/4m7x2k9q/status/bd9227e3-u1",
                .json(200, #"{"id":"bd9227e3-u1","status":"COMPLETED","output":{"error":{"message":"vLLM"}}}"#)),
            .init(.get, "ai/4m7x2k9q/status/bd9227e3-u1", .json(200, #"{"id":"bd9227e3-u1","status":"COMPLETED"}"#)),
        ])
        let jobs = RunPodJobs(transport)
        #expect(try await jobs.status(of: jobID, on: endpointID).errorInOutput == ["message": "vLLM"])
        #expect(try await jobs.status(of: jobID, on: endpointID).errorInOutput == nil)
    }

    @Test("neither submitting, cancelling, queueing again, purging nor streaming is repeated")
    func nothingIsRepeated() async throws {
        let lost = ScriptedTransport.Reply.failure(.connectionLost("x"))
        let transport = ScriptedTransport([
            .init(.post, "ai/4m7x2k9q/run", lost), .init(.post, "ai/4m7x2k9q/runsync", lost),
            .init(.post, "ai/4m7x2k9q/cancel/bd9227e3-u1", lost), .init(.post, "ai/4m7x2k9q/retry/bd9227e3-u1", lost),
            .init(.post, "ai/4m7x2k9q/purge-queue", lost), .init(.get, "ai/4m7x2k9q/stream/bd9227e3-u1", lost),
        ])
        let jobs = RunPodJobs(transport)
        let request = JobRequest(input: ["prompt": "hi"])
        let errors = [
            try await failure { _ = try await jobs.run(request, on: endpointID) },
            try await failure { _ = try await jobs.runSync(request, on: endpointID, wait: nil) },
            try await failure { _ = try await jobs.cancel(jobID, on: endpointID) },
            try await failure { _ = try await jobs.retry(jobID, on: endpointID) },
            try await failure { _ = try await jobs.purgeQueue(of: endpointID) },
            try await failure { _ = try await jobs.stream(of: jobID, on: endpointID, wait: nil) },
        ]
        #expect(transport.remaining.isEmpty)
        #expect(errors.map(\.mayHaveTakenEffect) == [true, true, true, true, true, false])
    }
}
