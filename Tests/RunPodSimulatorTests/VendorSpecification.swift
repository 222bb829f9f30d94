import Foundation
import RunPodSimulator

/// The vendor's OpenAPI document of the control plane, which is not part of this repository.
struct VendorSpecification: Sendable {
    /// From `MARTLET_RUNPOD_SPEC`, else from `shared/reference` beside the repository; nil where neither is.
    static let found: VendorSpecification? = {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let beside = root.appendingPathComponent("../shared/reference/runpod-openapi-v2.json").path
        let path = ProcessInfo.processInfo.environment["MARTLET_RUNPOD_SPEC"] ?? beside
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return WireJSON(parsing: Array(data)).map(VendorSpecification.init(document:))
    }()

    let document: WireJSON

    /// The schema of a response's body: `GET /v2/serverless/{id}`, 200. Nil if the document does not declare the response.
    func schema(_ method: String, _ path: String, _ status: Int) -> WireJSON? {
        let responses = document["paths"]?[path]?[method.lowercased()]?["responses"]
        guard let response = responses?["\(status)"] ?? (status >= 400 ? responses?["default"] : nil) else {
            return nil
        }
        let content = resolved(response)["content"]
        let media = content?["application/json"] ?? content?["application/problem+json"]
        return media?["schema"] ?? [:]
    }

    /// The names of all members that a schema knows, through `allOf`.
    func propertyNames(of schema: WireJSON) -> Set<String> {
        let schema = resolved(schema)
        var names = Set(schema["properties"]?.members?.keys.map { $0 } ?? [])
        for part in schema["allOf"]?.array ?? [] { names.formUnion(propertyNames(of: part)) }
        return names
    }

    func component(_ name: String) -> WireJSON { document["components"]?["schemas"]?[name] ?? .null }

    /// What is wrong with `value`, empty if nothing is. Knows the part of JSON Schema that the document's responses use.
    func problems(of value: WireJSON, against schema: WireJSON, at path: String = "$") -> [String] {
        let schema = resolved(schema)
        var problems: [String] = []
        if let types = schema["type"]?.strings ?? schema["type"]?.string.map({ [$0] }),
            !types.contains(where: value.isOf)
        {
            problems.append("\(path): \(value.text) is not of type \(types)")
        }
        if let words = schema["enum"]?.array, !words.contains(value) {
            problems.append("\(path): \(value.text) not in enum")
        }
        if let least = schema["minimum"]?.number, let number = value.number, number < least {
            problems.append("\(path): \(number) < \(least)")
        }
        if let most = schema["maximum"]?.number, let number = value.number, number > most {
            problems.append("\(path): \(number) > \(most)")
        }
        if let least = schema["minItems"]?.integer, let elements = value.array, elements.count < least {
            problems.append("\(path): fewer than \(least) items")
        }
        if let pattern = schema["pattern"]?.string, let text = value.string, let regex = try? Regex(pattern),
            text.firstMatch(of: regex) == nil
        {
            problems.append("\(path): \(text) does not match \(pattern)")
        }
        if schema["format"] == "date-time", let text = value.string, SimulatedInstant(rfc3339: text) == nil {
            problems.append("\(path): \(text) is no date-time")
        }
        if let items = schema["items"], let elements = value.array {
            for (index, element) in elements.enumerated() {
                problems += self.problems(of: element, against: items, at: "\(path)[\(index)]")
            }
        }
        for part in schema["allOf"]?.array ?? [] { problems += self.problems(of: value, against: part, at: path) }
        for (name, exact) in [("anyOf", false), ("oneOf", true)] {
            guard let parts = schema[name]?.array else { continue }
            let matching = parts.count { self.problems(of: value, against: $0, at: path).isEmpty }
            if matching == 0 || (exact && matching > 1) {
                problems.append("\(path): \(matching) parts of \(name) match")
            }
        }
        return problems + memberProblems(of: value, against: schema, at: path)
    }

    private func memberProblems(of value: WireJSON, against schema: WireJSON, at path: String) -> [String] {
        guard let members = value.members else { return [] }
        let properties = schema["properties"]?.members ?? [:]
        var problems = (schema["required"]?.strings ?? []).filter { members[$0] == nil }.map {
            "\(path): \($0) is missing"
        }
        for (name, member) in members {
            if let property = properties[name] {
                problems += self.problems(of: member, against: property, at: "\(path).\(name)")
            } else if schema["additionalProperties"] == false {
                problems.append("\(path): \(name) is not allowed")
            } else if let rest = schema["additionalProperties"], rest.members != nil {
                problems += self.problems(of: member, against: rest, at: "\(path).\(name)")
            }
        }
        return problems
    }

    /// Follows `$ref`.
    private func resolved(_ schema: WireJSON) -> WireJSON {
        guard let reference = schema["$ref"]?.string else { return schema }
        return resolved(
            reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .null })
    }
}

extension WireJSON {
    fileprivate func isOf(_ type: String) -> Bool {
        switch type {
        case "null": self == .null
        case "boolean": bool != nil
        case "integer": integer != nil
        case "number": number != nil
        case "string": string != nil
        case "array": array != nil
        case "object": members != nil
        default: false
        }
    }
}
