import KubernetesModel
import Redis
import RedisTestSupport
import Testing

@testable import MartletOperator

@Suite struct WorkerFeedTests {
    private let a = ObjectKey(namespace: "dev", name: "a")
    private let b = ObjectKey(namespace: "dev", name: "b")
    private let heartbeat = Heartbeat(hostname: "celery@vm", active: 1, processed: 5, frequency: 2)
    private let start = ContinuousClock.now

    @Test("after each reconnect the subscription is told again, and what is heard in between is lost")
    func resubscribing() {
        var state = WorkerFeedState(database: 3)
        state.receive(.wanted(["p:"]), at: start)
        #expect(state.nextStep(at: start) == .rest(until: nil))
        for _ in 0..<2 {
            state.receive(.connected, at: start)
            #expect(state.nextStep(at: start) == .subscribe(prefixes: ["p:"]))
            state.receive(.answered(prefixes: ["p:"], refusals: [:]), at: start)
            let channel = "p:/3.celeryev/worker.heartbeat"
            state.receive(.message(channel: channel, payload: Array(HeartbeatParserTests.sample.utf8)), at: start)
            state.receive(.message(channel: channel, payload: [0]), at: start)
            state.receive(.message(channel: "other", payload: Array(HeartbeatParserTests.sample.utf8)), at: start)
            let events: [WorkerEvent] = [.subscribed(keyPrefix: "p:"), .heartbeat(keyPrefix: "p:", heartbeat)]
            #expect(state.nextStep(at: start) == .tell(events.map { .init(event: $0, at: start) }))
            state.receive(.lost, at: start)
            #expect(state.nextStep(at: start) == .tell([.init(event: .lost(keyPrefix: "p:"), at: start)]))
        }
    }

    @Test("a refused channel is told once and tried again slowly")
    func refused() {
        var state = WorkerFeedState(database: 0)
        let channel = "/0.celeryev/worker.heartbeat"
        state.receive(.wanted([""]), at: start)
        state.receive(.connected, at: start)
        _ = state.nextStep(at: start)
        state.receive(.answered(prefixes: [""], refusals: [channel: .noPermission]), at: start)
        guard case .tell(let told) = state.nextStep(at: start), case .refused(_, let failure)? = told.first?.event
        else {
            Issue.record("the refusal is not told")
            return
        }
        #expect(failure.reason == .permissionDenied)
        let later = start + WorkerFeedState.retry
        #expect(state.nextStep(at: start) == .rest(until: later))
        #expect(state.nextStep(at: later) == .subscribe(prefixes: [""]))
        state.receive(.answered(prefixes: [""], refusals: [channel: .noPermission]), at: later)
        #expect(state.nextStep(at: later) == .rest(until: later + WorkerFeedState.retry))
        #expect(state.nextStep(at: later + WorkerFeedState.retry) == .subscribe(prefixes: [""]))
        state.receive(.answered(prefixes: [""], refusals: [:]), at: later)
        #expect(state.nextStep(at: later) == .tell([.init(event: .subscribed(keyPrefix: ""), at: later)]))
    }

    @Test("a flood of messages is cut, not kept")
    func flood() {
        var state = WorkerFeedState(database: 0)
        state.receive(.wanted([""]), at: start)
        state.receive(.connected, at: start)
        _ = state.nextStep(at: start)
        state.receive(.answered(prefixes: [""], refusals: [:]), at: start)
        for _ in 0..<10_000 {
            state.receive(
                .message(
                    channel: "/0.celeryev/worker.heartbeat", payload: Array(HeartbeatParserTests.sample.utf8)),
                at: start)
        }
        guard case .tell(let told) = state.nextStep(at: start) else { return #expect(Bool(false)) }
        #expect(told.count == 1 + WorkerFeedState.maximumMessages)
    }

    @Test("heartbeats published to a real Redis arrive on a second connection, which exists only for Celery")
    func real() async throws {
        let process = try RedisServerProcess()
        let world = ObservedServer(process, database: 3)
        world.server.observe(a, .list(key: "jobs", inFlightKeys: []))
        try await world.running {
            let application = try await world.application()
            #expect(await eventually { world.counts(a) == [0, 0] })
            #expect(try await connections(application) == 1)
            world.server.observe(b, .celery(queues: ["q"], priorities: [0], keyPrefix: "p:"))
            #expect(await eventually { world.workers.all == [.subscribed(keyPrefix: "p:")] })
            #expect(try await connections(application) == 2)
            try await application.run("PUBLISH", "p:/3.celeryev/worker.online", HeartbeatParserTests.sample)
            try await application.run("PUBLISH", "p:/3.celeryev/worker.heartbeat", "garbage")
            try await application.run("PUBLISH", "p:/3.celeryev/worker.heartbeat", HeartbeatParserTests.sample)
            let all: [WorkerEvent] = [
                .subscribed(keyPrefix: "p:"), .online(keyPrefix: "p:", heartbeat),
                .heartbeat(keyPrefix: "p:", heartbeat),
            ]
            #expect(await eventually { world.workers.all == all })
            world.server.stopObserving(b)
            #expect(try await eventually { try await connections(application) == 1 })
            application.close()
        }
    }

    @Test("a user without the channel is told which right is missing")
    func realRefusal() async throws {
        let process = try RedisServerProcess()
        let world = ObservedServer(process, credentials: RedisCredentials(username: "martlet", password: "secret"))
        let application = try await world.application()
        try await application.run("ACL", "SETUSER", "martlet", "on", ">secret", "~*", "resetchannels", "+@all")
        world.server.observe(b, .celery(queues: ["q"], priorities: [0]))
        try await world.running {
            #expect(await eventually { !world.workers.all.isEmpty })
            guard case .refused(_, let failure)? = world.workers.all.first else {
                Issue.record("not refused: \(world.workers.all)")
                return
            }
            #expect(failure.message.contains("&/0.celeryev/*"))
            #expect(await eventually { world.counts(b) == [0, 0] })
        }
        application.close()
    }

    /// How many connections of the operator the server has.
    private func connections(_ connection: RedisConnection) async throws -> Int {
        let text = try await connection.run("CLIENT", "LIST")?.text ?? ""
        return text.split(whereSeparator: \.isNewline).count { $0.contains("name=martlet") }
    }
}
