public import KubernetesModel

/// The objects of one kind on the server. Every call throws `KubernetesError` with the operation's name.
///
/// Requests that the server puts off (429, 503 with `Retry-After`) are repeated within `RequestLimits`; every other
/// failure, conflicts among them, goes to the caller.
public struct Resources<O: KubernetesObject>: Sendable {
    /// Where the kind lives.
    public let type: ResourceType
    let core: RequestCore
    var permit: (any WritePermit)?

    /// One object. Throws `isNotFound` if it is not there.
    public func get(_ key: ObjectKey) async throws(KubernetesError) -> O {
        try await core.json(request(.get, key))
    }

    /// One page of a list. `next` of the answer asks for the following one; an expired token throws `isGone`.
    ///
    /// `namespace` nil asks for all namespaces.
    public func page(
        in namespace: String?, selecting selector: ListSelector = .everything, limit: Int = 500,
        after token: PageToken? = nil
    ) async throws(KubernetesError) -> Page<O> {
        var request = request(.list, in: namespace)
        request.query = selector.query + [("limit", String(limit))]
        if let token { request.query.append(("continue", token.rawValue)) }
        return try await core.json(request)
    }

    /// Changes since `version`, bookmarks included, until the server ends the stream after about `lifetime`.
    ///
    /// `idle` is the longest silence before the connection counts as dead (throws `.transport(.timedOut)`): modern
    /// servers send a bookmark about each minute, old ones only shortly before the end.
    public func watch(
        in namespace: String?, selecting selector: ListSelector = .everything, from version: ResourceVersion,
        for lifetime: Duration, idle: Duration? = nil
    ) async throws(KubernetesError) -> WatchStream<O> {
        var request = request(.watch, in: namespace)
        request.query =
            selector.query + [
                ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", version.rawValue),
                ("timeoutSeconds", String(lifetime.components.seconds)),
            ]
        request.idle = idle
        return try await core.watch(request)
    }

    /// Creates an object. `apiVersion` and `kind` are added; a taken name throws `alreadyExists`.
    public func create(
        _ body: some Encodable & Sendable, in namespace: String? = nil, as manager: FieldManager
    ) async throws(KubernetesError) -> O {
        var request = request(.create, in: namespace)
        request.query = [("fieldManager", manager.rawValue)]
        request.body = try core.encode(TypedBody(type: type, content: body), for: request.operation)
        return try await core.json(request)
    }

    /// Starts the deletion of an object. Gone already: throws `isNotFound`. A failed precondition: `isConflict`.
    public func delete(_ key: ObjectKey, _ options: DeleteOptions = DeleteOptions()) async throws(KubernetesError) {
        var request = request(.delete, key)
        request.body = try core.encode(options, for: request.operation)
        try await core.discardingAnswer(request)
    }

    /// Changes the members that `patch` names (RFC 7386); null removes one. Give `metadata.resourceVersion` in the
    /// patch to make it conditional.
    @discardableResult
    public func mergePatch(
        _ key: ObjectKey, _ patch: some Encodable & Sendable, at subresource: Subresource? = nil,
        as manager: FieldManager
    ) async throws(KubernetesError) -> O {
        try await core.json(mergePatchRequest(key, patch, at: subresource, as: manager))
    }

    /// Server-side apply: `object` holds exactly the fields that `manager` wants to own. `apiVersion` and `kind` are
    /// added. A field of another manager throws `isConflict` with the causes, unless `conflicts` is `.force`.
    @discardableResult
    public func apply(
        _ key: ObjectKey, _ object: some Encodable & Sendable, at subresource: Subresource? = nil,
        as manager: FieldManager, conflicts: ApplyConflicts = .fail
    ) async throws(KubernetesError) -> O {
        var request = request(.apply, key, subresource)
        request.query = [("fieldManager", manager.rawValue)]
        if conflicts == .force { request.query.append(("force", "true")) }
        request.body = try core.encode(TypedBody(type: type, content: object), for: request.operation)
        return try await core.json(request)
    }

    /// The object's `/scale`.
    public func scale(_ key: ObjectKey) async throws(KubernetesError) -> Scale {
        try await core.json(request(.get, key, .scale))
    }

    /// Sets the wished replicas through `/scale`; with `version` only if the object is still at it (`isConflict`).
    @discardableResult
    public func scale(
        _ key: ObjectKey, to replicas: Int, ifAt version: ResourceVersion? = nil, as manager: FieldManager
    ) async throws(KubernetesError) -> Scale {
        let patch = ScalePatch(
            metadata: version.map { ScalePatch.Metadata(resourceVersion: $0) },
            spec: ScalePatch.Spec(replicas: replicas))
        return try await core.json(mergePatchRequest(key, patch, at: .scale, as: manager))
    }
}

/// What an apply does about fields that another manager owns.
public enum ApplyConflicts: Sendable {
    /// Throws, naming the manager and the field.
    case fail
    /// Takes them over.
    case force
}

extension Resources {
    private func request(_ verb: Verb, in namespace: String?) -> APIRequest {
        APIRequest(
            operation: Operation(verb, type), namespace: namespace, representation: O.representation, permit: permit)
    }

    private func request(_ verb: Verb, _ key: ObjectKey, _ subresource: Subresource? = nil) -> APIRequest {
        APIRequest(
            operation: Operation(verb, type, key: key, subresource: subresource), namespace: key.namespace,
            representation: subresource == .scale ? .whole : O.representation, permit: permit)
    }

    private func mergePatchRequest(
        _ key: ObjectKey, _ patch: some Encodable, at subresource: Subresource?, as manager: FieldManager
    ) throws(KubernetesError) -> APIRequest {
        var request = request(.patch, key, subresource)
        request.query = [("fieldManager", manager.rawValue)]
        request.body = try core.encode(patch, for: request.operation)
        return request
    }
}

private struct ScalePatch: Encodable {
    struct Metadata: Encodable { var resourceVersion: ResourceVersion }
    struct Spec: Encodable { var replicas: Int }
    var metadata: Metadata?
    var spec: Spec
}
