/// Why `RunPodReady` is what it is. docs/conditions.md says of each what to do; a test holds the two together.
package enum RunPodReason: String, Sendable, Hashable, CaseIterable {
    /// The endpoint is as wanted.
    case ready = "Ready"
    /// A create is on its way, or its answer was lost and is being looked for.
    case creating = "Creating"
    /// Something was written that no reading has confirmed yet.
    case verifying = "Verifying"
    /// Closing; jobs are still finished.
    case draining = "Draining"
    case closed = "Closed"
    /// On its way out with its object.
    case deleting = "Deleting"
    case suspended = "Suspended"
    /// The spec is refused; only a closing is still carried out.
    case notAccepted = "NotAccepted"
    case nameTaken = "NameTaken"
    /// The recorded or adopted endpoint bears another object's marker, or an older object claims it.
    case ownedByAnother = "OwnedByAnother"
    case adoptedEndpointGone = "AdoptedEndpointGone"
    case endpointNotInAccount = "EndpointNotInAccount"
    /// RunPod puts a setting back each time that it is corrected.
    case driftReturns = "DriftReturns"
    case jobsLeftOver = "JobsLeftOver"
    case deleteFailing = "DeleteFailing"
    /// No GPU is free for the workers that are wanted.
    case throttled = "Throttled"
    case crashLooping = "CrashLooping"
    case coldStart = "ColdStart"
    case keyRefused = "KeyRefused"
    case keyForbidden = "KeyForbidden"
    case keyMissing = "KeyMissing"
    case balanceEmpty = "BalanceEmpty"
    case quotaExceeded = "QuotaExceeded"
    case capacityRefused = "CapacityRefused"
    case templateNotFound = "TemplateNotFound"
    case unknownPool = "UnknownPool"
    case requestRefused = "RequestRefused"
    case rateLimited = "RateLimited"
    case unreachable = "Unreachable"
    case apiChanged = "APIChanged"
    case secretNotFound = "SecretNotFound"
    case secretForbidden = "SecretForbidden"
    case secretKeyMissing = "SecretKeyMissing"
    case secretKeyInvalid = "SecretKeyInvalid"
    case consentMissing = "ConsentMissing"

    /// Whether the key itself is what is wrong: nothing can be done until it is replaced.
    package var isOfKey: Bool {
        switch self {
        case .keyRefused, .keyForbidden, .keyMissing, .secretNotFound, .secretForbidden, .secretKeyMissing,
            .secretKeyInvalid, .consentMissing, .endpointNotInAccount:
            true
        case .ready, .creating, .verifying, .draining, .closed, .deleting, .suspended, .notAccepted, .nameTaken,
            .ownedByAnother, .adoptedEndpointGone, .driftReturns, .jobsLeftOver, .deleteFailing, .throttled,
            .crashLooping, .coldStart, .balanceEmpty, .quotaExceeded, .capacityRefused, .templateNotFound,
            .unknownPool, .requestRefused, .rateLimited, .unreachable, .apiChanged:
            false
        }
    }
}

/// What went wrong with a call to RunPod, in words for people; never a key or a variable's value.
package struct CallProblem: Error, Sendable, Hashable {
    package var reason: RunPodReason
    package var message: String
    /// RunPod named a time before which nothing should be asked, in seconds from the answer.
    package var retryAfterSeconds: Double?

    /// A problem of that kind.
    package init(_ reason: RunPodReason, _ message: String, retryAfterSeconds: Double? = nil) {
        self.reason = reason
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// The turn of a call did not come in time.
    package static let noTurn = CallProblem(
        .rateLimited, "RunPod's rate limit for this key leaves no room at the moment; more urgent calls go first.")
}

/// The condition `RunPodReady`, before it is dated.
package struct RunPodFinding: Sendable, Hashable {
    /// Whether the endpoint serves, or is closed as it should be.
    package enum Answer: Sendable, Hashable {
        case yes
        case no
        case unknown
    }

    package var answer: Answer
    package var reason: RunPodReason
    package var message: String

    /// A finding of these parts.
    package init(_ answer: Answer, _ reason: RunPodReason, _ message: String) {
        self.answer = answer
        self.reason = reason
        self.message = message
    }

    /// What a list that was not given says of an endpoint: nothing, unless the key is what is wrong. Then nothing will
    /// be done for it until people replace the key, which is more than not knowing.
    package init(listFailed problem: CallProblem) {
        self.init(problem.reason.isOfKey ? .no : .unknown, problem.reason, problem.message)
    }
}
