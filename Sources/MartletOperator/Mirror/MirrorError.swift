/// Why a row could not be written or read. Nothing in it comes from the other server, and no key is in it.
enum MirrorError: Error, Sendable, Hashable {
    /// `url` is not the base address of a project.
    case invalidURL
    /// The policy for hosts that tenants name let no address through; its words.
    case hostRefused(String)
    /// No connection, or no answer in time. The write may have taken effect.
    case unreachable
    case tlsFailed
    /// 401: the project does not know the key.
    case keyRefused
    /// 403, or a refusal by PostgreSQL itself: the key's role lacks a privilege, or row level security keeps it out.
    case keyForbidden
    case tableMissing(table: String)
    /// The table is there and has another shape.
    case tableUnfit(TableMisfit)
    /// A constraint or trigger of the table refuses this row.
    case rowRefused
    case rateLimited(retryAfter: Duration?)
    /// 5xx. The write may have taken effect.
    case serverFailed
    /// An answer that PostgREST does not give: a redirect, a page of something else.
    case notPostgREST
    /// This process does not lead. No failure of the row's.
    case withheld
    case cancelled
}

/// What is wrong with a table.
enum TableMisfit: Sendable, Hashable {
    case columnMissing, notUnique, columnRequired, wrongType, other
}

extension MirrorError {
    /// Whether it may pass without anybody changing anything.
    var mayPassSoon: Bool {
        switch self {
        case .unreachable, .rateLimited, .serverFailed, .withheld, .cancelled: true
        case .invalidURL, .hostRefused, .tlsFailed, .keyRefused, .keyForbidden, .tableMissing, .tableUnfit, .rowRefused,
            .notPostgREST:
            false
        }
    }

    /// Whether the write may yet take effect, even after a later one.
    var leavesOutcomeOpen: Bool {
        switch self {
        case .unreachable, .serverFailed, .cancelled: true
        case .invalidURL, .hostRefused, .tlsFailed, .keyRefused, .keyForbidden, .tableMissing, .tableUnfit, .rowRefused,
            .rateLimited, .notPostgREST, .withheld:
            false
        }
    }

    /// Of the condition `Mirrored`.
    var reason: String {
        switch self {
        case .invalidURL: "InvalidURL"
        case .hostRefused: "HostRefused"
        case .unreachable: "Unreachable"
        case .tlsFailed: "TLSFailed"
        case .keyRefused: "KeyRefused"
        case .keyForbidden: "KeyForbidden"
        case .tableMissing: "TableMissing"
        case .tableUnfit: "TableUnfit"
        case .rowRefused: "RowRefused"
        case .rateLimited: "RateLimited"
        case .serverFailed: "ServerError"
        case .notPostgREST: "NotPostgREST"
        // Never told: they say nothing of the row.
        case .withheld, .cancelled: "NotMirroredYet"
        }
    }

    /// Of the condition `Mirrored`: what it means and what to do.
    var message: String {
        switch self {
        case .invalidURL:
            "spec.mirror.supabase.url is no base address; it has the form https://project.supabase.co, without query."
        case .hostRefused(let why): "spec.mirror.supabase.url is refused: \(why)."
        case .unreachable:
            "The project does not answer; the row is written as soon as it does. Is it paused, or is egress closed?"
        case .tlsFailed: "The project's certificate is not trusted, or no TLS is spoken there; correct the URL."
        case .keyRefused:
            "The project refuses the key (401); put its secret (service role) key into the Secret. It is read again by itself."
        case .keyForbidden:
            "The key's role may not write the table: use the secret (service role) key, or grant its role SELECT, INSERT "
                + "and UPDATE and a row level security policy."
        case .tableMissing(let table):
            "The project has no table \(table) that its API shows; run the statement of docs/supabase-mirror.md: "
                + "CREATE TABLE public.\(table) (service_name text PRIMARY KEY, endpoint_id text, is_active boolean "
                + "NOT NULL, updated_at timestamptz NOT NULL)."
        case .tableUnfit(let misfit): "The table has another shape: \(misfit.message) See docs/supabase-mirror.md."
        case .rowRefused: "A constraint or trigger of the table refuses the row; the project's log names it."
        case .rateLimited: "The project limits the rate of requests (429); the row is written later."
        case .serverFailed: "The project's server failed (5xx); the row is written again until it is taken."
        case .notPostgREST:
            "What answers is not PostgREST: spec.mirror.supabase.url must be the project's base address, and redirects "
                + "are not followed."
        case .withheld, .cancelled: "The row has not been written yet."
        }
    }
}

extension TableMisfit {
    fileprivate var message: String {
        switch self {
        case .columnMissing: "it lacks one of the columns service_name, endpoint_id, is_active, updated_at."
        case .notUnique: "service_name must be its primary key, or unique."
        case .columnRequired: "endpoint_id must take NULL, and no further column may be NOT NULL without a default."
        case .wrongType: "the columns must be text, text, boolean and timestamptz."
        case .other: "PostgreSQL refuses the statement."
        }
    }
}
