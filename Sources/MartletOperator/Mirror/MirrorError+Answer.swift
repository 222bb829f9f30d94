internal import FoundationEssentials
internal import HTTPTransport

extension MirrorError {
    /// What a failed transfer means; nil for none.
    init(_ error: HTTPError) {
        switch error {
        case .invalidURL, .invalidRequest: self = .invalidURL
        case .peerRefused(let why): self = .hostRefused(why)
        case .connectFailed, .timedOut, .connectionLost, .shutDown: self = .unreachable
        case .tlsFailed: self = .tlsFailed
        case .bodyTooLarge: self = .notPostgREST
        case .withheld: self = .withheld
        case .cancelled: self = .cancelled
        }
    }

    /// What an answer means that is no success.
    init(status: Int, headers: HTTPHeaders, body: [UInt8], table: String) {
        // PostgREST's own code says more than the status, which proxies give too.
        if let error = MirrorError(code: Self.code(in: body), status: status, table: table) {
            self = error
            return
        }
        switch status {
        case 401: self = .keyRefused
        case 403: self = .keyForbidden
        case 409: self = .rowRefused
        case 429: self = .rateLimited(retryAfter: Self.retryAfter(headers))
        case 408, 500...: self = .serverFailed
        default: self = .notPostgREST
        }
    }

    /// Nil for a code that says no more than the status. Codes: postgrest.org, "Errors"; PostgreSQL, appendix A.
    private init?(code: String?, status: Int, table: String) {
        switch code {
        case "PGRST205", "42P01": self = .tableMissing(table: table)
        case "PGRST204", "42703": self = .tableUnfit(.columnMissing)
        case "42P10": self = .tableUnfit(.notUnique)
        case "23502": self = .tableUnfit(.columnRequired)
        case "42804": self = .tableUnfit(.wrongType)
        case "42501": self = .keyForbidden
        // The schema cache is being loaded after a start.
        case "PGRST000", "PGRST001", "PGRST002", "PGRST003": self = .serverFailed
        case let code? where code.hasPrefix("PGRST3"): self = .keyRefused
        case let code? where code.hasPrefix("22"): self = .tableUnfit(.wrongType)
        case let code? where code.hasPrefix("23") || code == "P0001": self = .rowRefused
        case .some where status == 400: self = .tableUnfit(.other)
        default: return nil
        }
    }

    private struct Problem: Decodable { var code: String? }

    /// The code alone, compared and never shown.
    private static func code(in body: [UInt8]) -> String? {
        (try? JSONDecoder().decode(Problem.self, from: Data(body)))?.code
    }

    /// Whole seconds only: a date would need the other server's clock.
    private static func retryAfter(_ headers: HTTPHeaders) -> Duration? {
        headers["Retry-After"].flatMap { Int($0) }.flatMap { $0 >= 0 ? .seconds($0) : nil }
    }
}
