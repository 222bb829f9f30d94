import FoundationEssentials
import KubernetesModel
import MartletAPI

@testable import YAML

extension FuzzTarget {
    static let yaml = FuzzTarget(
        "yaml",
        seeds: [
            "a: 1\nb: [x, 'y', \"z\\n\", ~, .nan, -.inf, 0x1f, 0o17, 1e3]\nc: {d: e}\n",
            "base: &b {a: 1}\nmore:\n  <<: *b\n  c: *b\n---\n- !!str 1\n- !!int 2\n- |\n  block\n- >\n  folded\n",
            "? a\n: b\n\"k\": [[[]], {}]\n...\n--- !!map {}\n", "\u{FEFF}a: \"\\u00e9\\x07\"\n# comment\n",
        ]
    ) { bytes in
        guard let documents = try? YAMLValue.documents(in: bytes) else { return }
        for document in documents {
            let json = document.json()
            let read = try? JSONDecoder().decode(JSONValue.self, from: Data(json))
            promise(
                read.map { isSame($0, document) } ?? false,
                "\(document) is written as \(String(decoding: json, as: UTF8.self))")
        }
    }

    /// Numbers by value: JSON tells integers and fractions apart by their digits only, and has no infinities.
    private static func isSame(_ json: JSONValue, _ yaml: YAMLValue) -> Bool {
        switch (json, yaml) {
        case (.null, .null): true
        case (.null, .double(let value)): !value.isFinite
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .int(let right)): left == right
        case (.integer(let left), .double(let right)): Double(left) == right
        case (.number(let left), .double(let right)): left == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { isSame($0, $1) }
        case (.object(let left), .object(let right)):
            left.count == right.count && left.allSatisfy { key, value in right[key].map { isSame(value, $0) } ?? false }
        default: false
        }
    }

    /// The types that are made of JSON: they decode or throw, and what was decoded is decoded again the same.
    static let json = FuzzTarget(
        "json",
        seeds: [
            "{\"matchLabels\": {\"a\": \"b\"}, \"matchExpressions\": [{\"key\": \"k\", \"operator\": \"In\", \"values\": [\"v\"]}]}",
            "{\"matchExpressions\": [{\"key\": \"k\", \"operator\": \"DoesNotExist\"}]}",
            "{\"metadata\": {\"name\": \"a\"}, \"spec\": {\"queue\": {\"redis\": {\"addresses\": [\"h:1\"]}, \"list\": {\"key\": \"k\"}}, "
                + "\"workers\": {\"targetRef\": {\"name\": \"w\"}, \"maxReplicas\": 3}}}",
            "[1, -2.5e3, \"x\\u0041\", null, true, {\"a\": []}, 9223372036854775807, 18446744073709551615]",
        ]
    ) { bytes in
        let data = Data(bytes)
        if let value = try? JSONDecoder().decode(JSONValue.self, from: data) {
            let again = try? JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
            promise(again == value, "\(value) becomes \(String(describing: again))")
        }
        if let selector = try? JSONDecoder().decode(LabelSelector.self, from: data) {
            _ = selector.description
            promise(!selector.isEmpty || selector.matches(nil), "an empty selector selects everything")
            _ = selector.matches(selector.matchLabels)
        }
        _ = try? JSONDecoder().decode(InferenceEndpoint.self, from: data)
    }

    static let quantity = FuzzTarget(
        "quantity",
        seeds: [
            "2", "500m", "16Gi", "1e3", "-1.5", "+.5n", "999999999999999999999999999", "1E", "0.0000000001", "1e-30",
        ]
    ) { bytes in
        guard let quantity = Quantity(String(decoding: bytes, as: UTF8.self)) else { return }
        promise(Quantity(quantity.description) == quantity, "\(quantity) is not what it prints")
        let (most, isBeyond) = quantity.units.multipliedReportingOverflow(by: 1000)
        promise(
            isBeyond || quantity.milli <= most,
            "\(quantity) has \(quantity.units) units and \(quantity.milli) thousandths")
        _ = quantity + quantity
    }

    static let time = FuzzTarget(
        "time",
        seeds: [
            "2026-11-20T21:00:00Z", "2026-11-20t21:00:00.123456789+09:00", "0000-01-01T00:00:00-23:59",
            "9999-12-31T23:59:60Z",
            "1969-12-31T23:59:59.999999Z", "2024-02-29T00:00:00z",
        ]
    ) { bytes in
        guard let time = Timestamp(String(decoding: bytes, as: UTF8.self)) else { return }
        let again = Timestamp(time.micro)
        promise(again?.micro == time.micro, "\(time.micro) is read as \(again?.micro ?? "nothing")")
        promise(Timestamp(time.description).map { $0 <= time } ?? false, "\(time.micro) is not after \(time)")
    }
}
