import FoundationEssentials
import Testing
import YAML

/// The part of a structural schema that the tests look at.
final class Schema: Decodable, Sendable {
    let type: String
    let description: String?
    let properties: [String: Schema]?
    let required: [String]?
    let items: Schema?
    let minimum: Int?
    let maximum: Int?
    let maxLength: Int?
    let maxItems: Int?
    let choices: [String]?
    let listType: String?

    enum CodingKeys: String, CodingKey {
        case type, description, properties, required, items, minimum, maximum, maxLength, maxItems
        case choices = "enum"
        case listType = "x-kubernetes-list-type"
    }

    subscript(path: String) -> Schema? {
        path.split(separator: ".").reduce(self) { schema, name in schema?.properties?[String(name)] }
    }
}

struct Definition: Decodable {
    struct Spec: Decodable {
        struct Names: Decodable {
            var kind: String
            var plural: String
            var shortNames: [String]
            var categories: [String]
        }
        struct Version: Decodable {
            struct Wrapper: Decodable { var openAPIV3Schema: Schema }
            struct Column: Decodable {
                var name: String
                var jsonPath: String
            }
            var name: String
            var schema: Wrapper
            var additionalPrinterColumns: [Column]
        }
        var group: String
        var names: Names
        var versions: [Version]
    }
    var spec: Spec
}

/// A file of crds/ with what the tests of every kind ask of it.
struct CRDFile {
    let definition: Definition
    let root: Schema

    init(_ name: String) throws {
        // Tests/MartletAPITests/CRDFile.swift is three levels below the root of the package.
        let folder = String(#filePath.split(separator: "/").dropLast(3).joined(separator: "/"))
        let bytes = try Data(contentsOf: URL(filePath: "/\(folder)/crds/\(name).yaml"))
        definition = try YAMLDecoder().decode(Definition.self, from: Array(bytes))
        root = try #require(definition.spec.versions.first).schema.openAPIV3Schema
    }

    /// Every field has a description, every leaf bounds, every list a length and a type.
    func expectBounds() {
        func walk(_ schema: Schema, at path: String) {
            #expect(schema.description?.isEmpty == false, "\(path) has no description")
            switch schema.type {
            case "object":
                for (name, property) in schema.properties ?? [:] where path != "" || name == "spec" || name == "status"
                {
                    walk(property, at: "\(path).\(name)")
                }
            case "array":
                #expect(schema.maxItems != nil, "\(path) has no maxItems")
                #expect(schema.listType != nil, "\(path) has no list type")
                if let items = schema.items { walk(items, at: "\(path)[]") }
            case "string": #expect(schema.maxLength != nil || schema.choices != nil, "\(path) has no maxLength")
            case "integer": #expect(schema.minimum != nil && schema.maximum != nil, "\(path) has no bounds")
            case "boolean": break
            default: Issue.record("\(path) is a \(schema.type)")
            }
        }
        walk(root, at: "")
    }

    /// Every field of the type is in the schema, and every field of the schema in the type.
    func compare(_ path: String, _ value: Any) throws {
        var schema = try #require(root[path], "\(path) is not in the schema")
        if let items = schema.items { schema = items }
        // No type renames a field, so its properties bear the names that it reads and writes.
        let names = Mirror(reflecting: value).children.compactMap(\.label)
        #expect(schema.properties?.keys.sorted() == names.sorted(), "\(path)")
    }

    func bound(_ path: String) throws -> ClosedRange<Int> {
        let schema = try #require(root[path])
        return try #require(schema.minimum)...(try #require(schema.maximum))
    }
}
