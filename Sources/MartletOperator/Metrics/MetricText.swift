/// The spelling rules of the Prometheus text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
enum MetricText {
    /// A metric's name: what Prometheus does not allow becomes `_`.
    static func name(_ text: String) -> String { identifier(text, allowingColon: true) }

    /// Labels between the braces, sorted, so that the same dimensions in another order are the same series. Of a name
    /// given twice the first counts.
    static func labels(_ dimensions: [(String, String)]) -> String {
        var labels: [(name: String, value: String)] = []
        for (name, value) in dimensions {
            let name = identifier(name, allowingColon: false)
            if !labels.contains(where: { $0.name == name }) { labels.append((name, value)) }
        }
        labels.sort { $0.name < $1.name }
        return labels.map { "\($0.name)=\"\(escapedValue($0.value))\"" }.joined(separator: ",")
    }

    static func line(_ name: String, _ labels: String, _ value: Double, to text: inout String) {
        text += name
        if !labels.isEmpty {
            text += "{"
            text += labels
            text += "}"
        }
        text += " "
        text += number(value)
        text += "\n"
    }

    /// Whole numbers without a point, as far as a `Double` holds them exactly.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value.magnitude < 0x1p53 && value == value.rounded() ? String(Int64(value)) : String(value)
    }

    static func escapedHelp(_ text: String) -> String { escaped(text) { $0 == "\\" || $0 == "\n" } }

    private static func escapedValue(_ text: String) -> String {
        escaped(text) { $0 == "\\" || $0 == "\n" || $0 == "\"" }
    }

    private static func escaped(_ text: String, where needsEscape: (Unicode.Scalar) -> Bool) -> String {
        guard text.unicodeScalars.contains(where: needsEscape) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if needsEscape(scalar) { result.append("\\") }
            result.append(scalar == "\n" ? "n" : scalar)
        }
        return String(result)
    }

    private static func identifier(_ text: String, allowingColon: Bool) -> String {
        var result = String(
            text.map { character in
                let isAllowed =
                    character.isASCII && (character.isLetter || character.isNumber || character == "_")
                    || allowingColon && character == ":"
                return isAllowed ? character : "_"
            })
        if result.first.map(\.isNumber) ?? true { result = "_" + result }
        return result
    }
}
