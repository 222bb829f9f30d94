internal import HTTPTransport
internal import KubernetesModel

/// A request to the API server before it has an address: what `RequestCore` turns into HTTP.
struct APIRequest: Sendable {
    var operation: Operation
    /// Nil or empty: cluster-scoped, or all namespaces.
    var namespace: String?
    /// The path of a discovery request, which is about no resource.
    var fixedPath: String?
    var query: [(String, String)] = []
    var body: [UInt8]?
    var representation = ObjectRepresentation.whole
    /// The longest silence in the body; nil: the limit on the whole response.
    var idle: Duration?
    /// What a request that changes something needs; nil: nothing.
    var permit: (any WritePermit)?

    init(
        operation: Operation, namespace: String? = nil, representation: ObjectRepresentation = .whole,
        permit: (any WritePermit)? = nil
    ) {
        self.operation = operation
        self.namespace = namespace
        self.representation = representation
        self.permit = operation.verb.changesSomething ? permit : nil
    }

    /// Asks for what the server says about itself.
    init(discovering path: String) {
        operation = Operation(.discover, nil)
        fixedPath = path
    }

    var method: HTTPMethod {
        switch operation.verb {
        case .discover, .get, .list, .watch: .get
        case .create: .post
        case .delete: .delete
        case .patch, .apply: .patch
        }
    }

    var contentType: String? {
        switch operation.verb {
        case .create, .delete: "application/json"
        case .patch: "application/merge-patch+json"
        // JSON is YAML; servers before 1.32 know this name only.
        case .apply: "application/apply-patch+yaml"
        case .discover, .get, .list, .watch: nil
        }
    }

    var accept: String {
        switch (representation, operation.verb) {
        case (.whole, _): "application/json"
        case (.metadataOnly, .list): "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
        case (.metadataOnly, _): "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
        }
    }

    /// Path and query, percent-encoded.
    var target: String {
        var path = fixedPath ?? resourcePath
        if !query.isEmpty {
            path +=
                "?"
                + query.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }
                .joined(separator: "&")
        }
        return path
    }

    private var resourcePath: String {
        guard let type = operation.resource else { return "/" }
        var components = type.group.isEmpty ? ["api", type.version] : ["apis", type.group, type.version]
        if type.isNamespaced, let namespace, !namespace.isEmpty { components += ["namespaces", namespace] }
        components.append(type.plural)
        if let key = operation.key { components.append(key.name) }
        if let subresource = operation.subresource { components.append(subresource.rawValue) }
        return components.map { "/" + PercentEncoding.encode($0) }.joined()
    }
}

/// RFC 3986 section 2: everything but unreserved characters is escaped, so that no name can leave its place in a URL.
enum PercentEncoding {
    static func encode(_ text: String) -> String {
        // A path component of dots only would be taken for a step up the tree.
        if text == "." || text == ".." { return text.map { _ in "%2E" }.joined() }
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if isUnreserved(byte) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), hexDigit(byte >> 4), hexDigit(byte & 0xF)]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
    }
}
