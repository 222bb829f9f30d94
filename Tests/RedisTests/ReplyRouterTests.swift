import Testing

@testable import Redis

@Suite struct ReplyRouterTests {
    private func string(_ text: String) -> RESPValue { .string(Array(text.utf8)) }

    @Test("replies belong to the oldest batch that is not complete")
    func order() throws {
        var router = ReplyRouter()
        router.expect(replies: 2)
        router.expect(replies: 1)
        #expect(try router.receive(.integer(1)) == .nothing)
        #expect(try router.receive(.error(.wrongType)) == .answered([.integer(1), .error(.wrongType)]))
        #expect(try router.receive(.integer(3)) == .answered([.integer(3)]))
        #expect(router.isIdle)
    }

    @Test("a push between replies takes no command's place")
    func pushes() throws {
        var router = ReplyRouter()
        router.expect(replies: 1)
        let keys = RESPValue.push([string("invalidate"), .array([string("a"), string("b")])])
        #expect(try router.receive(keys) == .pushed(.invalidated(["a", "b"])))
        #expect(try router.receive(.push([string("invalidate"), .null])) == .pushed(.invalidatedAll))
        #expect(try router.receive(.push([])) == .nothing)
        #expect(try router.receive(.push([string("tracking-redir-broken")])) == .nothing)
        #expect(try router.receive(.integer(1)) == .answered([.integer(1)]))
    }

    @Test("a reply that nobody waits for ends the connection")
    func unexpected() {
        var router = ReplyRouter()
        #expect(throws: RESPViolation.unexpectedReply) { try router.receive(.integer(1)) }
    }

    @Test("subscriptions are confirmed by pushes and refused by replies")
    func subscriptions() throws {
        var router = ReplyRouter()
        router.expect(subscriptions: 2)
        router.expect(replies: 1)
        #expect(try router.receive(.push([string("subscribe"), string("a"), .integer(1)])) == .nothing)
        #expect(try router.receive(.error(.noPermission)) == .answered([.null, .error(.noPermission)]))
        #expect(try router.receive(.integer(5)) == .answered([.integer(5)]))
        let message = RESPValue.push([string("message"), string("a"), string("hello")])
        #expect(try router.receive(message) == .pushed(.message(channel: "a", payload: Array("hello".utf8))))
    }

    @Test("with RESP2 messages come as arrays once something is subscribed")
    func olderProtocol() throws {
        var router = ReplyRouter()
        router.expect(replies: 1)
        let lookalike = RESPValue.array([string("message"), string("a"), string("b")])
        #expect(try router.receive(lookalike) == .answered([lookalike]))
        router.expect(subscriptions: 1)
        #expect(try router.receive(.array([string("subscribe"), string("a"), .integer(1)])) == .answered([.null]))
        #expect(try router.receive(lookalike) == .pushed(.message(channel: "a", payload: [0x62])))
        router.expect(replies: 1)
        let pong = RESPValue.array([string("pong"), string("")])
        #expect(try router.receive(pong) == .answered([pong]))
    }

    @Test("waits double to two seconds, later ten, and start again only after a proven connection")
    func backoff() {
        var state = RedisSessionState()
        #expect(state.receive(.failed, jitter: 0) == .wait(.milliseconds(100)))
        #expect(state.receive(.waited, jitter: 0) == .connect(attempt: 1))
        #expect(state.receive(.failed, jitter: 1) == .wait(.milliseconds(100)))
        for attempt in 2..<RedisSessionState.attemptsBeforeLongWait {
            #expect(state.receive(.waited, jitter: 0) == .connect(attempt: attempt))
            #expect(
                state.receive(.failed, jitter: 0)
                    == .wait(min(.milliseconds(100) * (1 << min(attempt, 10)), .seconds(2))))
        }
        #expect(state.receive(.waited, jitter: 0) == .connect(attempt: RedisSessionState.attemptsBeforeLongWait))
        #expect(state.receive(.connected, jitter: 0) == .hold)
        #expect(state.receive(.lost(after: .seconds(1)), jitter: 0) == .wait(.seconds(10)))
        _ = state.receive(.waited, jitter: 0)
        _ = state.receive(.connected, jitter: 0)
        #expect(state.receive(.lost(after: .seconds(60)), jitter: 0) == .wait(.milliseconds(100)))
    }

    @Test("addresses are read as people write them, and nothing else is")
    func addresses() {
        #expect(RedisAddress("redis.dev.svc") == RedisAddress(host: "redis.dev.svc", port: 6379))
        #expect(RedisAddress("10.0.0.1:7000") == RedisAddress(host: "10.0.0.1", port: 7000))
        #expect(RedisAddress("[::1]:7000") == RedisAddress(host: "::1", port: 7000))
        #expect(RedisAddress("[::1]") == RedisAddress(host: "::1", port: 6379))
        for text in ["", ":6379", "a:0", "a:65536", "a:b", "::1", "a b:1", "[::1", "[::1]x"] {
            #expect(RedisAddress(text) == nil, "\(text)")
        }
    }

    @Test("no description of credentials or TLS settings shows a secret")
    func redaction() {
        let configuration = RedisConfiguration(
            address: RedisAddress(host: "a"), credentials: RedisCredentials(username: "u", password: "canary"),
            tls: RedisTLS(identity: .init(certificatesPEM: "canary", privateKeyPEM: "canary")))
        var text = ""
        dump(configuration, to: &text)
        #expect(!text.contains("canary"))
        #expect(!"\(configuration)".contains("canary"))
    }
}
