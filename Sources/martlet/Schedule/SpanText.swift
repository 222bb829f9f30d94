/// A span of time as people type it: `2h`, `90m`, `1h30m`, `3d`.
struct SpanText {
    private static let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]

    /// Above zero.
    let seconds: Int

    /// Nil for anything else than numbers with their units, for zero, and for more than a year.
    init?(_ text: String) {
        var total = 0
        var digits = ""
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            guard let unit = Self.units[character], let number = Int(digits), number <= 366 * 86_400 else { return nil }
            total += number * unit
            digits = ""
        }
        guard digits.isEmpty, (1...366 * 86_400).contains(total) else { return nil }
        seconds = total
    }
}
