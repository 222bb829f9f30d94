internal import FoundationEssentials
internal import HTTPTransport
internal import Kubernetes
internal import KubernetesModel
internal import MartletDecisions

/// Writes and reads rows of a Supabase project's table through its PostgREST interface.
///
/// A write is an upsert: sent twice it leaves the same row, so that one whose answer was lost may be sent again.
struct SupabaseMirror: Sendable {
    /// A person waits for nothing here, but a server that hangs must not hold the rows of others.
    private static let connectLimit = Duration.seconds(5)
    private static let answerLimit = Duration.seconds(10)
    /// Bytes. Rows and errors of PostgREST have some hundred.
    private static let bodyLimit = 64 << 10

    private let transport: any HTTPTransport
    private let permit: (any WritePermit)?

    /// `transport` is to be made by `transport(under:)`; with a `permit` nothing is written that it does not cover.
    init(_ transport: any HTTPTransport, permit: (any WritePermit)?) {
        self.transport = transport
        self.permit = permit
    }

    /// A transport that connects only where `policy` lets it. No proxy: it would choose the address itself.
    static func transport(under policy: HTTPTargetPolicy, userAgent: String) -> CurlTransport {
        CurlTransport(
            CurlTransport.Configuration(
                userAgent: userAgent,
                peerPolicy: PeerPolicy { peer in
                    guard let address = IPAddress(bytes: peer.address) else { return HostRefusal.unspecified.message }
                    return policy.refusal(
                        host: peer.host, port: peer.port, address: address, isEncrypted: peer.isEncrypted)
                }))
    }

    /// Makes the table say `row`, with `now` as its time. Throws `withheld` if the permit does not cover it.
    func publish(_ row: MirrorRow, at place: MirrorPlace, on now: Date) async throws(MirrorError) {
        permit?.began()
        defer { permit?.ended() }
        var limit = Self.answerLimit
        if let permit {
            guard let allowance = permit.allowance else { throw .withheld }
            limit = min(limit, allowance)
        }
        var request = try request(.post, place, "on_conflict=service_name", answeredWithin: limit)
        request.headers["Content-Type"] = "application/json"
        request.headers["Prefer"] = "resolution=merge-duplicates,return=minimal"
        request.body = try Self.body(row, at: now)
        if let permit { request.mayBegin = { permit.allowance != nil } }
        _ = try await answer(to: request, of: place)
    }

    /// The row as the table has it, nil if it has none.
    func row(at place: MirrorPlace) async throws(MirrorError) -> MirrorRow? {
        let name = place.address.serviceName.percentEncoded
        let query = "select=service_name,endpoint_id,is_active&service_name=eq.\(name)&limit=1"
        let body = try await answer(to: request(.get, place, query, answeredWithin: Self.answerLimit), of: place)
        guard let rows = try? JSONDecoder().decode([StoredRow].self, from: Data(body)) else { throw .notPostgREST }
        return rows.first.map { row in
            MirrorRow(serviceName: row.service_name, endpointID: row.endpoint_id, isActive: row.is_active ?? false)
        }
    }

    private func request(
        _ method: HTTPMethod, _ place: MirrorPlace, _ query: String, answeredWithin limit: Duration
    ) throws(MirrorError) -> HTTPRequest {
        guard !place.address.url.contains(where: { $0 == "?" || $0 == "#" }) else { throw .invalidURL }
        var base = place.address.url[...]
        while base.hasSuffix("/") { base = base.dropLast() }
        // Supabase's dashboard shows the address with and without it.
        if !base.hasSuffix("/rest/v1") { base += "/rest/v1" }
        return HTTPRequest(
            method, "\(base)/\(place.address.table.percentEncoded)?\(query)",
            headers: [
                // Supabase's gateway takes its newer keys in the second field only if they are in the first too.
                "apikey": place.key.text, "Authorization": "Bearer \(place.key.text)", "Accept": "application/json",
            ],
            timeouts: HTTPTimeouts(connect: Self.connectLimit, response: limit, idle: Self.connectLimit))
    }

    private func answer(to request: HTTPRequest, of place: MirrorPlace) async throws(MirrorError) -> [UInt8] {
        let response: HTTPResponse
        do { response = try await transport.send(request) } catch { throw MirrorError(error) }
        let body: [UInt8]
        do {
            body = try await response.body.collect(upTo: Self.bodyLimit)
        } catch {
            // The head has told enough of a failure; of a success the body may be needed.
            guard !(200..<300).contains(response.status) else {
                throw (error as? HTTPError).map { MirrorError($0) } ?? .unreachable
            }
            body = []
        }
        guard (200..<300).contains(response.status) else {
            throw MirrorError(
                status: response.status, headers: response.headers, body: body, table: place.address.table)
        }
        return body
    }

    private static func body(_ row: MirrorRow, at now: Date) throws(MirrorError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Fails for no text.
        guard let data = try? encoder.encode(WrittenRow(row: row, now: now)) else { throw .rowRefused }
        return [UInt8](data)
    }
}

/// The table's columns, as PostgREST spells a row.
private struct WrittenRow: Encodable {
    let row: MirrorRow
    let now: Date

    private enum CodingKeys: String, CodingKey {
        case service_name, endpoint_id, is_active, updated_at
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(row.serviceName, forKey: .service_name)
        // A null that is left out would keep the id of an endpoint that is gone.
        try container.encode(row.endpointID, forKey: .endpoint_id)
        try container.encode(row.isActive, forKey: .is_active)
        // Never "now()": that is SQL for one server, and the text "now()" to the next.
        try container.encode(MicroTimestamp(now), forKey: .updated_at)
    }
}

private struct StoredRow: Decodable {
    var service_name: String
    var endpoint_id: String?
    var is_active: Bool?
}

extension String {
    /// For one value of a query (RFC 3986, 2.3).
    fileprivate var percentEncoded: String {
        let digits = Array("0123456789ABCDEF")
        return utf8.reduce(into: "") { text, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                text += "%"
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 15)])
            }
        }
    }
}
