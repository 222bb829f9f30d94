import HTTPTransport
import Kubernetes
import KubernetesModel
import Testing

@Suite struct RetryTests {
    private let path = "/api/v1/namespaces/dev/configmaps/a"
    private let key = ObjectKey(namespace: "dev", name: "a")
    private let map = #"{"metadata": {"name": "a"}}"#

    private func get(
        _ replies: [ScriptedTransport.Reply], clock: ManualClock, limits: RequestLimits = RequestLimits()
    ) async -> KubernetesError? {
        let server = ScriptedTransport(replies.map { .init(method: .get, target: path, reply: $0) })
        let maps = KubernetesClient(server, limits: limits, time: clock.instantSleep).resources(ConfigMap.self)
        do throws(KubernetesError) {
            _ = try await maps.get(key)
            #expect(server.remaining.isEmpty)
            return nil
        } catch {
            #expect(server.remaining.isEmpty)
            return error
        }
    }

    @Test("A request that is put off is sent again after the time that the server names")
    func retryAfter() async {
        let clock = ManualClock()
        let error = await get(
            [
                .json(429, "", headers: ["retry-after": "7"]), .json(503, "", headers: ["Retry-After": "2"]),
                .json(200, map),
            ],
            clock: clock)
        #expect(error == nil)
        #expect(clock.slept == [.seconds(7), .seconds(2)])
    }

    @Test("The time may stand in the Status, and where there is none a second is waited")
    func retryAfterInStatus() async {
        let clock = ManualClock()
        let status = #"{"status": "Failure", "code": 429, "details": {"retryAfterSeconds": 3}}"#
        let error = await get([.json(429, status), .json(429, "slow down"), .json(200, map)], clock: clock)
        #expect(error == nil)
        #expect(clock.slept == [.seconds(3), .seconds(1)])
    }

    @Test("Retries are bounded, and the last answer goes to the caller")
    func bounded() async {
        let clock = ManualClock()
        let reply = ScriptedTransport.Reply.json(429, "", headers: ["Retry-After": "1"])
        let error = await get([reply, reply, reply], clock: clock, limits: RequestLimits(retries: 2))
        #expect(error?.status?.code == 429)
        #expect(error?.retryAfter == .seconds(1))
        #expect(error?.isRetryable == true)
        #expect(clock.slept.count == 2)
    }

    @Test("A wait that is longer than the limit is the caller's to plan")
    func longWait() async {
        let clock = ManualClock()
        let error = await get([.json(429, "", headers: ["Retry-After": "3600"])], clock: clock)
        #expect(error?.retryAfter == .seconds(3600))
        #expect(clock.slept.isEmpty)
    }

    @Test("Other failures are not repeated", arguments: [400, 403, 404, 409, 422, 500, 502, 503, 504])
    func others(code: Int) async {
        let clock = ManualClock()
        let error = await get([.json(code, "")], clock: clock)
        #expect(error?.status?.code == code)
        #expect(error?.isRetryable == (code >= 500))
        #expect(clock.slept.isEmpty)
    }

    @Test("Cancelling the wait ends the request")
    func cancelled() async {
        let clock = ManualClock()
        let server = ScriptedTransport(.get, path, .json(429, "", headers: ["Retry-After": "7"]))
        let maps = KubernetesClient(server, time: clock.time).resources(ConfigMap.self)
        let call = Task { () throws(KubernetesError) in try await maps.get(key) }
        await clock.sleeps(1)
        call.cancel()
        let result = await call.result
        #expect(throws: KubernetesError.self) { try result.get() }
        if case .failure(let error as KubernetesError) = result { #expect(error.isCancelled) }
    }
}
