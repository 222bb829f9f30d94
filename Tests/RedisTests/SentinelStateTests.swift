import Testing

@testable import Redis

@Suite struct SentinelStateTests {
    private let a = RedisAddress(host: "10.0.0.1", port: 6379)
    private let b = RedisAddress(host: "10.0.0.2", port: 6379)
    private let first = RedisAddress(host: "s1", port: 26379)
    private let second = RedisAddress(host: "s2", port: 26379)

    /// A state with its clock.
    private struct Transcript {
        var state: SentinelState
        let start = ContinuousClock.now
        var now: ContinuousClock.Instant

        init(_ given: [RedisAddress]) {
            state = SentinelState(name: "main", given: given)
            now = start
        }

        mutating func receive(_ event: SentinelState.Event) { state.receive(event, at: now) }
        mutating func step() -> SentinelState.Step { state.nextStep(at: now) }
        mutating func answer(_ master: RedisAddress, epoch: Int? = nil, sentinels: [RedisAddress] = []) {
            receive(.answered(SentinelAnswer(master: .at(master), epoch: epoch, sentinels: sentinels)))
        }

        /// Connects, subscribes, and has the answer told.
        mutating func follow(_ master: RedisAddress, epoch: Int? = nil, sentinels: [RedisAddress] = []) {
            receive(.connected(pushes: true))
            #expect(step() == .subscribe)
            receive(.subscribed(nil))
            #expect(step() == .ask)
            answer(master, epoch: epoch, sentinels: sentinels)
        }
    }

    private func view(_ master: RedisAddress?, _ failure: SentinelFailure? = nil) -> SentinelView {
        var view = SentinelView()
        view.master = master
        view.failure = failure
        return view
    }

    @Test("it subscribes before it asks, tells the master once, and asks again every two seconds")
    func following() {
        var world = Transcript([first])
        world.follow(a)
        #expect(world.step() == .tell(view(a)))
        #expect(world.step() == .rest(until: world.now + .seconds(2)))
        world.now += .seconds(2)
        #expect(world.step() == .ask)
        #expect(world.step() == .rest(until: nil))
        world.answer(a)
        #expect(world.step() == .rest(until: world.now + .seconds(2)))
    }

    @Test("an announcement for this master is a reason to ask at once, one for another is none")
    func announcements() {
        var world = Transcript([first])
        world.follow(a)
        _ = world.step()
        world.now += .seconds(1)
        world.receive(.announced(payload: "other 10.0.0.1 6379 10.0.0.2 6379"))
        #expect(world.step() == .rest(until: world.now + .seconds(1)))
        world.receive(.announced(payload: "main 10.0.0.1 6379 10.0.0.2 6379"))
        #expect(world.step() == .ask)
        world.receive(.announced(payload: "slave 10.0.0.2:6379 10.0.0.2 6379 @ main 10.0.0.1 6379"))
        world.answer(b)
        #expect(world.step() == .tell(view(b)))
        // What was announced while it asked may be newer than the answer.
        #expect(world.step() == .rest(until: world.now + SentinelState.shortestInterval))
    }

    @Test("a doubt about the master that is followed asks at once, but no more than 20 times a second")
    func doubts() {
        var world = Transcript([first])
        world.follow(a)
        _ = world.step()
        world.receive(.doubted(b))
        #expect(world.step() == .rest(until: world.now + .seconds(2)))
        world.receive(.doubted(a))
        #expect(world.step() == .rest(until: world.now + .milliseconds(50)))
        world.now += .milliseconds(50)
        #expect(world.step() == .ask)
    }

    @Test("without pushes, or where they are refused, it asks each second")
    func polling() {
        var world = Transcript([first])
        world.receive(.connected(pushes: false))
        #expect(world.step() == .ask)
        world.answer(a)
        _ = world.step()
        #expect(world.step() == .rest(until: world.now + .seconds(1)))
        world.receive(.connected(pushes: true))
        #expect(world.step() == .subscribe)
        world.receive(.subscribed(.noPermission))
        #expect(world.step() == .ask)
        world.answer(a)
        #expect(world.step() == .rest(until: world.now + .seconds(1)))
    }

    @Test("the master stays known while no sentinel answers, and the failure is told once all of them failed")
    func outage() {
        var world = Transcript([first, second])
        world.follow(a)
        _ = world.step()
        world.receive(.lost(.closed))
        #expect(world.step() == .rest(until: nil))
        world.receive(.lost(.connectFailed(second)))
        #expect(world.step() == .tell(view(a, .unreachable(.closed))))
        for _ in 1...10 {
            world.receive(.lost(.connectFailed(first)))
            world.receive(.lost(.connectFailed(second)))
        }
        #expect(world.step() == .tell(view(a, .unreachable(.connectFailed(first)))))
        world.follow(a)
        #expect(world.step() == .tell(view(a)))
    }

    @Test("of several failures the one that needs the user is told, whatever comes first")
    func gravity() {
        var world = Transcript([first, second])
        world.receive(.lost(.connectFailed(first)))
        world.receive(.lost(.handshakeRefused(command: "HELLO", .noAuthentication)))
        let refused = SentinelFailure.unreachable(.handshakeRefused(command: "HELLO", .noAuthentication))
        #expect(world.step() == .tell(view(nil, refused)))
    }

    @Test("a sentinel that does not know the name is left for the next, and its end is no second failure")
    func unknownName() {
        var world = Transcript([first, second])
        world.receive(.connected(pushes: false))
        #expect(world.step() == .ask)
        world.receive(.answered(SentinelAnswer(master: .failed(.unknownMaster))))
        #expect(world.step() == .leave)
        #expect(world.step() == .rest(until: nil))
        world.receive(.lost(.closed))
        #expect(world.step() == .rest(until: nil))
        world.receive(.lost(.connectFailed(second)))
        #expect(world.step() == .tell(view(nil, .unknownMaster)))
    }

    @Test("a sentinel that knows less than another did is not believed, unless none knows more for ten seconds")
    func outdated() {
        var world = Transcript([first, second])
        world.follow(b, epoch: 7)
        #expect(world.step() == .tell(view(b)))
        world.receive(.lost(.closed))
        world.follow(a, epoch: 6)
        #expect(world.step() == .leave)
        world.receive(.lost(.closed))
        world.now += .seconds(9)
        world.follow(a, epoch: 6)
        #expect(world.step() == .leave)
        world.receive(.lost(.closed))
        world.now += .seconds(1)
        world.follow(a, epoch: 6)
        #expect(world.step() == .tell(view(a)))
    }

    @Test("other sentinels are learned, once each, and never instead of the given ones")
    func learning() {
        var world = Transcript([first])
        world.follow(a, sentinels: [first, second, second])
        #expect(world.state.sentinels == [first, second])
        world.receive(.connected(pushes: false))
        world.answer(a, sentinels: [])
        #expect(world.state.sentinels == [first])
    }

    @Test("an address that a sentinel handed out does not come out in a failure")
    func foreignAddresses() {
        var world = Transcript([first])
        world.follow(a, sentinels: [second])
        _ = world.step()
        world.receive(.lost(.connectFailed(second)))
        #expect(world.step() == .tell(view(a, .unreachable(.closed))))
    }
}

@Suite struct SentinelAnswerTests {
    private func strings(_ texts: String...) -> [RESPValue] { texts.map { .string(Array($0.utf8)) } }

    @Test("address, epoch and the other sentinels are read from maps and from plain arrays")
    func answers() {
        let master = RESPValue.array(strings("10.0.0.1", "6379"))
        let fields = strings("name", "main", "config-epoch", "12")
        let other = strings("name", "x", "ip", "10.0.0.9", "port", "26379")
        let expected = SentinelAnswer(
            master: .at(RedisAddress(host: "10.0.0.1", port: 6379)), epoch: 12,
            sentinels: [RedisAddress(host: "10.0.0.9", port: 26379)])
        #expect(SentinelAnswer([master, .map(fields), .array([.map(other)])]) == expected)
        #expect(SentinelAnswer([master, .array(fields), .array([.array(other)])]) == expected)
    }

    @Test("an address is a host and a port, or none")
    func malformed() {
        for parts in [
            strings("10.0.0.1"), strings("", "6379"), strings("10.0.0.1", "0"), strings("10.0.0.1", "65536"),
            strings("10.0.0.1", "6379", "x"), strings("a b", "6379"), strings("a\r\nb", "6379"), strings("[::1]", "1"),
            strings(String(repeating: "a", count: 254), "6379"), strings("10.0.0.1", "-1"), [.integer(1), .integer(2)],
        ] {
            #expect(SentinelAnswer([.array(parts)]).master == .failed(.unusableAddress), "\(parts)")
        }
        #expect(SentinelAnswer([.integer(1)]).master == .failed(.unusableAddress))
        #expect(SentinelAnswer([.null]).master == .failed(.unknownMaster))
        #expect(SentinelAnswer([]).master == .failed(.unknownMaster))
        #expect(SentinelAnswer([.error(.generic)]).master == .failed(.refused(.generic)))
        let ipv6 = SentinelAnswer([.array(strings("fd00::1", "6379"))])
        #expect(ipv6.master == .at(RedisAddress(host: "fd00::1", port: 6379)))
    }

    @Test("an answer of endless sentinels is cut, and refusals of the lesser questions are put up with")
    func bounds() {
        let many = (0..<1000).map { RESPValue.map(strings("ip", "10.0.0.9", "port", "\($0 + 1)")) }
        let master = RESPValue.array(strings("10.0.0.1", "6379"))
        #expect(SentinelAnswer([master, .error(.noPermission), .array(many)]).sentinels.count == 64)
        let bare = SentinelAnswer([master, .error(.noPermission), .error(.noPermission)])
        #expect(bare == SentinelAnswer(master: .at(RedisAddress(host: "10.0.0.1", port: 6379))))
    }
}
