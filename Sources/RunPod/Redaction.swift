/// Makes foreign text fit to be shown: secrets masked, no control characters, of bounded length.
///
/// Masked is every run of characters that a secret holds too, so that a secret that the other side has cut, quoted or
/// wrapped does not show either. Upper and lower case count as equal.
struct Redaction: Sendable {
    /// Shorter pieces of a key tell nothing of it.
    private static let keyRun = 6
    /// Values of the environment are words as well as secrets: shorter runs would mask ordinary text.
    private static let valueRun = 12
    /// A shorter value is no secret, and masking every `1` would leave nothing to read.
    private static let shortestValue = 4
    /// Characters of a text that are shown.
    private static let longest = 500
    /// Texts of a list that are shown.
    private static let mostErrors = 10

    private var runs: [Int: Set<[Unicode.Scalar]>] = [:]

    init(key: RunPodKey, values: [String] = []) {
        add(key.secret, run: Self.keyRun)
        for value in values {
            let plain = Self.withoutControls(value)
            if plain.count >= Self.shortestValue { add(plain, run: Self.valueRun) }
        }
    }

    private mutating func add(_ secret: some Sequence<Character>, run: Int) {
        let scalars = Self.folded(String(secret))
        let length = min(run, scalars.count)
        guard length > 0 else { return }
        for start in 0...(scalars.count - length) {
            runs[length, default: []].insert(Array(scalars[start..<start + length]))
        }
    }

    func shown(_ text: String) -> String {
        // A body may be megabytes; what can be shown lies in its beginning, and masking is never done on a cut.
        let plain = Array(Self.withoutControls(text.unicodeScalars.prefix(8 * Self.longest)))
        let folded = plain.map(Self.fold)
        var isMasked = [Bool](repeating: false, count: plain.count)
        for (length, set) in runs where plain.count >= length {
            for start in 0...(plain.count - length) where set.contains(Array(folded[start..<start + length])) {
                for index in start..<start + length { isMasked[index] = true }
            }
        }
        var shown = String.UnicodeScalarView()
        for (index, scalar) in plain.prefix(Self.longest).enumerated() {
            if !isMasked[index] {
                shown.append(scalar)
            } else if index == 0 || !isMasked[index - 1] {
                shown += "***".unicodeScalars
            }
        }
        return String(shown) + (plain.count > Self.longest ? "…" : "")
    }

    func shown(_ texts: [String]) -> [String] { texts.prefix(Self.mostErrors).map { shown($0) } }

    private static func withoutControls(_ text: some Sequence<Unicode.Scalar>) -> [Unicode.Scalar] {
        text.filter { scalar in
            switch scalar.properties.generalCategory {
            // Also what changes the direction of text or takes no room: it would hide or split a secret.
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
            default: true
            }
        }
    }

    private static func withoutControls(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: withoutControls(text.unicodeScalars))
        return String(view)
    }

    private static func folded(_ text: String) -> [Unicode.Scalar] { text.unicodeScalars.map(fold) }
    private static func fold(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        ("A"..."Z").contains(scalar) ? Unicode.Scalar(scalar.value + 32) ?? scalar : scalar
    }
}
