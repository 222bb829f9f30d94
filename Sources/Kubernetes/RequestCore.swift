internal import FoundationEssentials
internal import HTTPTransport
internal import KubernetesModel
internal import Logging

/// Carries requests out: rate limit, credential, address, retries of what the server put off, errors.
final class RequestCore: Sendable {
    let configuration: KubernetesConfiguration
    private let transports: TransportSource
    private let limits: RequestLimits
    private let time: ClientTime
    private let logger: Logger
    private let onRequest: (@Sendable (RequestReport) -> Void)?
    private let bucket: TokenBucket
    private let credentials: CredentialSource

    /// Where the server gives no time with a 429.
    private static let defaultRetryAfter = Duration.seconds(1)
    /// A `Status` is some kilobytes, in bytes.
    private static let largestStatus = 1 << 20

    init(
        configuration: KubernetesConfiguration, transports: TransportSource, limits: RequestLimits,
        time: ClientTime, logger: Logger, onRequest: (@Sendable (RequestReport) -> Void)?, files: FileReading = .system
    ) {
        self.configuration = configuration
        self.transports = transports
        self.limits = limits
        self.time = time
        self.logger = logger
        self.onRequest = onRequest
        bucket = TokenBucket(perSecond: limits.requestsPerSecond, burst: limits.burst, time: time)
        credentials = CredentialSource(configuration.credential, time: time, files: files)
    }

    /// The decoded answer.
    func json<T: Decodable>(_ request: APIRequest) async throws(KubernetesError) -> T {
        do throws(KubernetesError.Cause) {
            let response = try await accepted(request)
            let bytes = try await Self.collect(response.body, upTo: limits.largestBody)
            do { return try WireFormat.decode(T.self, from: Data(bytes)) } catch {
                throw .malformed(WireFormat.describe(error))
            }
        } catch { throw KubernetesError(request.operation, error) }
    }

    /// For answers whose content differs by kind and circumstance, such as a delete's.
    func discardingAnswer(_ request: APIRequest) async throws(KubernetesError) {
        do throws(KubernetesError.Cause) {
            let response = try await accepted(request)
            _ = try await Self.collect(response.body, upTo: limits.largestBody)
        } catch { throw KubernetesError(request.operation, error) }
    }

    func watch<O>(_ request: APIRequest) async throws(KubernetesError) -> WatchStream<O> {
        do throws(KubernetesError.Cause) {
            let response = try await accepted(request)
            return WatchStream(
                operation: request.operation, body: response.body, largestLine: limits.largestWatchLine)
        } catch { throw KubernetesError(request.operation, error) }
    }

    func encode(_ value: some Encodable, for operation: Operation) throws(KubernetesError) -> [UInt8] {
        do { return try WireFormat.encode(value) } catch {
            throw KubernetesError(operation, .malformed("the request's body cannot be encoded"))
        }
    }
}

extension RequestCore {
    /// The first answer that is no error, after as many tries as are due.
    private func accepted(_ request: APIRequest) async throws(KubernetesError.Cause) -> HTTPResponse {
        var postponements = 0
        var mayRenewCredential = true
        while true {
            let credential = try await credentials.current()
            let response = try await exchange(request, credential)
            if (200..<300).contains(response.status) { return response }
            let status = try await status(of: response)
            if status.code == 401, mayRenewCredential, credentials.wasRefused(credential) {
                mayRenewCredential = false
                continue
            }
            guard let wait = postponement(status), postponements < limits.retries else { throw .refused(status) }
            postponements += 1
            logger.debug(
                "request put off by the server",
                metadata: ["operation": "\(request.operation)", "code": "\(status.code)", "wait": "\(wait)"])
            do { try await time.sleep(wait) } catch { throw .cancelled }
        }
    }

    /// How long to wait before the request, which the server did not carry out, is sent again; nil: not at all.
    private func postponement(_ status: Status) -> Duration? {
        let asked = status.details?.retryAfterSeconds.map { Duration.seconds($0) }
        let wait: Duration
        switch status.code {
        case 429: wait = asked ?? Self.defaultRetryAfter
        case 503:
            guard let asked else { return nil }
            wait = asked
        default: return nil
        }
        return wait <= limits.longestRetryAfter ? max(wait, .zero) : nil
    }

    private func exchange(
        _ request: APIRequest, _ credential: PresentedCredential
    ) async throws(KubernetesError.Cause) -> HTTPResponse {
        do { try await bucket.take() } catch { throw .cancelled }
        let permit = request.permit
        permit?.began()
        defer { permit?.ended() }
        var timeout = limits.timeout
        if let permit {
            guard let allowance = permit.allowance else { throw .withheld }
            timeout = min(timeout, allowance)
        }
        var headers: HTTPHeaders = ["Accept": request.accept]
        headers["Content-Type"] = request.contentType
        headers["Authorization"] = credential.authorization
        var http = HTTPRequest(
            request.method, configuration.server + request.target, headers: headers, body: request.body,
            timeouts: HTTPTimeouts(response: timeout, idle: idleLimit(request)))
        if let permit { http.mayBegin = { permit.allowance != nil } }
        let transport = try transports.transport(showing: credential.certificate)
        let start = time.now()
        do throws(HTTPError) {
            let response = try await transport.send(http)
            report(request.operation, code: response.status, since: start)
            return response
        } catch {
            report(request.operation, code: nil, since: start)
            throw KubernetesError.Cause(transport: error)
        }
    }

    private func idleLimit(_ request: APIRequest) -> Duration? {
        request.operation.verb == .watch ? request.idle : limits.timeout
    }

    private func report(_ operation: Operation, code: Int?, since start: Duration) {
        onRequest?(
            RequestReport(
                verb: operation.verb, resource: operation.resource, subresource: operation.subresource, code: code,
                duration: time.now() - start))
    }

    /// The server's own words, or, where a proxy answered, the bare HTTP status. Never the body of a stranger.
    private func status(of response: HTTPResponse) async throws(KubernetesError.Cause) -> Status {
        let header = response.headers["Retry-After"].flatMap { Int($0) }
        var status = Status(code: response.status)
        do {
            let bytes = try await Self.collect(response.body, upTo: Self.largestStatus)
            if let sent = try? WireFormat.decode(Status.self, from: Data(bytes)), sent.status != nil { status = sent }
        } catch .cancelled {
            throw .cancelled
        } catch {
            // The head has told that the request failed; the rest of the body was only to say why.
        }
        // What was on the wire counts, should the two ever differ.
        status.code = response.status
        if let header {
            var details = status.details ?? StatusDetails()
            details.retryAfterSeconds = header
            status.details = details
        }
        return status
    }

    private static func collect(_ body: HTTPBody, upTo limit: Int) async throws(KubernetesError.Cause) -> [UInt8] {
        do { return try await body.collect(upTo: limit) } catch { throw KubernetesError.Cause(transport: error) }
    }
}

extension KubernetesError.Cause {
    /// What a transport or a body threw.
    init(transport error: any Error) {
        switch error {
        case HTTPError.cancelled, is CancellationError: self = .cancelled
        case HTTPError.withheld: self = .withheld
        case HTTPError.bodyTooLarge(let limit): self = .tooLarge(limit: limit)
        case let error as HTTPError: self = .transport(error)
        default: self = .transport(.connectionLost("the body could not be read"))
        }
    }
}
