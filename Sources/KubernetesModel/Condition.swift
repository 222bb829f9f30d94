/// One `metav1.Condition`: a fact about an object that people and tools can wait for.
public struct Condition: Codable, Sendable, Equatable {
    /// What the condition is about, in CamelCase.
    public var type: String
    /// Whether it holds.
    public var status: ConditionStatus
    /// A CamelCase word for machines.
    public var reason: String
    /// A sentence for people.
    public var message: String
    /// When `status` last changed.
    public var lastTransitionTime: Timestamp
    /// The `metadata.generation` that the writer had seen.
    public var observedGeneration: Int64?

    /// One made by hand; what is not given is left out.
    public init(
        type: String, status: ConditionStatus, reason: String, message: String, lastTransitionTime: Timestamp,
        observedGeneration: Int64?
    ) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
        self.lastTransitionTime = lastTransitionTime
        self.observedGeneration = observedGeneration
    }
}

/// The three answers a condition can give.
public enum ConditionStatus: String, Codable, Sendable {
    case yes = "True"
    case no = "False"
    case unknown = "Unknown"
}

extension [Condition] {
    /// The condition of that type, if it is there.
    public subscript(type: String) -> Condition? { first { $0.type == type } }

    /// Puts `condition` in its place, keeping `lastTransitionTime` while `status` stays what it was.
    public mutating func set(_ condition: Condition) {
        guard let index = firstIndex(where: { $0.type == condition.type }) else {
            append(condition)
            return
        }
        var updated = condition
        if self[index].status == condition.status { updated.lastTransitionTime = self[index].lastTransitionTime }
        self[index] = updated
    }
}
