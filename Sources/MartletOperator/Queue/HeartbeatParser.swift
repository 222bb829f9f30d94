import FoundationEssentials

/// Reads the events that Celery's workers publish: a JSON envelope around a body that is JSON in base64.
///
/// Whoever may PUBLISH can send anything: sizes are bounded, absurd figures are no heartbeat, nothing crashes.
enum HeartbeatParser {
    /// A heartbeat has about 900 bytes.
    static let maximumBytes = 8 << 10
    private static let maximumNameBytes = 300
    private static let maximumTasks = 1_000_000_000_000
    /// Nobody sends heartbeats an hour apart; a larger figure would make silence look fine for as long.
    private static let maximumFrequency = 3600.0
    private static let standardFrequency = 2.0

    /// nil: no event of a worker.
    static func parse(_ payload: [UInt8]) -> Heartbeat? {
        guard payload.count <= maximumBytes else { return nil }
        let decoder = JSONDecoder()
        guard let envelope = try? decoder.decode(Envelope.self, from: Data(payload)) else { return nil }
        let isPlain = envelope.properties?.body_encoding.map { $0 != "base64" } ?? false
        guard let content = isPlain ? Data(envelope.body.utf8) : Data(base64Encoded: envelope.body),
            let body = try? decoder.decode(Body.self, from: content)
        else { return nil }
        let frequency = body.freq ?? standardFrequency
        guard (1...maximumNameBytes).contains(body.hostname.utf8.count),
            body.hostname.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }),
            (0...maximumTasks).contains(body.active ?? 0), (0...maximumTasks).contains(body.processed ?? 0),
            frequency > 0, frequency <= maximumFrequency
        else { return nil }
        return Heartbeat(
            hostname: body.hostname, active: body.active ?? 0, processed: body.processed ?? 0, frequency: frequency)
    }

    private struct Envelope: Decodable {
        struct Properties: Decodable {
            let body_encoding: String?
        }

        let body: String
        let properties: Properties?
    }

    private struct Body: Decodable {
        let hostname: String
        let active: Int?
        let processed: Int?
        let freq: Double?
    }
}
