import HTTPTransport
import Kubernetes
import KubernetesModel
import Testing

@testable import ControllerRuntime

@Suite(.timeLimit(.minutes(1))) struct WatcherTests {
    private let time = ManualTime()
    private let server = ScriptedServer()
    private let store = Store<ConfigMap>()
    private let changes = Inbox<String>()
    private static let path = "/api/v1/configmaps"

    private func watcher(keeping: @escaping @Sendable (ConfigMap) -> Bool = { _ in true }) -> Watcher<ConfigMap> {
        Watcher(
            server.client(time).resources(), into: store, keeping: keeping, time: time, random: HighestRandom(),
            logger: .silent
        ) { [changes] change in changes.put(change.summary) }
    }

    /// Runs `watcher` while `body` leads the script, then checks that it ends when cancelled.
    private func running(_ watcher: Watcher<ConfigMap>, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watcher.run() }
            try await body()
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
        #expect(time.pendingSleeps.isEmpty)
    }

    /// Waits for as many changes, which must be these.
    private func expectChanges(_ expected: String..., at place: SourceLocation = #_sourceLocation) async throws {
        let seen = try await changes.next(expected.count)
        #expect(seen == expected, sourceLocation: place)
    }

    private func expectWatch(from version: String) -> WatchScript {
        let stream = WatchScript()
        server.expect("WATCH \(Self.path)?resourceVersion=\(version)", .stream(stream))
        return stream
    }

    /// Waits until the watcher sleeps as long as `delay` in its backoff, then wakes it.
    private func passBackoff(_ delay: Duration) async {
        await until { time.pendingSleeps == [delay] }
        time.advance(by: delay)
    }

    @Test func `it lists in pages, then follows the changes in order`() async throws {
        server.expect("GET \(Self.path)", page([configMap("a", version: 1)], version: 5, next: "p2"))
        server.expect("GET \(Self.path)?continue=p2", page([configMap("b", version: 2)], version: 5))
        let stream = expectWatch(from: "5")
        try await running(watcher()) {
            try await expectChanges("added a", "added b")
            #expect(store.isSynced)
            stream.send("MODIFIED", configMap("a", version: 6))
            stream.send("ADDED", configMap("c", version: 7))
            stream.send("DELETED", configMap("b", version: 8))
            try await expectChanges("updated a 1 6", "added c", "removed b")
            #expect(Set(store.all.map(\.key.name)) == ["a", "c"])
        }
    }

    @Test func `after a clean end it resumes from the last bookmark`() async throws {
        server.expect("GET \(Self.path)", page([], version: 5))
        let first = expectWatch(from: "5")
        let second = expectWatch(from: "9")
        try await running(watcher()) {
            _ = try await server.requests.next(2)
            time.advance(by: .seconds(60))
            first.bookmark("9")
            first.end()
            _ = try await server.requests.next()
            second.send("ADDED", configMap("a", version: 10))
            try await expectChanges("added a")
        }
    }

    @Test(arguments: [ScriptedServer.Reply.status(410, reason: "Expired"), .stream(goneStream())])
    func `a version that is gone leads to a list that tells what was missed`(gone: ScriptedServer.Reply) async throws {
        let listed = [configMap("a", version: 1), configMap("b", version: 1), configMap("c", version: 1)]
        server.expect("GET \(Self.path)", page(listed, version: 5))
        server.expect("WATCH \(Self.path)?resourceVersion=5", gone)
        server.expect("GET \(Self.path)", page([configMap("a", version: 1), configMap("b", version: 7)], version: 8))
        _ = expectWatch(from: "8")
        try await running(watcher()) {
            _ = try await changes.next(3)
            try await expectChanges("removed c", "updated b 1 7")
            _ = try await server.requests.next(4)
            #expect(time.uptime.sinceOrigin == .zero, "the list comes at once")
        }
    }

    private static func goneStream() -> WatchScript {
        let stream = WatchScript()
        stream.send("ERROR", #"{"kind":"Status","status":"Failure","reason":"Expired","code":410}"#)
        return stream
    }

    @Test func `while a list is renewed the store keeps what it had`() async throws {
        server.expect("GET \(Self.path)", page([configMap("a", version: 1)], version: 5))
        server.expect("WATCH \(Self.path)?resourceVersion=5", .status(410, reason: "Expired"))
        server.expect("GET \(Self.path)", page([configMap("b", version: 6)], version: 8, next: "p2"))
        server.expect("GET \(Self.path)?continue=p2", .status(500, reason: "InternalError"))
        server.expect("GET \(Self.path)?continue=p2", page([configMap("c", version: 7)], version: 8))
        _ = expectWatch(from: "8")
        try await running(watcher()) {
            _ = try await server.requests.next(4)
            await until { time.pendingSleeps == [.milliseconds(100)] }
            #expect(store.all.map(\.key.name) == ["a"])
            #expect(changes.rest == ["added a"])
            time.advance(by: .milliseconds(100))
            _ = try await changes.next(4)
            #expect(Set(store.all.map(\.key.name)) == ["b", "c"])
        }
    }

    @Test func `a connection that died without a word is given up after its time, from where it was`() async throws {
        server.expect("GET \(Self.path)", page([], version: 5))
        let halfOpen = expectWatch(from: "5")
        let next = expectWatch(from: "6")
        try await running(watcher()) {
            halfOpen.send("ADDED", configMap("a", version: 6))
            try await expectChanges("added a")
            #expect(time.pendingSleeps == [.seconds(300)])
            time.advance(by: .seconds(300))
            await passBackoff(.milliseconds(100))
            next.send("DELETED", configMap("a", version: 7))
            try await expectChanges("removed a")
        }
    }

    @Test func `a list page that never arrives is asked for again`() async throws {
        server.expect("GET \(Self.path)", .silence)
        server.expect("GET \(Self.path)", page([configMap("a", version: 1)], version: 5))
        _ = expectWatch(from: "5")
        try await running(watcher()) {
            _ = try await server.requests.next()
            await passBackoff(.seconds(150))
            await passBackoff(.milliseconds(100))
            try await expectChanges("added a")
        }
    }

    @Test func `an unreachable server is asked less and less often, a throttling one when it says`() async throws {
        for _ in 0..<3 { server.expect("GET \(Self.path)", .failure(.connectFailed("refused"))) }
        server.expect("GET \(Self.path)", .status(429, reason: "TooManyRequests", retryAfter: 20))
        server.expect("GET \(Self.path)", page([], version: 5))
        _ = expectWatch(from: "5")
        try await running(watcher()) {
            for delay in [100, 200, 400, 20_800] { await passBackoff(.milliseconds(delay)) }
            try await store.waitUntilSynced()
        }
    }

    @Test func `asked for a list it leaves the watch, lists, and watches again`() async throws {
        server.expect("GET \(Self.path)", page([configMap("a", version: 1)], version: 5))
        _ = expectWatch(from: "5")
        server.expect("GET \(Self.path)", page([], version: 6))
        _ = expectWatch(from: "6")
        let watcher = watcher()
        try await running(watcher) {
            _ = try await server.requests.next(2)
            time.advance(by: .seconds(1))
            for _ in 0..<50 { watcher.relist() }
            try await expectChanges("added a", "removed a")
            _ = try await server.requests.next(2)
            await until { time.pendingSleeps == [.seconds(300)] }
        }
    }

    @Test func `objects that are not wanted are dropped, and removed once no longer wanted`() async throws {
        let listed = [configMap("a", version: 1, value: "keep"), configMap("b", version: 1, value: "drop")]
        server.expect("GET \(Self.path)", page(listed, version: 5))
        let stream = expectWatch(from: "5")
        try await running(watcher(keeping: { $0.data?["value"] == "keep" })) {
            stream.send("MODIFIED", configMap("b", version: 6, value: "drop"))
            stream.send("MODIFIED", configMap("a", version: 7, value: "drop"))
            stream.send("MODIFIED", configMap("b", version: 8, value: "keep"))
            try await expectChanges("added a", "removed a", "added b")
        }
    }

    @Test func `an object that can't be read is set aside and delays no other`() async throws {
        let broken = #"{"metadata":{"namespace":"ns","name":"bad","uid":"bad","resourceVersion":"1"},"data":"text"}"#
        server.expect("GET \(Self.path)", page([broken, configMap("a", version: 1)], version: 5))
        let stream = expectWatch(from: "5")
        try await running(watcher()) {
            try await expectChanges("added a")
            let key = ObjectKey(namespace: "ns", name: "bad")
            #expect(store.unreadable(key) != nil)
            stream.send("MODIFIED", configMap("bad", version: 6))
            try await expectChanges("added bad")
            #expect(store.unreadable(key) == nil)
        }
    }
}
