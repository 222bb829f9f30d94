internal import ControllerRuntime
internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions

/// The cluster as the driver sees it.
struct KubernetesEndpointObjects: EndpointObjects {
    let endpoints: Cache<InferenceEndpoint>
    let resources: Resources<InferenceEndpoint>
    let secrets: SecretReader
    let events: EventRecorder
    /// Of those that no key reached.
    let abandonedLedger: EndpointLedger
    /// Of those that their specs keep.
    let retainedLedger: EndpointLedger

    func endpoint(_ key: ObjectKey) -> InferenceEndpoint? { endpoints[key] }

    var all: [InferenceEndpoint] { endpoints.all }

    func live(_ key: ObjectKey) async throws -> InferenceEndpoint? {
        do throws(KubernetesError) { return try await resources.get(key) } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    func exists(uid: String, in namespace: String) async throws -> Bool {
        var token: PageToken?
        repeat {
            let page = try await resources.page(in: namespace, after: token)
            if page.items.contains(where: { $0.metadata.uid == uid }) { return true }
            token = page.next
        } while token != nil
        return false
    }

    func mark(_ endpoint: InferenceEndpoint) async throws -> InferenceEndpoint {
        try await RunPodController.finalizer.ensure(on: endpoint, in: resources, as: .martlet)
    }

    func release(_ endpoint: InferenceEndpoint) async throws {
        try await RunPodController.finalizer.remove(from: endpoint, in: resources, as: .martlet)
    }

    func write(_ patch: RunPodRecordPatch, to key: ObjectKey) async throws -> InferenceEndpoint {
        try await resources.mergePatch(key, patch, at: .status, as: .martlet)
    }

    func text(_ reference: SecretText) async throws -> String { try await secrets.text(of: reference) }

    func distrust(_ reference: SecretText) async { await secrets.distrust(reference.secret) }

    func announce(_ event: EndpointEvent, about endpoint: InferenceEndpoint) {
        events.record(
            event.isWarning ? .warning : .normal, reason: event.reason, message: event.message, about: endpoint)
    }

    func announce(_ event: OrphanEvent, about id: String, named name: String?, of marker: OwnerMarker) {
        // The object itself is gone, and its name with it: that of the endpoint begins with it.
        let former = ObjectReference(
            apiVersion: InferenceEndpoint.resourceType.apiVersion, kind: InferenceEndpoint.resourceType.kind,
            namespace: marker.namespace, name: name.map(OwnedName.normalised) ?? id, uid: marker.uid)
        events.record(
            event.isWarning ? .warning : .normal, reason: event.reason, message: event.message(of: id), about: former)
    }

    func abandon(_ endpoint: UnmanagedEndpoint, of object: ObjectKey) async throws {
        try await abandonedLedger.add(endpoint, of: object)
    }

    func retain(_ endpoint: UnmanagedEndpoint, of object: ObjectKey) async throws {
        try await retainedLedger.add(endpoint, of: object)
    }

    func retained() async throws -> [UnmanagedEndpoint] { try await retainedLedger.entries().map(\.endpoint) }
}

/// What becomes of an endpoint whose object is gone.
enum OrphanEvent: Sendable, Hashable {
    case found(isDeletedNext: Bool)
    case deleted

    /// A CamelCase word for people who filter events.
    var reason: String {
        switch self {
        case .found: "EndpointOrphaned"
        case .deleted: "OrphanDeleted"
        }
    }

    /// Whether somebody should look.
    var isWarning: Bool { self != .deleted }

    /// The event's text.
    func message(of id: String) -> String {
        switch self {
        case .found(isDeletedNext: true):
            "RunPod endpoint \(id) belongs to no object and may cost money; it is deleted in an hour unless that changes."
        case .found(isDeletedNext: false):
            "RunPod endpoint \(id) belongs to no object and may cost money: `martlet orphans --delete` deletes it, "
                + "and so does the operator with --delete-orphans."
        case .deleted: "Deleted RunPod endpoint \(id), which belonged to no object; a later read said 404."
        }
    }
}

extension EndpointEvent {
    /// A CamelCase word for people who filter events.
    var reason: String {
        switch self {
        case .created: "EndpointCreated"
        case .found: "EndpointFound"
        case .opened: "EndpointOpened"
        case .closing: "EndpointClosing"
        case .disabled: "EndpointDisabled"
        case .deleted: "EndpointDeleted"
        case .vanished: "EndpointVanished"
        case .jobsLeftOver: "JobsLeftOver"
        case .drainEnded: "EndpointDrainEnded"
        case .corrected: "EndpointCorrected"
        case .driftReturns: "DriftReturns"
        case .released: "EndpointReleased"
        case .abandoned: "EndpointAbandoned"
        }
    }

    /// Whether somebody should look.
    var isWarning: Bool {
        switch self {
        case .created, .found, .opened, .closing, .disabled, .deleted, .corrected, .released: false
        case .vanished, .jobsLeftOver, .drainEnded, .driftReturns, .abandoned: true
        }
    }

    /// The event's text.
    var message: String {
        switch self {
        case .created(let id): "Created RunPod endpoint \(id)."
        case .found(let id): "RunPod endpoint \(id) exists already and is this object's."
        case .opened(let bounds): "Opened with \(bounds.min) to \(bounds.max) workers."
        case .closing: "Closing: no worker stays that has no job."
        case .disabled: "Closed: the endpoint is kept without workers."
        case .deleted(let id): "Deleted RunPod endpoint \(id); a later read said 404."
        case .vanished(let id): "RunPod endpoint \(id) was deleted by somebody else."
        case .jobsLeftOver(let jobs):
            "\(jobs.map { "\($0) jobs" } ?? "Perhaps jobs") are left after the drain, so the endpoint is disabled and not "
                + "deleted; set discardJobs to discard them."
        case .drainEnded(let jobs):
            "drainSeconds are over; \(jobs.map { "\($0) jobs" } ?? "an unknown number of jobs") were queued or running."
        case .corrected(let settings): "Corrected on RunPod: \(settings.joined(separator: ", "))."
        case .driftReturns(let settings):
            "RunPod puts back what was corrected: \(settings.joined(separator: ", ")). Is somebody else changing it?"
        case .released(let id): "RunPod endpoint \(id) is left as it is; Martlet does not manage it any more."
        case .abandoned(let id):
            "No key reaches RunPod endpoint \(id ?? "(unknown id)"); it stands in the ConfigMap "
                + "\(EndpointLedger.Kind.abandoned.rawValue) and may still cost money: delete it on RunPod."
        }
    }
}
