public import Kubernetes
public import KubernetesModel

/// A mark on an object by which its deletion waits until its controller has cleaned up.
///
/// Other controllers' marks are never touched: each write holds only at the version that was read, and is repeated on
/// what is there now if somebody was faster.
public struct Finalizer: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    /// A qualified name, `example.com/cleanup`.
    public let rawValue: String

    /// The finalizer of that qualified name.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The finalizer of that qualified name.
    public init(stringLiteral value: String) { rawValue = value }

    /// So many writers are never faster five times in a row, unless two controllers fight.
    private static let attempts = 5

    private struct Patch: Encodable {
        struct Metadata: Encodable {
            var uid: String?
            var resourceVersion: ResourceVersion?
            var finalizers: [String]
        }
        var metadata: Metadata
    }

    /// Whether `object` bears the mark.
    public func isOn(_ object: some KubernetesObject) -> Bool {
        object.metadata.finalizers?.contains(rawValue) ?? false
    }

    /// Puts the mark on `object`, before anything is made that would need cleaning up. Returns the marked object.
    ///
    /// Writes nothing if the mark is there, or if the object is being deleted: then it may not be added any more, so
    /// check `isOn` of the answer. Throws `isNotFound` if the object, or this one of its name, is gone.
    @discardableResult
    public func ensure<Object: KubernetesObject>(
        on object: Object, in resources: Resources<Object>, as manager: FieldManager
    ) async throws(KubernetesError) -> Object {
        try await change(object, in: resources, as: manager) { object in
            if isOn(object) || object.metadata.deletionTimestamp != nil { return nil }
            return (object.metadata.finalizers ?? []) + [rawValue]
        }
    }

    /// Takes the mark off `object`, after everything is cleaned up. One that is gone already counts as success.
    public func remove<Object: KubernetesObject>(
        from object: Object, in resources: Resources<Object>, as manager: FieldManager
    ) async throws(KubernetesError) {
        do {
            _ = try await change(object, in: resources, as: manager) { object in
                isOn(object) ? object.metadata.finalizers?.filter { $0 != rawValue } : nil
            }
        } catch  where error.isNotFound {
            return
        }
    }

    /// Writes the finalizers that `wanted` answers, nil for none to write, over the version it was asked about.
    private func change<Object: KubernetesObject>(
        _ object: Object, in resources: Resources<Object>, as manager: FieldManager,
        _ wanted: (Object) -> [String]?
    ) async throws(KubernetesError) -> Object {
        let uid = object.metadata.uid
        var object = object
        var attempt = 1
        while let finalizers = wanted(object) {
            let metadata = Patch.Metadata(
                uid: uid, resourceVersion: object.metadata.resourceVersion, finalizers: finalizers)
            do {
                return try await resources.mergePatch(object.key, Patch(metadata: metadata), as: manager)
            } catch  where error.isConflict && attempt < Self.attempts {
                attempt += 1
                object = try await resources.get(object.key)
                guard object.metadata.uid == uid else {
                    // Another object of the same name: ours is gone.
                    throw KubernetesError(
                        error.operation, .refused(Status(code: 404, reason: "NotFound", message: "replaced")))
                }
            }
        }
        return object
    }
}
