internal import FoundationEssentials
internal import KubernetesModel

extension Problem {
    /// Reads what came with an error status: a problem document, or the job plane's `{"error": …}`. Whatever else it is
    /// (a proxy's page, nothing) is not shown.
    init(status: Int, body: [UInt8], redaction: Redaction) {
        self.init(status: status)
        guard case .object(let members) = try? JSONDecoder().decode(JSONValue.self, from: Data(body)) else { return }
        title = members["title"]?.string.map { redaction.shown($0) }
        detail = Self.words(members).map { redaction.shown($0) }
        errors = redaction.shown(members["errors"]?.array?.compactMap(\.string) ?? [])
    }

    private static func words(_ members: [String: JSONValue]) -> String? {
        members["detail"]?.string ?? members["error"]?.string ?? members["error"]?["message"]?.string
            ?? members["message"]?.string
    }

    /// The vendor's only sign of a full quota, a sentence.
    private static let quotaSentence = "worker concurrency cannot go beyond the maximum limit"
    /// The vendor's only sign of missing capacity, a sentence.
    private static let capacitySentence = "no longer any instances available"

    private func says(_ sentence: String) -> Bool {
        ([title, detail].compactMap { $0 } + errors).contains { $0.lowercased().contains(sentence) }
    }

    /// What the status, and in two cases the words, mean.
    func cause(_ headers: RateHeaders) -> RunPodError.Cause {
        if (400..<500).contains(status), status != 429 {
            if says(Self.quotaSentence) { return .quotaExceeded(self) }
            if says(Self.capacitySentence) { return .noCapacity(self) }
        }
        return switch status {
        case 400: .badRequest(self)
        case 401: .unauthorized(self)
        case 402: .paymentRequired(self)
        case 403: .forbidden(self)
        case 404: .notFound(self)
        case 410: .gone(self)
        case 422: .invalid(self)
        case 429: .rateLimited(retryAfter: headers.retryAfter ?? RateBudget.defaultRetryAfter)
        case 500...599: .server(self)
        default: .unexpected(self)
        }
    }
}
