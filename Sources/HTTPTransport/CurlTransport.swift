/// The `HTTPTransport` on libcurl: HTTP/1.1, one thread for every transfer, connections kept and reused.
///
/// * Redirects are not followed, no proxy is taken from the environment, only `http` and `https` are spoken.
/// * A request whose verb is not idempotent is never sent twice, even if a reused connection turns out to be dead.
/// * At most `bufferLimit` bytes of a body wait for their reader (and one piece of 16 KiB more); then the socket is left
///   alone, and TCP holds the sender.
/// * While nothing happens the thread sleeps in the kernel without a timer.
///
/// A transport lives until `shutDown()`, or until nobody holds it nor any body that it gave out.
public final class CurlTransport: HTTPTransport {
    private let configuration: Configuration
    private let mailbox: TransferMailbox

    /// Starts the thread. Certificates that can't be used show as `HTTPError.tlsFailed` of each request.
    public init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
        self.mailbox = TransferLoop.start(configuration)
    }

    deinit { mailbox.close() }

    /// Ends every transfer with `HTTPError.shutDown` and refuses new ones. May be called more than once.
    public func shutDown() { mailbox.close() }

    /// Hands `request` to the thread; see `HTTPTransport.send`.
    public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        guard configuration.peerPolicy == nil || configuration.proxy == nil else {
            throw .invalidRequest("a proxy would choose the address that the policy has to judge")
        }
        let target = try RequestTarget(request, serverName: configuration.tls?.serverName)
        let transfer = Transfer(bufferLimit: configuration.bufferLimit, mailbox: mailbox)
        let head = try await transfer.head(of: target)
        // The body holds the transport: dropping the transport must not cut a response that is still being read.
        let body = HTTPBody(
            next: { [self] in
                defer { withExtendedLifetime(self) {} }
                return try await transfer.nextChunk()
            },
            cancel: { transfer.cancel() })
        return HTTPResponse(status: head.status, headers: head.headers, body: body)
    }

    /// How many curl handles live, once everything that was asked for before has been done. For tests.
    package func liveTransfers() async -> Int { await mailbox.liveTransfers() }
}
