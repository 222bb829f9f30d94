/// What a closed request body may hold. The control plane refuses everything else with 422.
struct BodyShape: Sendable {
    /// What one member may be.
    indirect enum Member: Sendable {
        case text(nonEmpty: Bool)
        case textOrNull
        case integer(ClosedRange<Int>)
        case number(from: Double)
        case flag
        case word([String])
        /// `1.2`; empty too if it may clear.
        case version(mayBeEmpty: Bool)
        case textMap
        case list(Member, atLeast: Int, unique: Bool)
        case object(BodyShape)
        case scaling
        /// A card's id: must not begin with `-`, the token of the old API.
        case excludedType
    }

    var members: [String: Member]
    var required: [String] = []
    /// Members of the part of the schema that `required` stands in: reported as additional when one of those is missing,
    /// because the validator forgets what a failed branch of `allOf` has evaluated.
    var branch: Set<String> = []

    /// Everything that is wrong with `value`, in the validator's words; empty if nothing is.
    func problems(with value: WireJSON, at path: String = "$", reportsBranch: Bool) -> [String] {
        guard let found = value.members else { return ["\(path): got \(value.kind), want object"] }
        var problems: [String] = []
        let missing = required.filter { found[$0] == nil }
        if !missing.isEmpty {
            let noun = missing.count == 1 ? "property" : "properties"
            problems.append("\(path): missing \(noun) \(Self.quoted(missing))")
        }
        var additional = found.keys.filter { members[$0] == nil }
        if !missing.isEmpty, reportsBranch { additional += found.keys.filter(branch.contains) }
        if !additional.isEmpty {
            problems.append("\(path): additional properties \(Self.quoted(additional.sorted())) not allowed")
        }
        for (name, value) in found.sorted(by: { $0.key < $1.key }) {
            guard let member = members[name] else { continue }
            problems += member.problems(with: value, at: "\(path).\(name)")
        }
        return problems
    }

    private static func quoted(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }
}

extension BodyShape.Member {
    fileprivate func problems(with value: WireJSON, at path: String) -> [String] {
        func wants(_ kind: String) -> [String] { ["\(path): got \(value.kind), want \(kind)"] }
        switch self {
        case .text(let nonEmpty):
            guard let text = value.string else { return wants("string") }
            return nonEmpty && text.isEmpty ? ["\(path): minLength: got 0, want 1"] : []
        case .textOrNull: return value.string != nil || value == .null ? [] : wants("null or string")
        case .integer(let range):
            guard let integer = value.integer else { return wants("integer") }
            if integer < range.lowerBound { return ["\(path): minimum: got \(integer), want \(range.lowerBound)"] }
            return integer > range.upperBound ? ["\(path): maximum: got \(integer), want \(range.upperBound)"] : []
        case .number(let least):
            guard let number = value.number else { return wants("number") }
            return number < least ? ["\(path): minimum: got \(number), want \(least)"] : []
        case .flag: return value.bool == nil ? wants("boolean") : []
        case .word(let words):
            guard let text = value.string else { return wants("string") }
            return words.contains(text) ? [] : ["\(path): value must be one of '\(words.joined(separator: "', '"))'"]
        case .version(let mayBeEmpty):
            guard let text = value.string else { return wants("string") }
            return text.isVersion || (mayBeEmpty && text.isEmpty) ? [] : ["\(path): '\(text)' does not match pattern"]
        case .textMap: return value.stringMap == nil ? wants("object of strings") : []
        case .excludedType:
            guard let text = value.string else { return wants("string") }
            let first = text.first { $0 != " " }
            return first == nil || first == "-" ? ["\(path): '\(text)' does not match pattern"] : []
        case .list(let element, let least, let unique):
            guard let elements = value.array else { return wants("array") }
            if elements.count < least { return ["\(path): minItems: got \(elements.count), want \(least)"] }
            if unique, Set(elements).count < elements.count { return ["\(path): items are not unique"] }
            return elements.enumerated().flatMap { element.problems(with: $1, at: "\(path)[\($0)]") }
        case .object(let shape): return shape.problems(with: value, at: path, reportsBranch: false)
        case .scaling: return Self.scalingProblems(with: value, at: path)
        }
    }

    /// A `oneOf` with the discriminator `type`.
    private static func scalingProblems(with value: WireJSON, at path: String) -> [String] {
        let shapes = [
            "QUEUE_DELAY": BodyShape(
                members: ["type": .word(["QUEUE_DELAY"]), "queueDelay": .number(from: 0.5)],
                required: ["type", "queueDelay"]),
            "REQUEST_COUNT": BodyShape(
                members: ["type": .word(["REQUEST_COUNT"]), "requestCount": .integer(1...Int.max)],
                required: ["type", "requestCount"]),
        ]
        guard let shape = value["type"]?.string.flatMap({ shapes[$0] }) else {
            return ["\(path): 'oneOf' failed, none matched"]
        }
        return shape.problems(with: value, at: path, reportsBranch: false)
    }
}

extension WireJSON {
    /// The name of its type in the validator's messages.
    fileprivate var kind: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer, .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

extension String {
    /// Digits, a point, digits.
    fileprivate var isVersion: Bool {
        let parts = split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    }
}
