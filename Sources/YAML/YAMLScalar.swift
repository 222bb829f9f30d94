/// A scalar as written, to be resolved by the core schema (YAML 1.2.2, 10.3.2).
struct YAMLScalar {
    var text: String
    /// Neither quoted nor a block: only such text may be something other than a string.
    var isPlain: Bool
    var tag: String?

    /// nil: the tag does not fit the text, or JSON has no type for it.
    func resolved() -> YAMLValue? {
        switch tag {
        case nil: return isPlain ? Self.plain(text) : .string(text)
        case "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:binary", "tag:yaml.org,2002:timestamp":
            return .string(text)
        case "tag:yaml.org,2002:null":
            guard case .null = Self.plain(text) else { return nil }
            return .null
        case "tag:yaml.org,2002:bool":
            guard case .bool(let value) = Self.plain(text) else { return nil }
            return .bool(value)
        case "tag:yaml.org,2002:int":
            guard case .int(let value) = Self.plain(text) else { return nil }
            return .int(value)
        case "tag:yaml.org,2002:float":
            switch Self.plain(text) {
            case .double(let value): return .double(value)
            case .int(let value): return .double(Double(value))
            case .null, .bool, .string, .array, .object: return nil
            }
        default: return nil
        }
    }

    private static func plain(_ text: String) -> YAMLValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".nan", ".NaN", ".NAN": return .double(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .double(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .double(-.infinity)
        default: return number(text) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> YAMLValue? {
        if text.hasPrefix("0x") { return integer(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return integer(text.dropFirst(2), radix: 8) }
        guard isDecimal(text) else { return nil }
        // `Int64` and `Double` accept more than the schema does, hence the check before.
        if let value = Int64(text) { return .int(value) }
        return Double(text).map { .double($0) }
    }

    private static func integer(_ digits: Substring, radix: Int) -> YAMLValue? {
        guard let first = digits.first, first != "-", first != "+" else { return nil }
        return Int64(digits, radix: radix).map { .int($0) }
    }

    /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
    private static func isDecimal(_ text: String) -> Bool {
        var rest = Substring(text).utf8
        func digits() -> Int {
            let before = rest.count
            rest = rest.drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            return before - rest.count
        }
        func take(_ bytes: String) -> Bool {
            guard let first = rest.first, bytes.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        _ = take("+-")
        let whole = digits()
        let fraction = take(".") ? digits() : 0
        guard whole + fraction > 0 else { return false }
        if take("eE") {
            _ = take("+-")
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
