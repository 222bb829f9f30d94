/// A `metav1.LabelSelector`: which labels an object must have. An empty selector selects everything.
public struct LabelSelector: Codable, Sendable, Equatable, CustomStringConvertible {
    /// Labels with exactly these values.
    public var matchLabels: [String: String]?
    /// Further conditions, all of which must hold.
    public var matchExpressions: [LabelRequirement]?

    /// One made by hand; what is not given is left out.
    public init(matchLabels: [String: String]? = nil, matchExpressions: [LabelRequirement]? = nil) {
        self.matchLabels = matchLabels
        self.matchExpressions = matchExpressions
    }

    /// Whether it asks for nothing at all.
    public var isEmpty: Bool { (matchLabels ?? [:]).isEmpty && (matchExpressions ?? []).isEmpty }

    /// Whether every requirement holds for `labels`.
    public func matches(_ labels: [String: String]?) -> Bool {
        let labels = labels ?? [:]
        return (matchLabels ?? [:]).allSatisfy { labels[$0.key] == $0.value }
            && (matchExpressions ?? []).allSatisfy { $0.matches(labels) }
    }

    /// The `labelSelector` query that means the same, in a stable order: `app=a,tier in (x,y),!gone`.
    public var description: String {
        let equalities = (matchLabels ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return (equalities + (matchExpressions ?? []).map(\.description)).joined(separator: ",")
    }
}

/// One entry of `matchExpressions`.
public struct LabelRequirement: Codable, Sendable, Equatable, CustomStringConvertible {
    /// How a requirement compares.
    public enum Operator: String, Codable, Sendable {
        case isIn = "In"
        case isNotIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"
    }

    /// The label that is looked at.
    public var key: String
    /// How it is compared.
    public var `operator`: Operator
    /// What with; nil for `Exists` and `DoesNotExist`.
    public var values: [String]?

    /// One made by hand; what is not given is left out.
    public init(key: String, operator: Operator, values: [String]? = nil) {
        self.key = key
        self.operator = `operator`
        self.values = values
    }

    /// `NotIn` also holds for an object without the key, as in the API server.
    public func matches(_ labels: [String: String]) -> Bool {
        let value = labels[key]
        return switch `operator` {
        case .isIn: value.map { (values ?? []).contains($0) } ?? false
        case .isNotIn: value.map { !(values ?? []).contains($0) } ?? true
        case .exists: value != nil
        case .doesNotExist: value == nil
        }
    }

    /// The requirement in the query's syntax.
    public var description: String {
        let list = (values ?? []).joined(separator: ",")
        return switch `operator` {
        case .isIn: "\(key) in (\(list))"
        case .isNotIn: "\(key) notin (\(list))"
        case .exists: key
        case .doesNotExist: "!\(key)"
        }
    }
}
