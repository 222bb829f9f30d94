internal import HTTPTransport

/// One call before it has a key: what `CallCore` turns into HTTP.
struct Call: Sendable {
    /// Bytes of an answer that is one object. A worker's answer to a job is the exception: `largestJob`.
    static let largestObject = 4 << 20
    /// Bytes of a list.
    static let largestList = 16 << 20
    /// Bytes of a job: RunPod takes outputs of 20 MB, and JSON may escape some of it.
    static let largestJob = 32 << 20
    /// From the start of a call to its answer's head, where nothing is waited for.
    static let patience = Duration.seconds(30)

    var operation: RunPodOperation
    var method: HTTPMethod
    var url: String
    var body: [UInt8]?
    /// Values of the environment in the body, which no error may repeat.
    var secrets: [String] = []
    var largestAnswer = Call.largestObject
    /// From the start of the call to its answer's head.
    var patience = Call.patience
    var priority: CallPriority
    /// How long each attempt waits for its turn at most; nil: as long as it takes.
    var turnWithin: Duration?

    init(_ operation: RunPodOperation, _ method: HTTPMethod, _ url: String, _ priority: CallPriority) {
        self.operation = operation
        self.method = method
        self.url = url
        self.priority = priority
    }
}

/// What came back with a status of success.
struct Answer: Sendable {
    var headers: HTTPHeaders
    var body: [UInt8]
}

/// What became of one HTTP exchange, for metrics.
package struct RunPodReport: Sendable {
    /// What was asked; `name` is the label.
    package var operation: RunPodOperation
    /// The HTTP status; nil if no answer came.
    package var status: Int?
    /// From sending to the answer's head; waiting for a turn is not in it.
    package var duration: Duration
}

/// Query parameters, percent-encoded (RFC 3986 section 2).
enum Query {
    static func text(_ parameters: [(String, String)]) -> String {
        parameters.isEmpty ? "" : "?" + parameters.map { "\($0.0)=\(encode($0.1))" }.joined(separator: "&")
    }

    private static func encode(_ text: String) -> String {
        text.utf8.reduce(into: "") { encoded, byte in
            let scalar = Unicode.Scalar(byte)
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~": encoded.unicodeScalars.append(scalar)
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }
}
