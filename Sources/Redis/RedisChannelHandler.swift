internal import DequeModule
internal import NIOCore

/// The I/O half of a connection: bytes in, promises out. Lives on its event loop only.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private struct Waiting {
        let promise: EventLoopPromise<[RESPValue]>?
        let deadline: NIODeadline
    }

    private let configuration: RedisConfiguration
    private let onPush: @Sendable (RedisPush) -> Void
    private var parser = RESPParser()
    private var router = ReplyRouter()
    private var waiting: Deque<Waiting> = []
    private var alarm: Scheduled<Void>?
    private var lastHeard: NIODeadline
    private var hasHeard = false
    private var context: ChannelHandlerContext?
    /// Why the connection ended; the first reason counts.
    private(set) var ending: RedisError?

    init(_ configuration: RedisConfiguration, now: NIODeadline, onPush: @escaping @Sendable (RedisPush) -> Void) {
        self.configuration = configuration
        self.onPush = onPush
        lastHeard = now
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // An attempt may be given up before it has a channel.
        guard ending == nil else { return context.close(promise: nil) }
        self.context = context
        setAlarm(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish(.closed)
        self.context = nil
    }

    /// Sends `commands` at once. The promise gets as many replies, or the reason why the connection ended.
    func send(_ commands: ByteBuffer, replies count: Int, _ promise: EventLoopPromise<[RESPValue]>?) {
        guard begin(promise) else { return }
        router.expect(replies: count)
        context?.writeAndFlush(NIOAny(commands), promise: nil)
    }

    /// Like ``send(_:replies:_:)`` for `SUBSCRIBE` commands of one channel each; `null` is a confirmation.
    func subscribe(_ commands: ByteBuffer, count: Int, _ promise: EventLoopPromise<[RESPValue]>) {
        guard begin(promise) else { return }
        router.expect(subscriptions: count)
        context?.writeAndFlush(NIOAny(commands), promise: nil)
    }

    /// A peer without TLS may wait for the end of what it takes for a command: that is no silence of the network.
    func loginTimedOut() {
        let isHandshake = configuration.tls != nil && !hasHeard
        close(
            because: isHandshake
                ? .tlsHandshakeFailed(configuration.address) : .connectTimedOut(configuration.address))
    }

    func close(because reason: RedisError) {
        finish(reason)
        context?.close(promise: nil)
    }

    private func begin(_ promise: EventLoopPromise<[RESPValue]>?) -> Bool {
        guard ending == nil, let context else {
            promise?.fail(ending ?? .closed)
            return false
        }
        waiting.append(Waiting(promise: promise, deadline: .now() + TimeAmount(configuration.commandTimeout)))
        if waiting.count == 1 { setAlarm(context) }
        return true
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastHeard = .now()
        hasHeard = true
        parser.append(unwrapInboundIn(data))
        do {
            while ending == nil, let value = try parser.next() {
                switch try router.receive(value) {
                case .nothing: break
                case .pushed(let push): onPush(push)
                case .answered(let replies): waiting.popFirst()?.promise?.succeed(replies)
                }
            }
        } catch {
            close(because: .protocolViolated(error))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(configuration.tls != nil && !hasHeard ? .tlsHandshakeFailed(configuration.address) : .closed)
        context.fireChannelInactive()
    }

    /// Before the first reply an error with TLS can only be the handshake's. What it says stays unsaid: parts of it
    /// are the server's.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isHandshake = configuration.tls != nil && (!hasHeard || !(error is IOError))
        close(because: isHandshake ? .tlsHandshakeFailed(configuration.address) : .closed)
    }

    private func finish(_ reason: RedisError) {
        guard ending == nil else { return }
        ending = reason
        alarm?.cancel()
        alarm = nil
        while let next = waiting.popFirst() { next.promise?.fail(reason) }
    }

    /// One alarm at a time: for the oldest command's deadline, or, with none waiting, for the next `PING`.
    private func setAlarm(_ context: ChannelHandlerContext) {
        alarm?.cancel()
        let due = waiting.first?.deadline ?? lastHeard + TimeAmount(configuration.silenceBeforePing)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        alarm = context.eventLoop.scheduleTask(deadline: due) { bound.value.alarmRang() }
    }

    private func alarmRang() {
        guard ending == nil, let context else { return }
        let now = NIODeadline.now()
        if let oldest = waiting.first {
            if oldest.deadline <= now { return close(because: .commandTimedOut) }
        } else if lastHeard + TimeAmount(configuration.silenceBeforePing) <= now {
            var ping = context.channel.allocator.buffer(capacity: 16)
            RedisCommand("PING").write(to: &ping)
            return send(ping, replies: 1, nil)
        }
        setAlarm(context)
    }
}
