internal import FoundationEssentials
internal import HTTPTransport

/// JSON as RunPod reads and writes it.
enum WireFormat {
    // Both are safe to share: neither is changed after it was made.
    private static let decoder = JSONDecoder()
    private static let encoder = {
        let encoder = JSONEncoder()
        // Stable bytes: what is sent can be compared, in tests and by people.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    static func encode(_ value: some Encodable, for operation: RunPodOperation) throws(RunPodError) -> [UInt8] {
        do { return [UInt8](try encoder.encode(value)) } catch {
            // NaN, say. Nothing was sent.
            throw RunPodError(operation, .transport(.invalidRequest("the body can't be written as JSON")))
        }
    }

    /// The decoded answer; where it is none, tells what was expected and never what was there.
    static func read<T: Decodable>(_ answer: Answer) throws(RunPodError.Cause) -> T {
        if let type = answer.headers["Content-Type"], !type.lowercased().contains("json") {
            throw .malformedAnswer("JSON was expected, not another type of content (a proxy's page?)")
        }
        guard !answer.body.isEmpty else { throw .malformedAnswer("JSON was expected, not an empty body") }
        do { return try decoder.decode(T.self, from: Data(answer.body)) } catch {
            throw .malformedAnswer(describe(error))
        }
    }

    /// Without any word of the answer: its keys too may be foreign.
    private static func describe(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "\"\(key.stringValue)\" is missing"
        case DecodingError.typeMismatch, DecodingError.valueNotFound: "a field is not of the type that is declared"
        case DecodingError.dataCorrupted(let context):
            context.codingPath.isEmpty ? "not valid JSON" : "a field has an invalid value"
        default: "not readable"
        }
    }
}
