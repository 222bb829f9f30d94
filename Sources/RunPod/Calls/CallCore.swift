internal import HTTPTransport

/// Carries calls out: turn, permit, key, repeats of what is safe to repeat, errors.
struct CallCore: Sendable {
    /// Attempts at an idempotent call that nobody answered, or that failed on RunPod's side.
    private static let attempts = 3
    /// Repeats of an idempotent call after a 429; the queue waits for as long as RunPod said.
    private static let repeatsAfterRefusal = 3
    /// Before the second attempt; doubled before the third, and each shortened at random by up to a half.
    private static let backoff = Duration.milliseconds(800)
    /// A 5xx that asks for a longer wait is the caller's to plan.
    private static let longestBackoff = Duration.seconds(10)
    /// Bytes of a problem document.
    private static let largestProblem = 64 << 10
    /// Between two pieces of a body.
    private static let longestSilence = Duration.seconds(30)
    /// For a whole body: a byte now and then must not hold a call for ever.
    private static let longestBody = Duration.seconds(60)

    let key: RunPodKey
    let transport: any HTTPTransport
    let queue: CallQueue
    let time: RunPodTime
    let mayBegin: (@Sendable () -> Bool)?
    let onExchange: (@Sendable (RunPodReport) -> Void)?

    private struct Failure: Error {
        var cause: RunPodError.Cause
        var retryAfter: Duration?
    }

    /// Carries `call` out and has `read` make something of the answer; what can't be read counts as no answer.
    func perform<T>(
        _ call: Call, _ read: (Answer) throws(RunPodError.Cause) -> T
    ) async throws(RunPodError) -> T {
        var isDoubtful = false
        var (failures, refusals) = (0, 0)
        while true {
            let failure: Failure
            do throws(Failure) {
                let answer = try await attempt(call)
                do throws(RunPodError.Cause) { return try read(answer) } catch { throw Failure(cause: error) }
            } catch { failure = error }
            let error = RunPodError(call.operation, failure.cause, followsDoubtfulAttempt: isDoubtful)
            guard call.operation.isIdempotent else { throw error }
            isDoubtful = isDoubtful || error.mayHaveTakenEffect
            switch failure.cause {
            case .rateLimited:
                refusals += 1
                guard failure.retryAfter != nil, refusals <= Self.repeatsAfterRefusal else { throw error }
            case .server, .malformedAnswer, .transport(.connectFailed), .transport(.timedOut),
                .transport(.connectionLost):
                failures += 1
                let wait = max(backoff(after: failures), failure.retryAfter ?? .zero)
                guard failures < Self.attempts, wait <= Self.longestBackoff else { throw error }
                // A cancelled wait: what the attempt came to tells more than that.
                guard await slept(wait) else { throw error }
            case .unauthorized, .forbidden, .paymentRequired, .notFound, .quotaExceeded, .noCapacity, .invalid,
                .badRequest, .gone, .unexpected, .transport, .withheld, .expired, .cancelled:
                throw error
            }
        }
    }

    /// As `perform`, for JSON.
    func read<T: Decodable>(_ call: Call) async throws(RunPodError) -> T {
        try await perform(call) { answer throws(RunPodError.Cause) in try WireFormat.read(answer) }
    }

    private func slept(_ wait: Duration) async -> Bool {
        do { try await time.sleep(wait) } catch { return false }
        return true
    }

    private func backoff(after failures: Int) -> Duration {
        Self.backoff * (1 << (failures - 1)) * (1 - time.random() / 2)
    }
}

extension CallCore {
    private func attempt(_ call: Call) async throws(Failure) -> Answer {
        switch await queue.turn(call.priority, until: call.turnWithin.map { time.now() + $0 }) {
        case .go: break
        case .expired: throw Failure(cause: .expired)
        case .postponed(let wait): throw Failure(cause: .rateLimited(retryAfter: wait))
        case .cancelled: throw Failure(cause: .cancelled)
        }
        guard !Task.isCancelled else {
            queue.endedUnsent()
            throw Failure(cause: .cancelled)
        }
        let permit = call.operation.changesSomething ? mayBegin : nil
        guard permit?() ?? true else {
            queue.endedUnsent()
            throw Failure(cause: .withheld)
        }
        let response = try await exchange(call, permit)
        let rate = RateHeaders(response.headers)
        if (200..<300).contains(response.status) {
            if response.status == 204 { return Answer(headers: response.headers, body: []) }
            return Answer(headers: response.headers, body: try await body(of: response, upTo: call.largestAnswer))
        }
        // The head has told that the call failed; its body only says why.
        let bytes = (try? await body(of: response, upTo: Self.largestProblem)) ?? []
        let redaction = Redaction(key: key, values: call.secrets)
        let cause = Problem(status: response.status, body: bytes, redaction: redaction).cause(rate)
        throw Failure(cause: cause, retryAfter: response.status == 429 ? rate.retryAfter ?? .zero : rate.retryAfter)
    }

    private func exchange(_ call: Call, _ permit: (@Sendable () -> Bool)?) async throws(Failure) -> HTTPResponse {
        var headers: HTTPHeaders = ["Accept": "application/json", "Authorization": "Bearer \(key.secret)"]
        if call.body != nil { headers["Content-Type"] = "application/json" }
        let request = HTTPRequest(
            call.method, call.url, headers: headers, body: call.body,
            timeouts: HTTPTimeouts(response: call.patience, idle: Self.longestSilence), mayBegin: permit)
        let start = time.now()
        do throws(HTTPError) {
            let response = try await transport.send(request)
            queue.ended(status: response.status, RateHeaders(response.headers), start: start)
            onExchange?(
                RunPodReport(operation: call.operation, status: response.status, duration: time.now() - start))
            return response
        } catch {
            if error.nothingWasSent { queue.endedUnsent() } else { queue.endedWithoutAnswer() }
            onExchange?(RunPodReport(operation: call.operation, status: nil, duration: time.now() - start))
            throw Failure(cause: error == .withheld ? .withheld : .transport(error))
        }
    }

    private func body(of response: HTTPResponse, upTo limit: Int) async throws(Failure) -> [UInt8] {
        let start = time.now()
        var bytes: [UInt8] = []
        do {
            for try await chunk in response.body {
                guard bytes.count + chunk.count <= limit else { throw HTTPError.bodyTooLarge(limit: limit) }
                guard time.now() - start <= Self.longestBody else { throw HTTPError.timedOut("the answer's body") }
                bytes += chunk
            }
            return bytes
        } catch let error as HTTPError {
            throw Failure(cause: .transport(error))
        } catch is CancellationError {
            throw Failure(cause: .transport(.cancelled))
        } catch {
            throw Failure(cause: .transport(.connectionLost("the answer's body broke off")))
        }
    }
}
