internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions
internal import Metrics

/// Endpoints that outlive their objects: a ConfigMap in the operator's namespace, so that nobody has to remember them. One
/// entry an endpoint.
struct EndpointLedger: Sendable {
    /// Each has a ConfigMap of its own, of that name.
    enum Kind: String {
        /// No key reached them.
        case abandoned = "martlet-abandoned-endpoints"
        /// Their specs say `deletionPolicy: Retain`.
        case retained = "martlet-retained-endpoints"
    }

    private let configMaps: Resources<ConfigMap>
    private let key: ObjectKey
    /// Only what may cost money by mistake is counted.
    private let count: Gauge?

    init(_ kind: Kind, _ client: KubernetesClient, namespace: String) {
        configMaps = client.resources(ConfigMap.self)
        key = ObjectKey(namespace: namespace, name: kind.rawValue)
        count = kind == .abandoned ? Gauge(label: "martlet_runpod_abandoned") : nil
    }

    /// One line of the ledger.
    struct Entry: Codable, Sendable, Equatable {
        var id: String?
        var name: String
        var keyFingerprint: String?
        var since: Timestamp
        var object: String

        var endpoint: UnmanagedEndpoint {
            UnmanagedEndpoint(id: id, name: name, keyFingerprint: keyFingerprint, since: since.date)
        }

        /// What a ConfigMap takes as a key.
        var slot: String {
            String(
                (id ?? name).unicodeScalars.map {
                    $0.isASCII
                        && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                            || "-_.".unicodeScalars.contains($0))
                        ? Character($0) : "-"
                })
        }
    }

    private struct Patch: Encodable { var data: [String: String?] }
    private struct Body: Encodable {
        struct Metadata: Encodable {
            var name: String
            var labels = ["app.kubernetes.io/managed-by": "martlet"]
        }
        var metadata: Metadata
        var data: [String: String]
    }

    /// Adds an entry; it stands when this returns.
    func add(_ endpoint: UnmanagedEndpoint, of object: ObjectKey) async throws {
        let entry = Entry(
            id: endpoint.id, name: endpoint.name, keyFingerprint: endpoint.keyFingerprint,
            since: Timestamp(endpoint.since), object: object.description)
        let text = String(decoding: try JSONEncoder().encode(entry), as: UTF8.self)
        try await write([entry.slot: text])
    }

    /// Takes an entry off: the endpoint was proved gone.
    func remove(_ entry: Entry) async throws { try await write([entry.slot: nil]) }

    private func write(_ data: [String: String?]) async throws {
        do throws(KubernetesError) {
            let map = try await configMaps.mergePatch(key, Patch(data: data), as: .martlet)
            count?.record(map.data?.count ?? 0)
        } catch {
            guard error.isNotFound else { throw error }
            let body = Body(metadata: .init(name: key.name), data: data.compactMapValues { $0 })
            do throws(KubernetesError) {
                _ = try await configMaps.create(body, in: key.namespace, as: .martlet)
                count?.record(body.data.count)
            } catch {
                guard error.alreadyExists else { throw error }
                try await configMaps.mergePatch(key, Patch(data: data), as: .martlet)
            }
        }
    }

    /// Every entry that can be read; counts them.
    func entries() async throws -> [Entry] {
        let map: ConfigMap
        do throws(KubernetesError) { map = try await configMaps.get(key) } catch {
            guard error.isNotFound else { throw error }
            count?.record(0)
            return []
        }
        count?.record(map.data?.count ?? 0)
        return (map.data ?? [:]).values.compactMap { try? JSONDecoder().decode(Entry.self, from: Data($0.utf8)) }
    }
}
