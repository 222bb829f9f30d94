internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions
internal import RunPod

/// Finds what Martlet made on RunPod for this cluster and no InferenceEndpoint owns; pure.
struct OrphanSearch: Sendable {
    /// An endpoint that bears this cluster's marker and is nobody's.
    struct Orphan: Sendable, Equatable {
        var endpoint: RunPodEndpoint
        var marker: OwnerMarker
        var kind: Kind
    }

    enum Kind: Sendable, Equatable {
        /// Its object does not exist any more.
        case abandoned
        /// Its object exists and has recorded another endpoint. The operator removes such itself.
        case duplicate(of: ObjectKey)
    }

    /// `--cluster-id`, or the uid of kube-system.
    let cluster: String
    /// Only what was made for objects of this namespace; nil: of all.
    let namespace: String?

    /// `objects` must be all there are, or what is missing looks abandoned.
    func orphans(among endpoints: [RunPodEndpoint], objects: [InferenceEndpoint]) -> [Orphan] {
        var byUID: [String: InferenceEndpoint] = [:]
        var claimed: Set<String> = []
        for object in objects {
            if let uid = object.metadata.uid { byUID[uid] = object }
            if let id = object.status?.runpod?.endpointId { claimed.insert(id) }
            // By the spec's word, whoever made it; also before the operator has recorded it.
            if case .valid(let spec) = object.spec, let id = spec.runpod?.adoptEndpointId { claimed.insert(id) }
        }
        return endpoints.compactMap { endpoint in
            guard !claimed.contains(endpoint.id.rawValue), let marker = Self.marker(of: endpoint),
                marker.cluster == cluster, namespace == nil || marker.namespace == namespace
            else { return nil }
            guard let owner = byUID[marker.uid] else {
                return Orphan(endpoint: endpoint, marker: marker, kind: .abandoned)
            }
            // While nothing is recorded, or a create is under way, it may be the one.
            guard owner.status?.runpod?.endpointId != nil, owner.status?.runpod?.intent == nil else { return nil }
            return Orphan(endpoint: endpoint, marker: marker, kind: .duplicate(of: owner.key))
        }.sorted { $0.endpoint.id.rawValue < $1.endpoint.id.rawValue }
    }

    /// Nil where Martlet did not make it, or RunPod did not tell its environment.
    static func marker(of endpoint: RunPodEndpoint) -> OwnerMarker? {
        endpoint.env?[RunPodSpec.ownerVariable].flatMap { OwnerMarker($0) }
    }
}

/// Orphans as text.
enum OrphanText {
    static func table(_ orphans: [OrphanSearch.Orphan]) -> String {
        TextTable.text(
            [["ID", "NAME", "WORKERS", "CREATED", "MADE FOR", "STATE"]]
                + orphans.map { orphan in
                    let endpoint = orphan.endpoint
                    return [
                        endpoint.id.rawValue, endpoint.name ?? "-", workers(endpoint),
                        endpoint.createdAt.map { Timestamp($0).description } ?? "-",
                        "\(orphan.marker.namespace)/\(orphan.marker.uid)", state(orphan.kind),
                    ]
                })
    }

    static func json(_ orphan: OrphanSearch.Orphan) -> JSONValue {
        let endpoint = orphan.endpoint
        return .members([
            "id": .string(endpoint.id.rawValue), "name": .text(endpoint.name),
            "workers": endpoint.workers.map { ["min": .integer(Int64($0.min)), "max": .integer(Int64($0.max))] },
            "createdAt": .text(endpoint.createdAt.map { Timestamp($0).description }),
            "owner": ["namespace": .string(orphan.marker.namespace), "uid": .string(orphan.marker.uid)],
            "state": .string(state(orphan.kind)),
        ])
    }

    /// `0 to 3`.
    static func workers(_ endpoint: RunPodEndpoint) -> String {
        endpoint.workers.map { "\($0.min) to \($0.max)" } ?? "-"
    }

    private static func state(_ kind: OrphanSearch.Kind) -> String {
        switch kind {
        case .abandoned: "abandoned"
        case .duplicate(let owner): "duplicate of \(owner)"
        }
    }
}
