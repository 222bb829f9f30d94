package import FoundationEssentials

/// What is to be done about an object's RunPod endpoint, and why.
package struct EndpointPlan: Sendable {
    /// The one thing to do now; anything but `hold` and it is decided again right afterwards.
    package var step: EndpointStep
    /// Why, in one line.
    package var reason: String
    /// The condition, as far as it is known before the step.
    package var finding: RunPodFinding
    /// When the same inputs would be decided otherwise.
    package var recheckAt: Date?
    /// To be passed to the next decision, the step's outcome noted.
    package var history: EndpointHistory
}

/// One thing to do; at most one call to RunPod or one write to the object.
package enum EndpointStep: Sendable, Hashable {
    case hold
    /// Puts the finalizer on, before anything is made that would need cleaning up.
    case mark
    /// Needs a complete list that began after this time.
    case readList(after: Date, urgency: CallUrgency)
    /// Writes the record, on condition that nobody wrote it since it was read.
    case record(EndpointRecord)
    case create(EndpointDraft)
    case update(id: String, EndpointChange, CallUrgency)
    case readHealth(id: String)
    case delete(id: String)
    /// Asks for the endpoint by its id; only a 404 proves it gone.
    case verifyGone(id: String)
    /// Gives an endpoint up that no key reaches: into the ledger with it.
    case abandon(UnmanagedEndpoint)
    /// Leaves an endpoint standing by the spec's word: into the other ledger with it, or a sweep took it for an orphan.
    case retain(UnmanagedEndpoint)
    /// Takes the finalizer off.
    case release
}

/// How a call ranks where the key's rate limit has no room for all.
package enum CallUrgency: Sendable, Hashable {
    case closing
    case opening
    case correction
    case observation
}

/// An endpoint to be created. It may have no worker standing: should the answer be lost, an endpoint that nobody knows of
/// costs nothing.
package struct EndpointDraft: Sendable, Hashable {
    package var name: String
    /// `min` is 0, always.
    package var workers: EndpointChange.Workers
    /// In the order in which they are tried this time.
    package var pools: [String]
}

/// An endpoint that outlives its object, for a ledger.
package struct UnmanagedEndpoint: Sendable, Hashable {
    /// Nil: a create whose answer was lost, under `name`.
    package var id: String?
    package var name: String
    package var keyFingerprint: String?
    package var since: Date

    package init(id: String?, name: String, keyFingerprint: String?, since: Date) {
        self.id = id
        self.name = name
        self.keyFingerprint = keyFingerprint
        self.since = since
    }
}

/// What became of a step.
package enum StepOutcome: Sendable, Hashable {
    case done
    /// A create was answered with this id.
    case created(id: String)
    /// A 404, under a key that can tell.
    case gone
    /// Asked for by its id, it is there.
    case stillThere
    case health(HealthReading)
    /// Understood and refused: nothing was done.
    case refused(CallProblem)
    /// Nobody knows whether it was done.
    case doubtful(CallProblem)
    /// Certainly not done, and may succeed later.
    case failed(CallProblem)
    /// The object was written by somebody else meanwhile.
    case conflict
}

/// What is said once, as an event on the object.
package enum EndpointEvent: Sendable, Hashable {
    case created(id: String)
    case found(id: String)
    case opened(RunPodBounds)
    case closing
    case disabled
    case deleted(id: String)
    case vanished(id: String)
    case jobsLeftOver(Int?)
    case drainEnded(jobs: Int?)
    case corrected(settings: [String])
    case driftReturns(settings: [String])
    case released(id: String)
    case abandoned(id: String?)
}
