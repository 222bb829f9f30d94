import HTTPTransport
import Kubernetes
import KubernetesModel
import Synchronization
import Testing

/// Says what a test wants, and counts.
private final class TestPermit: WritePermit {
    private let answers: Mutex<[Duration?]>
    let underWay = Mutex(0)
    let asked = Mutex(0)

    /// Gives these answers, the last one for ever.
    init(_ answers: Duration?...) { self.answers = Mutex(answers) }

    var allowance: Duration? {
        asked.withLock { $0 += 1 }
        return answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
    }
    func began() { underWay.withLock { $0 += 1 } }
    func ended() { underWay.withLock { $0 -= 1 } }
}

@Suite struct WritePermitTests {
    private let key = ObjectKey(namespace: "dev", name: "a")
    private let path = "/api/v1/namespaces/dev/configmaps/a"
    private let map = #"{"metadata": {"name": "a"}}"#
    private let patch: JSONValue = ["data": ["a": "b"]]
    private var patchPath: String { path + "?fieldManager=test" }

    @Test("A write without a permit is not sent", arguments: ["patch", "create", "apply", "scale", "delete"])
    func refused(verb: String) async {
        let permit = TestPermit(nil)
        let maps = KubernetesClient(ScriptedTransport([])).writing(under: permit).resources(ConfigMap.self)
        do throws(KubernetesError) {
            switch verb {
            case "patch": try await maps.mergePatch(key, patch, as: "test")
            case "create": _ = try await maps.create(patch, in: "dev", as: "test")
            case "apply": try await maps.apply(key, patch, as: "test")
            case "scale": try await maps.scale(key, to: 3, as: "test")
            default: try await maps.delete(key)
            }
            Issue.record("it was sent")
        } catch {
            #expect(error.isWithheld)
            #expect(!error.isRetryable)
        }
        #expect(permit.asked.withLock { $0 } == 1)
        #expect(permit.underWay.withLock { $0 } == 0)
    }

    @Test("Reads need no permit")
    func reads() async throws {
        let permit = TestPermit(nil)
        let server = ScriptedTransport(.get, path, .json(200, map))
        _ = try await KubernetesClient(server).writing(under: permit).resources(ConfigMap.self).get(key)
        #expect(permit.asked.withLock { $0 } == 0)
    }

    @Test("A write lasts no longer than its permit, and asks again when it is about to be sent")
    func limited() async throws {
        let permit = TestPermit(.seconds(4), .seconds(3), nil)
        let server = ScriptedTransport(.patch, patchPath, .json(200, map))
        let maps = KubernetesClient(server).writing(under: permit).resources(ConfigMap.self)
        try await maps.mergePatch(key, patch, as: "test")
        let request = try #require(server.requests.first)
        #expect(request.timeouts.response == .seconds(4))
        let mayBegin = try #require(request.mayBegin)
        #expect(mayBegin())
        #expect(!mayBegin())
    }

    @Test("A permit that ran out while the write waited for its turn counts no more")
    func waitedTooLong() async throws {
        let clock = ManualClock()
        let permit = TestPermit(.seconds(4), nil)
        let server = ScriptedTransport(.patch, patchPath, .json(200, map))
        let limits = RequestLimits(requestsPerSecond: 1, burst: 1)
        let maps = KubernetesClient(server, limits: limits, time: clock.instantSleep).writing(under: permit)
            .resources(ConfigMap.self)
        try await maps.mergePatch(key, patch, as: "test")
        let error = await failure { () async throws(KubernetesError) in
            try await maps.mergePatch(key, patch, as: "test")
        }
        #expect(error?.isWithheld == true)
        #expect(clock.slept == [.seconds(1)])
    }

    @Test("A write that the server put off needs its permit again")
    func postponed() async throws {
        let permit = TestPermit(.seconds(4), nil)
        let server = ScriptedTransport(.patch, patchPath, .json(429, "", headers: ["Retry-After": "5"]))
        let maps = KubernetesClient(server).writing(under: permit).resources(ConfigMap.self)
        let error = await failure { () async throws(KubernetesError) in
            try await maps.mergePatch(key, patch, as: "test")
        }
        #expect(error?.isWithheld == true)
        #expect(permit.underWay.withLock { $0 } == 0)
    }

    @Test("What the transport withheld is told as such")
    func withheldByTransport() async {
        let permit = TestPermit(.seconds(4))
        let server = ScriptedTransport(.patch, patchPath, .failure(.withheld))
        let maps = KubernetesClient(server).writing(under: permit).resources(ConfigMap.self)
        let error = await failure { () async throws(KubernetesError) in
            try await maps.mergePatch(key, patch, as: "test")
        }
        #expect(error?.isWithheld == true)
    }
}
