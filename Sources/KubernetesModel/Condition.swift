/// One `metav1.Condition`: a fact about an object that people and tools can wait for.
public struct Condition: Codable, Sendable, Equatable {
    public var type: String
    public var status: ConditionStatus
    public var reason: String
    public var message: String
    public var lastTransitionTime: Timestamp
    public var observedGeneration: Int64?

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
