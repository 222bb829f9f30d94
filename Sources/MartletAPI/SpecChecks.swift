/// Collects what is wrong while the spec is read, so that its author learns all of it at once.
struct SpecChecks {
    private(set) var problems: [SpecProblem] = []

    mutating func report(_ reason: SpecProblemReason, at field: String, _ message: String) {
        problems.append(SpecProblem(reason, at: field, message))
    }

    /// The value or its default, once it is found within the bounds; the lower bound if it is not.
    mutating func number(_ value: Int?, default fallback: Int, in range: ClosedRange<Int>, at field: String) -> Int {
        guard let value else { return fallback }
        guard range.contains(value) else {
            report(.outOfRange, at: field, "must be from \(range.lowerBound) to \(range.upperBound)")
            return range.lowerBound
        }
        return value
    }

    /// A DNS subdomain (RFC 1123).
    mutating func objectName(_ name: String, at field: String) {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let isName =
            (1...SpecLimits.nameLength).contains(name.utf8.count)
            && labels.allSatisfy { label in
                !label.isEmpty && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
            }
        if !isName {
            report(
                .invalidName, at: field,
                "must be the name of an object: at most 253 lower-case letters, digits, '-' and '.'")
        }
    }

    mutating func secretKey(_ key: String, at field: String) {
        let isKey =
            (1...SpecLimits.secretKeyLength).contains(key.utf8.count)
            && key.utf8.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
                    || [0x2d, 0x2e, 0x5f].contains(byte)
            }
        if !isKey {
            report(.invalidName, at: field, "must be a key of a Secret: at most 253 letters, digits, '-', '_' and '.'")
        }
    }

    /// What Sentinel itself lets through as the name of a master.
    mutating func masterName(_ name: String, at field: String) {
        let isName =
            (1...SpecLimits.nameLength).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
                    || [0x2d, 0x2e, 0x5f].contains(byte)
            }
        if !isName {
            report(
                .invalidName, at: field, "must be a master's name: at most 253 letters, digits, '-', '_' and '.'")
        }
    }

    /// What RunPod gives its objects: ids of endpoints, templates, volumes and data centers, names of pools.
    mutating func runPodID(_ id: String, at field: String) {
        let isID =
            (1...SpecLimits.runPodIDLength).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
                    || [0x2d, 0x5f].contains(byte)
            }
        if !isID {
            report(.invalidName, at: field, "must be an id of RunPod's: at most 64 letters, digits, '-' and '_'")
        }
    }

    mutating func redisKey(_ key: String, at field: String) {
        if !(1...SpecLimits.redisKeyLength).contains(key.utf8.count) {
            report(.invalidKey, at: field, "must be a Redis key of 1 to \(SpecLimits.redisKeyLength) bytes")
        }
    }

    mutating func count(_ count: Int, in range: ClosedRange<Int>, at field: String, of noun: String) {
        if !range.contains(count) {
            report(.outOfRange, at: field, "must have \(range.lowerBound) to \(range.upperBound) \(noun)")
        }
    }

    mutating func unique(_ items: [some Hashable], at field: String, _ reason: SpecProblemReason = .invalidKey) {
        if Set(items).count != items.count { report(reason, at: field, "must not name anything twice") }
    }

    mutating func notImplemented(at field: String, _ what: String) {
        report(.notImplemented, at: field, "\(what) is not supported by this version of Martlet; remove it")
    }
}
