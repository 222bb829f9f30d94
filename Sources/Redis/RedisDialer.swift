internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Makes connections of one configuration: what is costly (the TLS context) is made once for all attempts.
struct RedisDialer: Sendable {
    private(set) var configuration: RedisConfiguration
    private let io: RedisIO
    private let hostPolicy: RedisHostPolicy
    private let tlsContext: NIOSSLContext?

    init(_ configuration: RedisConfiguration, io: RedisIO, hostPolicy: @escaping RedisHostPolicy) throws(RedisError) {
        self.configuration = configuration
        self.io = io
        self.hostPolicy = hostPolicy
        tlsContext = try configuration.tls?.makeContext()
    }

    /// One for another address, with the same settings.
    func redirected(to address: RedisAddress) -> RedisDialer {
        var other = self
        other.configuration.address = address
        return other
    }

    func dial(onPush: @escaping @Sendable (RedisPush) -> Void) async throws(RedisError) -> RedisConnection {
        let loop = io.loop
        let deadline = NIODeadline.now() + TimeAmount(configuration.connectTimeout)
        let addresses = try await allowedAddresses(on: loop)
        var failure = RedisError.connectFailed(configuration.address)
        for address in addresses {
            let remaining = deadline - .now()
            guard remaining > .zero, !Task.isCancelled else { throw .connectTimedOut(configuration.address) }
            let link: RedisLink
            do {
                link = try await connect(to: address, on: loop, within: remaining, onPush: onPush)
            } catch {
                failure = error
                continue
            }
            return try await logIn(link, by: deadline)
        }
        throw failure
    }

    private func allowedAddresses(on loop: any EventLoop) async throws(RedisError) -> [SocketAddress] {
        let addresses = try await AddressLookup.resolve(
            configuration.address, on: loop, timeout: TimeAmount(configuration.connectTimeout))
        // All or none: a name with one forbidden address is not to be trusted with the others.
        for address in addresses {
            guard let resolved = ResolvedAddress(address) else { throw .lookupFailed(configuration.address) }
            do { try hostPolicy(resolved) } catch { throw .hostRefused(error) }
        }
        return addresses
    }

    private func connect(
        to address: SocketAddress, on loop: any EventLoop, within limit: TimeAmount,
        onPush: @escaping @Sendable (RedisPush) -> Void
    ) async throws(RedisError) -> RedisLink {
        let configuration = configuration
        let tlsContext = tlsContext
        let made = loop.submit {
            NIOLoopBound(RedisChannelHandler(configuration, now: .now(), onPush: onPush), eventLoop: loop)
        }
        guard let handler = try? await made.get() else { throw .closed }
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(limit)
            .channelOption(ChannelOptions.socketOption(.so_keepalive), value: 1)
            .channelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls = configuration.tls, let tlsContext {
                        try channel.pipeline.syncOperations.addHandler(
                            tls.makeHandler(context: tlsContext, host: configuration.address.host))
                    }
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
        do {
            let channel = try await withTaskCancellationHandler {
                try await bootstrap.connect(to: address).get()
            } onCancel: {
                // A host that does not answer would hold its caller for the whole timeout.
                loop.execute { handler.value.close(because: .closed) }
            }
            return RedisLink(channel: channel, handler: handler)
        } catch let error as RedisError {
            throw error
        } catch let error as ChannelError {
            if case .connectTimeout = error { throw .connectTimedOut(configuration.address) }
            throw .connectFailed(configuration.address)
        } catch {
            throw configuration.tls != nil && error is NIOSSLError
                ? .tlsHandshakeFailed(configuration.address) : .connectFailed(configuration.address)
        }
    }

    /// A peer that accepts and then says nothing must not outlast the connect timeout.
    private func logIn(_ link: RedisLink, by deadline: NIODeadline) async throws(RedisError) -> RedisConnection {
        let handler = link.handler
        let alarm = link.channel.eventLoop.scheduleTask(deadline: deadline) { handler.value.loginTimedOut() }
        defer { alarm.cancel() }
        do {
            return try await RedisConnection.logIn(over: link, configuration)
        } catch {
            link.close(because: .closed)
            throw error
        }
    }
}
