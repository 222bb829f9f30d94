import ControllerRuntime
import FoundationEssentials
import HTTPTransport
import KubernetesModel
import RunPod
import Synchronization

@testable import Kubernetes
@testable import MartletAPI
@testable import MartletDecisions
@testable import MartletOperator

/// The API server of a history: objects with versions, Secrets, and the ledger.
final class HistoryCluster: Sendable {
    struct State {
        var objects: [ObjectKey: InferenceEndpoint] = [:]
        var secrets: [ObjectKey: [String: String]] = [:]
        var abandoned: [UnmanagedEndpoint] = []
        var retained: [UnmanagedEndpoint] = []
        var version = 0
    }
    let state = Mutex(State())

    /// Creates an object and returns it.
    @discardableResult
    func create(_ key: ObjectKey, uid: String, _ spec: InferenceEndpointSpec, at now: Date) -> InferenceEndpoint {
        var metadata = ObjectMeta(name: key.name, namespace: key.namespace)
        metadata.uid = uid
        metadata.generation = 1
        metadata.creationTimestamp = Timestamp(now)
        return state.withLock { $0.put(InferenceEndpoint(metadata: metadata, spec: spec)) }
    }

    /// Somebody deletes an object: it goes at once if nothing holds it.
    func delete(_ key: ObjectKey, at now: Date) {
        state.withLock { state in
            guard var object = state.objects[key] else { return }
            object.metadata.deletionTimestamp = object.metadata.deletionTimestamp ?? Timestamp(now)
            _ = state.put(object)
        }
    }

    /// Somebody edits the spec.
    func edit(_ key: ObjectKey, _ body: (inout InferenceEndpointSpec) -> Void) {
        state.withLock { state in
            guard var object = state.objects[key], case .valid(var spec) = object.spec else { return }
            body(&spec)
            object.spec = .valid(spec)
            object.metadata.generation = (object.metadata.generation ?? 0) + 1
            _ = state.put(object)
        }
    }

    subscript(key: ObjectKey) -> InferenceEndpoint? { state.withLock { $0.objects[key] } }
    var all: [InferenceEndpoint] { state.withLock { Array($0.objects.values) } }
    var abandoned: [UnmanagedEndpoint] { state.withLock { $0.abandoned } }
}

extension HistoryCluster.State {
    mutating func put(_ object: InferenceEndpoint) -> InferenceEndpoint {
        var object = object
        version += 1
        object.metadata.resourceVersion = ResourceVersion(rawValue: "\(version)")
        let isHeld = object.metadata.finalizers?.isEmpty == false
        objects[object.key] = object.metadata.deletionTimestamp != nil && !isHeld ? nil : object
        return object
    }
}

/// Ends a process at one of its calls: before it is made, or after, so that its answer is lost.
final class Crash: Sendable {
    enum Moment: CaseIterable { case before, after }
    struct State {
        var countdown: Int?
        var moment = Moment.before
        var isDead = false
        var calls = 0
    }
    let state = Mutex(State())

    var isDead: Bool { state.withLock { $0.isDead } }
    /// The process dies at the call after so many.
    func arm(after calls: Int, _ moment: Moment) {
        state.withLock {
            $0.countdown = calls
            $0.moment = moment
        }
    }
    func kill() { state.withLock { $0.isDead = true } }

    /// True: the process is dead at this moment.
    func strikes(_ moment: Moment) -> Bool {
        state.withLock { state in
            if state.isDead { return true }
            if moment == .before { state.calls += 1 }
            guard let countdown = state.countdown else { return false }
            if moment == .before, countdown > 0 {
                state.countdown = countdown - 1
                return false
            }
            guard countdown == 0, state.moment == moment else { return false }
            state.isDead = true
            return true
        }
    }
}

/// RunPod as one process reaches it.
struct CrashingTransport: HTTPTransport {
    let inner: any HTTPTransport
    let crash: Crash
    let check: @Sendable (HTTPRequest) -> Void

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        if crash.strikes(.before) { throw .cancelled }
        check(request)
        do throws(HTTPError) {
            let response = try await inner.send(request)
            check(request)
            if crash.strikes(.after) { throw .connectionLost("the process is gone") }
            return response
        } catch {
            check(request)
            if crash.strikes(.after) { throw .connectionLost("the process is gone") }
            throw error
        }
    }
}

/// The cluster as one process sees it: through a watch that lags, and through calls at which it may die.
final class HistoryObjects: EndpointObjects {
    let cluster: HistoryCluster
    let crash: Crash
    let events = Mutex<[EndpointEvent]>([])
    /// By the endpoint's id.
    let orphanEvents = Mutex<[String: [OrphanEvent]]>([:])
    private let cache = Mutex<[ObjectKey: InferenceEndpoint]>([:])

    init(_ cluster: HistoryCluster, _ crash: Crash) {
        self.cluster = cluster
        self.crash = crash
        sync()
    }

    /// The watch delivers everything there is.
    func sync() {
        let objects = cluster.state.withLock { $0.objects }
        cache.withLock { $0 = objects }
    }

    func endpoint(_ key: ObjectKey) -> InferenceEndpoint? { cache.withLock { $0[key] } }
    var all: [InferenceEndpoint] { cache.withLock { Array($0.values) } }

    private func call<T>(
        _ verb: Verb, _ body: (inout HistoryCluster.State) throws -> sending T
    ) throws -> sending T {
        if crash.strikes(.before) { throw Self.error(verb, .cancelled) }
        let result = try cluster.state.withLock { state throws in try body(&state) }
        if crash.strikes(.after) { throw Self.error(verb, .cancelled) }
        return result
    }

    private static func error(_ verb: Verb, _ cause: KubernetesError.Cause) -> KubernetesError {
        KubernetesError(Kubernetes.Operation(verb, InferenceEndpoint.resourceType), cause)
    }
    private static func refused(_ verb: Verb, _ code: Int, _ reason: String) -> KubernetesError {
        error(verb, .refused(Status(code: code, reason: reason, message: reason)))
    }

    func live(_ key: ObjectKey) async throws -> InferenceEndpoint? { try call(.get) { $0.objects[key] } }

    func exists(uid: String, in namespace: String) async throws -> Bool {
        try call(.list) { $0.objects.values.contains { $0.metadata.uid == uid } }
    }

    func mark(_ endpoint: InferenceEndpoint) async throws -> InferenceEndpoint {
        try call(.patch) { state in
            guard var object = state.objects[endpoint.key], object.metadata.uid == endpoint.metadata.uid else {
                throw Self.refused(.patch, 404, "NotFound")
            }
            guard object.metadata.deletionTimestamp == nil, !RunPodController.finalizer.isOn(object) else {
                return object
            }
            object.metadata.finalizers = [RunPodController.finalizer.rawValue]
            return state.put(object)
        }
    }

    func release(_ endpoint: InferenceEndpoint) async throws {
        try call(.patch) { state in
            guard var object = state.objects[endpoint.key], object.metadata.uid == endpoint.metadata.uid else { return }
            object.metadata.finalizers = nil
            _ = state.put(object)
        }
    }

    func write(_ patch: RunPodRecordPatch, to key: ObjectKey) async throws -> InferenceEndpoint {
        try call(.patch) { state in
            guard var object = state.objects[key] else { throw Self.refused(.patch, 404, "NotFound") }
            guard object.metadata.uid == patch.uid, object.metadata.resourceVersion == patch.resourceVersion else {
                throw Self.refused(.patch, 409, "Conflict")
            }
            var status = object.status ?? InferenceEndpointStatus()
            status.runpod = RunPodStatus(
                endpointId: patch.endpointId, intent: patch.intent, keyFingerprint: patch.keyFingerprint)
            object.status = status
            return state.put(object)
        }
    }

    func text(_ reference: SecretText) async throws -> String {
        guard let text = cluster.state.withLock({ $0.secrets[reference.secret]?[reference.key] }) else {
            throw CredentialProblem(
                reason: "SecretNotFound", message: "Secret \(reference.secret.name) does not exist.")
        }
        return text
    }

    func distrust(_ reference: SecretText) async {}
    func announce(_ event: EndpointEvent, about endpoint: InferenceEndpoint) { events.withLock { $0.append(event) } }
    func announce(_ event: OrphanEvent, about id: String, named name: String?, of marker: OwnerMarker) {
        orphanEvents.withLock { $0[id, default: []].append(event) }
    }

    func abandon(_ endpoint: UnmanagedEndpoint, of object: ObjectKey) async throws {
        try call(.patch) { $0.abandoned.append(endpoint) }
    }

    func retain(_ endpoint: UnmanagedEndpoint, of object: ObjectKey) async throws {
        try call(.patch) { $0.retained.append(endpoint) }
    }

    func retained() async throws -> [UnmanagedEndpoint] { try call(.get) { $0.retained } }
}
