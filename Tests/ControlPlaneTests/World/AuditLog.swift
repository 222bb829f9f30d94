import FoundationEssentials
import KubernetesModel

/// Every write that the API server took or refused, in its own words.
struct AuditLog: Sendable {
    let path: String

    struct Entry: Decodable, Sendable {
        struct User: Decodable, Sendable { var username: String }
        struct Object: Decodable, Sendable {
            var resource: String
            var subresource: String?
            var namespace: String?
            var name: String?
        }
        struct Response: Decodable, Sendable { var code: Int? }

        var verb: String
        var user: User
        var userAgent: String?
        var objectRef: Object?
        var responseStatus: Response?
        var requestReceivedTimestamp: MicroTimestamp

        /// As `patch deployments/scale`.
        var what: String {
            let object = [objectRef?.resource, objectRef?.subresource].compactMap(\.self).joined(separator: "/")
            return "\(verb) \(object)"
        }
        var date: Date { requestReceivedTimestamp.date }
        var succeeded: Bool { (200..<300).contains(responseStatus?.code ?? 0) }
    }

    /// The operator's writes to objects of `namespace`, in order.
    func operatorWrites(in namespace: String) -> [Entry] {
        entries(containing: namespace).filter {
            $0.user.username == ControlPlane.operatorUser && $0.objectRef?.namespace == namespace
        }
    }

    /// Whether a write of something of that name is logged.
    func contains(_ name: String) -> Bool { !entries(containing: name).isEmpty }

    private func entries(containing text: String) -> [Entry] {
        guard let content = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        let decoder = JSONDecoder()
        // A line that is being written is not there yet.
        return content.split(separator: "\n").filter { $0.contains(text) }.compactMap {
            try? decoder.decode(Entry.self, from: Data($0.utf8))
        }.sorted { $0.requestReceivedTimestamp < $1.requestReceivedTimestamp }
    }
}

extension [AuditLog.Entry] {
    /// How often each kind of write occurred.
    var tally: [String: Int] { reduce(into: [:]) { $0[$1.what, default: 0] += 1 } }

    /// Seconds between each entry and the one before.
    var gaps: [Double] {
        zip(dropFirst(), self).map {
            $0.requestReceivedTimestamp.date.timeIntervalSince($1.requestReceivedTimestamp.date)
        }
    }
}
