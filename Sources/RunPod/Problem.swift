/// What RunPod said about a refusal, made fit to be shown: of bounded length, without control characters, and with the
/// key and the environment's values of that request masked.
package struct Problem: Sendable, Hashable {
    /// The HTTP status.
    package var status: Int
    package var title: String?
    /// In prose; no code tells its kinds apart.
    package var detail: String?
    /// What is wrong with the body (422), field by field.
    package var errors: [String]

    /// A problem by its parts, as tests and simulations make it.
    package init(status: Int, title: String? = nil, detail: String? = nil, errors: [String] = []) {
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = errors
    }
}

extension Problem {
    /// Whether the status says that nothing was done. 408 does not: the call was cut somewhere on its way.
    var isRefusal: Bool { (400..<500).contains(status) && status != 408 }
}

extension Problem: CustomStringConvertible {
    /// `422: Request validation failed. ($: …)`.
    package var description: String {
        var text = "\(status)"
        if let words = detail ?? title { text += ": \(words)" }
        if !errors.isEmpty { text += " (\(errors.joined(separator: "; ")))" }
        return text
    }
}
