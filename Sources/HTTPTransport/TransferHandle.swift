internal import CCurl

/// A curl easy handle with all that must live as long as it; confined to the owner thread.
final class TransferHandle {
    /// API servers close idle connections after 90 s; older ones are not tried again.
    private static let oldestIdleConnection = 80
    /// Seconds of silence before the kernel probes a connection, and between probes.
    private static let keepAliveSeconds = 30

    private enum Phase {
        case awaitingHead(until: ContinuousClock.Instant?)
        case streaming(lastByte: ContinuousClock.Instant)
        /// The reader lags: silence is ours, not the server's.
        case paused
    }

    let transfer: Transfer
    let easy: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private var parser = ResponseHeadParser()
    private var phase: Phase {
        didSet { deadlines.note(deadline) }
    }
    private let deadlines: TransferDeadlines
    private let idleLimit: Duration?
    private let isIdempotent: Bool
    private let mayBegin: (@Sendable () -> Bool)?
    private let gate: PeerGate?
    private var wasWithheld = false
    /// How often the request was put on a connection.
    private var attempts = 0

    /// nil if libcurl refuses an option or memory.
    init?(
        _ transfer: Transfer, _ target: RequestTarget, configuration: CurlTransport.Configuration,
        identity: TLSIdentity?, deadlines: TransferDeadlines, now: ContinuousClock.Instant
    ) {
        guard let easy = curl_easy_init() else { return nil }
        self.transfer = transfer
        self.easy = easy
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        phase = .awaitingHead(until: target.timeouts.response.map { now + $0 })
        self.deadlines = deadlines
        idleLimit = target.timeouts.idle
        isIdempotent = target.isIdempotent
        mayBegin = target.mayBegin
        gate = configuration.peerPolicy.map { PeerGate(target.origin, $0) }
        deadlines.note(deadline)
        guard setUp(target, configuration, identity) else { return nil }
    }

    deinit {
        curl_easy_cleanup(easy)
        for list in lists { curl_slist_free_all(list) }
        errorText.deallocate()
    }

    /// The handle behind a pointer that libcurl gives back.
    static func of(_ easy: UnsafeMutableRawPointer) -> TransferHandle? {
        var context: UnsafeMutableRawPointer?
        guard martlet_easy_private(easy, &context) == CURLE_OK, let context else { return nil }
        return at(context)
    }

    private static func at(_ context: UnsafeMutableRawPointer) -> TransferHandle {
        Unmanaged<TransferHandle>.fromOpaque(context).takeUnretainedValue()
    }

    // MARK: Deadlines

    /// When the transfer has waited too long, as things stand.
    var deadline: ContinuousClock.Instant? {
        switch phase {
        case .awaitingHead(let until): until
        case .streaming(let lastByte): idleLimit.map { lastByte + $0 }
        case .paused: nil
        }
    }

    var timeoutError: HTTPError {
        switch phase {
        case .awaitingHead where attempts == 0: .connectFailed("no connection within the time for a response")
        case .awaitingHead: .timedOut("no response in time")
        case .streaming, .paused: .timedOut("the response fell silent")
        }
    }

    func resume(now: ContinuousClock.Instant) {
        phase = .streaming(lastByte: now)
        curl_easy_pause(easy, CURLPAUSE_CONT)
    }

    // MARK: What libcurl reports

    private func headerArrived(_ line: UnsafeRawBufferPointer) -> Bool {
        switch parser.receive(line) {
        case .more: return true
        case .malformed: return false
        case .head(let head):
            phase = .streaming(lastByte: .now)
            transfer.headArrived(head)
            return true
        }
    }

    private func bodyArrived(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch transfer.receive(bytes) {
        case .taken:
            phase = .streaming(lastByte: .now)
            return bytes.count
        case .full:
            phase = .paused
            return Int(CURL_WRITEFUNC_PAUSE)
        case .unwanted: return -1
        }
    }

    /// libcurl repeats a request by itself when a kept connection dies before the first byte of the response. The
    /// server may have acted on it, so only what is idempotent may go out twice. Connecting may have taken long, or the
    /// process may have been stopped meanwhile: whether the request may still go is asked here, next to the socket.
    private func mayBeSent() -> Bool {
        if let mayBegin, !mayBegin() {
            wasWithheld = true
            return false
        }
        attempts += 1
        return attempts == 1 || isIdempotent
    }

    /// What a finished transfer means to its caller; nil: it went well.
    func error(for code: CURLcode) -> HTTPError? {
        guard code != CURLE_OK else { return nil }
        let detail = String(cString: errorText)
        let text = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        if wasWithheld, attempts == 0 { return .withheld }
        guard attempts == 0 else {
            let wasRefusedARepeat = code == CURLE_ABORTED_BY_CALLBACK
            return .connectionLost(wasRefusedARepeat ? "a kept connection died under the request" : text)
        }
        if let refusal = gate?.refusal { return .peerRefused(refusal) }
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .invalidURL(text)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
            return .tlsFailed(text)
        default: return .connectFailed(text)
        }
    }

    // MARK: Options

    private func setUp(
        _ target: RequestTarget, _ configuration: CurlTransport.Configuration, _ identity: TLSIdentity?
    ) -> Bool {
        let connectMilliseconds = max(1, Int(target.timeouts.connect / .milliseconds(1)))
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_PATH_AS_IS, 1), (CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
            (CURLOPT_TCP_NODELAY, 1), (CURLOPT_TCP_KEEPALIVE, 1), (CURLOPT_TCP_KEEPIDLE, Self.keepAliveSeconds),
            (CURLOPT_TCP_KEEPINTVL, Self.keepAliveSeconds), (CURLOPT_MAXAGE_CONN, Self.oldestIdleConnection),
            (CURLOPT_CONNECTTIMEOUT_MS, connectMilliseconds),
            (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
        ]
        let texts: [(CURLoption, String)] = [
            (CURLOPT_URL, target.url), (CURLOPT_PROTOCOLS_STR, "http,https"),
            (CURLOPT_USERAGENT, configuration.userAgent),
            // Both given, or libcurl would look for the missing one in the environment.
            (CURLOPT_PROXY, configuration.proxy?.url ?? ""), (CURLOPT_NOPROXY, ""),
        ]
        return numbers.allSatisfy { martlet_easy_set_long(easy, $0.0, $0.1) == CURLE_OK }
            && texts.allSatisfy { martlet_easy_set_string(easy, $0.0, $0.1) == CURLE_OK }
            && (identity?.apply(to: easy) ?? true) && (gate?.apply(to: easy) ?? true)
            && setCallbacks() && setMethod(target) && setList(CURLOPT_HTTPHEADER, target.headerLines)
            && setList(CURLOPT_CONNECT_TO, target.connectTo.map { [$0] } ?? [])
    }

    private func setCallbacks() -> Bool {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let codes = [
            martlet_easy_set_pointer(easy, CURLOPT_PRIVATE, context),
            martlet_easy_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText),
            martlet_easy_set_pointer(easy, CURLOPT_WRITEDATA, context),
            martlet_easy_set_pointer(easy, CURLOPT_HEADERDATA, context),
            martlet_easy_set_pointer(easy, CURLOPT_PREREQDATA, context),
            martlet_easy_set_write_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                guard let context else { return 0 }
                let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
                return TransferHandle.at(context).headerArrived(line) ? size * count : 0
            },
            martlet_easy_set_write_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                guard let context else { return 0 }
                let chunk = UnsafeRawBufferPointer(start: bytes, count: size * count)
                return TransferHandle.at(context).bodyArrived(chunk)
            },
            martlet_easy_set_prerequest_callback(easy) { context, _, _, _, _ in
                guard let context else { return CURL_PREREQFUNC_ABORT }
                return TransferHandle.at(context).mayBeSent() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            },
        ]
        return codes.allSatisfy { $0 == CURLE_OK }
    }

    private func setMethod(_ target: RequestTarget) -> Bool {
        var codes: [CURLcode] = []
        switch (target.method, target.body) {
        case (.head, _): codes.append(martlet_easy_set_long(easy, CURLOPT_NOBODY, 1))
        case (.get, nil): codes.append(martlet_easy_set_long(easy, CURLOPT_HTTPGET, 1))
        case (.delete, nil): codes.append(martlet_easy_set_string(easy, CURLOPT_CUSTOMREQUEST, "DELETE"))
        case (let method, let body):
            // Also without a body: a POST must say that it has none.
            let bytes = body ?? []
            codes.append(martlet_easy_set_long(easy, CURLOPT_POST, 1))
            codes.append(martlet_easy_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, bytes.count))
            codes.append(
                bytes.withUnsafeBytes { bytes in
                    let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                    return martlet_easy_set_pointer(
                        easy, CURLOPT_COPYPOSTFIELDS, start ?? UnsafeMutableRawPointer(errorText))
                })
            codes.append(martlet_easy_set_string(easy, CURLOPT_CUSTOMREQUEST, method.rawValue))
        }
        return codes.allSatisfy { $0 == CURLE_OK }
    }

    private func setList(_ option: CURLoption, _ lines: [String]) -> Bool {
        guard !lines.isEmpty else { return true }
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                curl_slist_free_all(list)
                return false
            }
            list = longer
        }
        guard let list else { return true }
        lists.append(list)
        return martlet_easy_set_list(easy, option, list) == CURLE_OK
    }
}
