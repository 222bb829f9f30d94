import NIOCore
import NIOPosix
import RedisTestSupport
import Testing

@testable import Redis

@Suite struct RedisTLSTests {
    private let io = RedisIO()

    private func attempt(_ port: Int, _ tls: RedisTLS?, within limit: Duration = .seconds(30)) async -> RedisError? {
        let settings = RedisConfiguration(
            address: RedisAddress(host: "127.0.0.1", port: port), tls: tls, connectTimeout: limit,
            commandTimeout: .seconds(30))
        do {
            let connection = try await RedisConnection.open(settings, io: io, hostPolicy: { _ in }, onPush: { _ in })
            defer { connection.close() }
            let replies = try await connection.send([RedisCommand("LLEN", "jobs")])
            return replies == [.integer(0)] ? nil : .closed
        } catch {
            return error
        }
    }

    @Test("authority, server name and client certificate are verified, and each mistake fails the handshake")
    func verification() async throws {
        let files = try TLSFiles()
        let server = try RedisServerProcess(TLSFiles.serverOptions, directory: files.directory)
        let authority = try files.text("ca.crt")
        let identity = RedisTLS.Identity(
            certificatesPEM: try files.text("client.crt"), privateKeyPEM: try files.text("client.key"))
        let refused = RedisError.tlsHandshakeFailed(RedisAddress(host: "127.0.0.1", port: server.port))

        var tls = RedisTLS(authoritiesPEM: authority, identity: identity)
        #expect(await attempt(server.port, tls) == nil)
        tls.serverName = "redis.example"
        #expect(await attempt(server.port, tls) == nil)
        tls.serverName = "other.example"
        #expect(await attempt(server.port, tls) == refused)
        tls.serverName = nil
        tls.identity = nil
        let anonymous = await attempt(server.port, tls)
        #expect(anonymous == refused)
        tls.identity = RedisTLS.Identity(
            certificatesPEM: try files.text("other.crt"), privateKeyPEM: try files.text("other.key"))
        #expect(await attempt(server.port, tls) == refused)
        tls.identity = RedisTLS.Identity(
            certificatesPEM: try files.text("client.crt"), privateKeyPEM: try files.text("other.key"))
        let mixed = await attempt(server.port, tls)
        #expect(mixed == .tlsConfigurationInvalid(what: "the client certificate and its key"))
        tls.identity = identity
        tls.authoritiesPEM = try files.text("other.crt")
        #expect(await attempt(server.port, tls) == refused)
        tls.authoritiesPEM = nil
        #expect(await attempt(server.port, tls) == refused)
        tls.authoritiesPEM = "no certificate"
        #expect(await attempt(server.port, tls) == .tlsConfigurationInvalid(what: "the certificate authorities"))
    }

    @Test("a wildcard stands for one label, and an address for no name")
    func names() {
        #expect(CertificateName.matches("redis.example", pattern: "redis.example"))
        #expect(CertificateName.matches("a.redis.example", pattern: "*.redis.example"))
        for pattern in ["*.redis.example", "*.example.", "*", "*redis.example", "a.redis.example", "example"] {
            #expect(!CertificateName.matches("redis.example", pattern: pattern), "\(pattern)")
        }
        #expect(!CertificateName.matches("a.b.redis.example", pattern: "*.redis.example"))
    }

    /// Redis itself answers a ClientHello only if it happens to hold a line end, so the peer here is one that always does.
    @Test("TLS to a port that answers in plain text fails as a handshake, not as a timeout")
    func plainPeer() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let peer = try await ServerBootstrap(group: group).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(PlainAnswer()) }
        }.bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(peer.localAddress?.port)
        #expect(
            await attempt(port, RedisTLS(), within: .seconds(30))
                == .tlsHandshakeFailed(RedisAddress(host: "127.0.0.1", port: port)))
        try await peer.close()
        try await group.shutdownGracefully()
    }
}

/// Answers whatever comes as a Redis without TLS would.
private final class PlainAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "-ERR unknown command\r\n")), promise: nil)
    }
}
