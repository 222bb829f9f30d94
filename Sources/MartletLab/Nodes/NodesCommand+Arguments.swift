public import ArgumentParser
public import KubernetesModel

extension Quantity: ExpressibleByArgument {
    /// Reads `64`, `256Gi`, `500m`.
    public init?(argument: String) { self.init(argument) }
}

/// `KEY=VALUE`; the value may be empty.
struct KeyValue: ExpressibleByArgument {
    var key: String
    var value: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        key = String(parts[0])
        value = String(parts[1])
    }
}

/// `KEY=VALUE:EFFECT` or `KEY:EFFECT`, as kubectl writes it.
struct TaintArgument: ExpressibleByArgument {
    var taint: Taint

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":") else { return nil }
        let effect = String(argument[colon...].dropFirst())
        guard ["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(effect), colon > argument.startIndex else {
            return nil
        }
        let rest = String(argument[..<colon])
        if let pair = KeyValue(argument: rest) {
            taint = Taint(key: pair.key, value: pair.value, effect: effect)
        } else {
            taint = Taint(key: rest, effect: effect)
        }
    }
}
