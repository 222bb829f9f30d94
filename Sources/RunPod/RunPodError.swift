package import HTTPTransport

/// What went wrong between us and RunPod, and in which call.
///
/// Never holds the key, a header or a value of the environment.
package struct RunPodError: Error, Sendable, Equatable {
    /// The call that failed.
    package var operation: RunPodOperation
    /// Why it failed.
    package var cause: Cause
    /// An earlier attempt within the same call ended in doubt, so `cause`, which is the last one's, is not all.
    package var followsDoubtfulAttempt: Bool

    /// The failure of `operation`.
    package init(_ operation: RunPodOperation, _ cause: Cause, followsDoubtfulAttempt: Bool = false) {
        self.operation = operation
        self.cause = cause
        self.followsDoubtfulAttempt = followsDoubtfulAttempt
    }

    /// The kinds of failure.
    package enum Cause: Error, Sendable, Equatable {
        /// The key is not accepted (401).
        case unauthorized(Problem)
        /// The key may not do this (403), or something before RunPod refused it (then nothing is said).
        case forbidden(Problem)
        /// The balance is empty (402).
        case paymentRequired(Problem)
        /// No such thing, or not of this account (404).
        case notFound(Problem)
        /// Not carried out, and not before `retryAfter` (429).
        case rateLimited(retryAfter: Duration)
        /// More workers than the account may have.
        case quotaExceeded(Problem)
        /// No host has room for what was asked: try another pool or place.
        case noCapacity(Problem)
        /// The body is not what RunPod takes (422): our error, or RunPod's interface has moved.
        case invalid(Problem)
        /// A rule was violated (400).
        case badRequest(Problem)
        /// This interface was retired (410): a newer Martlet is needed.
        case gone(Problem)
        /// Failed on RunPod's side (5xx).
        case server(Problem)
        /// Another status than the interface declares, redirects among them: they are never followed.
        case unexpected(Problem)
        /// An answer that is not what the interface promises; the text tells what was expected, not what was sent.
        case malformedAnswer(String)
        /// No answer: connecting, TLS, a limit in time, a broken connection.
        case transport(HTTPError)
        /// The client's permit did not cover the call: this process does not lead. Nothing was sent.
        case withheld
        /// Its turn did not come within the time that it had. Nothing was sent.
        case expired
        /// The task was cancelled before anything was sent.
        case cancelled
    }
}

extension RunPodError {
    /// Whether RunPod may have carried it out all the same: read before doing anything else (F1, F3).
    package var mayHaveTakenEffect: Bool {
        guard operation.changesSomething else { return false }
        if followsDoubtfulAttempt { return true }
        return switch cause {
        case .server, .malformedAnswer: true
        case .unexpected(let problem): !problem.isRefusal
        case .transport(let error): !error.nothingWasSent
        case .unauthorized, .forbidden, .paymentRequired, .notFound, .rateLimited, .quotaExceeded, .noCapacity,
            .invalid, .badRequest, .gone, .withheld, .expired, .cancelled:
            false
        }
    }

    /// Whether RunPod understood the call and refused it: certainly nothing was done.
    package var isDefinite: Bool {
        if followsDoubtfulAttempt { return false }
        return switch cause {
        case .unauthorized, .forbidden, .paymentRequired, .notFound, .rateLimited, .quotaExceeded, .noCapacity,
            .invalid, .badRequest, .gone:
            true
        case .unexpected(let problem): problem.isRefusal
        case .server, .malformedAnswer, .transport, .withheld, .expired, .cancelled: false
        }
    }

    /// Whether the same call may succeed later without anybody changing anything. That does not make it safe to be
    /// repeated blindly: see `mayHaveTakenEffect`.
    package var isRetryable: Bool {
        switch cause {
        case .rateLimited, .noCapacity, .server, .malformedAnswer, .expired: true
        case .transport(let error):
            switch error {
            case .connectFailed, .timedOut, .connectionLost, .tlsFailed: true
            case .invalidURL, .invalidRequest, .peerRefused, .bodyTooLarge, .withheld, .cancelled, .shutDown: false
            }
        case .unauthorized, .forbidden, .paymentRequired, .notFound, .quotaExceeded, .invalid, .badRequest, .gone,
            .unexpected, .withheld, .cancelled:
            false
        }
    }

    /// No such endpoint, job or template. Of a delete: it is done.
    package var isNotFound: Bool { if case .notFound = cause { true } else { false } }
    /// The call was not sent, because this process does not lead. No failure of the endpoint's.
    package var isWithheld: Bool {
        switch cause {
        case .withheld, .transport(.withheld): true
        default: false
        }
    }
    /// Its turn did not come in time: nothing was sent, and it is to be decided anew whether it is still right.
    package var isExpired: Bool {
        if case .expired = cause { !followsDoubtfulAttempt } else { false }
    }
    /// The task was cancelled, before or while the call was under way.
    package var isCancelled: Bool {
        switch cause {
        case .cancelled, .transport(.cancelled): true
        default: false
        }
    }
    /// What RunPod said, if it said something.
    package var problem: Problem? {
        switch cause {
        case .unauthorized(let problem), .forbidden(let problem), .paymentRequired(let problem),
            .notFound(let problem), .quotaExceeded(let problem), .noCapacity(let problem), .invalid(let problem),
            .badRequest(let problem), .gone(let problem), .server(let problem), .unexpected(let problem):
            problem
        case .rateLimited, .malformedAnswer, .transport, .withheld, .expired, .cancelled: nil
        }
    }
}

extension RunPodError: CustomStringConvertible {
    /// For people and logs, with what to do where something can be done; nothing secret.
    package var description: String { "\(operation): \(cause)" }
}

extension RunPodError.Cause: CustomStringConvertible {
    /// For people and logs; nothing secret.
    package var description: String {
        switch self {
        case .unauthorized(let problem): "the API key is not accepted: replace it (\(problem))"
        case .forbidden(let problem): "the API key has no right to do this: give it write access (\(problem))"
        case .paymentRequired(let problem): "the balance is empty: add credit to the RunPod account (\(problem))"
        case .notFound(let problem): "not found (\(problem))"
        case .rateLimited(let wait): "RunPod's rate limit: not before \(wait.components.seconds) s have passed"
        case .quotaExceeded(let problem):
            "more workers than the account may have: lower workers.max or raise the quota (\(problem))"
        case .noCapacity(let problem): "no capacity: try other pools or data centers (\(problem))"
        case .invalid(let problem): "RunPod does not accept the request's content (\(problem))"
        case .badRequest(let problem): "RunPod refuses the request (\(problem))"
        case .gone(let problem): "RunPod has retired this interface: a newer version of Martlet is needed (\(problem))"
        case .server(let problem): "RunPod failed (\(problem))"
        case .unexpected(let problem): "unexpected answer (\(problem))"
        case .malformedAnswer(let expectation): "malformed answer: \(expectation)"
        case .transport(let error): "no answer: \(error)"
        case .withheld: "not sent: this process does not lead"
        case .expired: "not sent: its turn under the key's rate limit did not come in time"
        case .cancelled: "cancelled"
        }
    }
}
