import Foundation
import HTTPTransport
import Testing

@testable import MartletOperator

/// The client alone, against a real PostgreSQL.
@Suite("Supabase mirror", .serialized)
struct SupabaseMirrorTests {
    private static let process = Result { try SupabaseProcess() }
    private let project: SupabaseProcess
    private let columns = "service_name text, endpoint_id text, is_active boolean, updated_at timestamptz"
    private let now = Date(timeIntervalSince1970: 1_800_000_000.25)

    init() throws { project = try Self.process.get() }

    /// A table of the test's own, made by `statement` with the table's name for `{table}`.
    private func table(_ name: String, _ statement: String? = nil) throws -> String {
        if let statement {
            try project.psql(statement.replacing("{table}", with: name))
        } else {
            try project.makeTable(name)
        }
        _ = try project.requests()
        return name
    }

    private func failure(
        _ table: String, key: MirrorKey? = nil, mirror: SupabaseMirror? = nil
    ) async throws -> MirrorError? {
        let row = MirrorRow(serviceName: "image-gen", endpointID: nil, isActive: true)
        do throws(MirrorError) {
            try await (mirror ?? project.mirror()).publish(
                row, at: project.place(table, row.serviceName, key: key), on: now)
            return nil
        } catch {
            return error
        }
    }

    @Test("a row is inserted, changed in place, and stamped with the time of the write in UTC")
    func upsert() async throws {
        let table = try table("upsert")
        let place = project.place(table, "image-gen")
        let mirror = project.mirror()
        #expect(try await mirror.row(at: place) == nil)
        let open = MirrorRow(serviceName: "image-gen", endpointID: "ep-1", isActive: true)
        try await mirror.publish(open, at: place, on: now)
        #expect(try project.rows(table) == ["image-gen|ep-1|t"])
        #expect(try await mirror.row(at: place) == open)
        try await mirror.publish(open.withdrawn, at: place, on: now.addingTimeInterval(60))
        #expect(try project.rows(table) == ["image-gen||f"])
        #expect(try await mirror.row(at: place) == open.withdrawn)
        let stamp = try project.psql("set timezone = 'UTC'; select updated_at from \(table)")
        #expect(stamp == ["2027-01-15 08:01:00.25+00"])
        #expect(
            try project.requests().filter { $0.hasPrefix("POST") }
                == Array(repeating: "POST /rest/v1/upsert?on_conflict=service_name", count: 2))
    }

    @Test(
        "a name is a value, whatever it looks like",
        arguments: [
            "x'; drop table names; --", #"a"b\c/d"#, "eq.1,(2)&limit=0#?", "100%00", "*", "", " ", "이미지 🦅", "${jndi:x}",
            "now()", "null", String(repeating: "n", count: 253),
        ])
    func names(name: String) async throws {
        try project.psql(
            "create table if not exists names (\(columns), primary key (service_name))")
        let place = project.place("names", name)
        let row = MirrorRow(serviceName: name, endpointID: "id-of-\(name)", isActive: true)
        try await project.mirror().publish(row, at: place, on: now)
        #expect(try await project.mirror().row(at: place) == row)
        let hex = Data(name.utf8).map { String(format: "%02x", $0) }.joined()
        let found = try project.psql(
            "select count(*) from names where service_name = convert_from('\\x\(hex)', 'UTF8')")
        #expect(found == ["1"])
    }

    @Test("a key that the project does not know is told from one whose role may not write")
    func keys() async throws {
        let table = try table("keys")
        #expect(try await failure(table, key: MirrorKey("wrong")) == .keyRefused)
        #expect(try await failure(table, key: project.anonKey) == nil)
        try project.psql("alter table \(table) enable row level security")
        #expect(try await failure(table, key: project.anonKey) == .keyForbidden)
        try project.psql(
            """
            grant select, insert, update on \(table) to anon;
            create policy writes on \(table) to anon using (true) with check (true)
            """)
        #expect(try await failure(table, key: project.anonKey) == nil)
        try project.psql("revoke select on \(table) from anon")
        #expect(try await failure(table, key: project.anonKey) == .keyForbidden)
        try project.psql("revoke insert on \(table) from service_role")
        #expect(try await failure(table) == .keyForbidden)
        #expect(try project.rows(table) == ["image-gen||t"])
    }

    @Test("of a missing table the message has the statement that makes it")
    func tableMissing() async throws {
        #expect(try await failure("not_there") == .tableMissing(table: "not_there"))
        let message = MirrorError.tableMissing(table: "not_there").message
        let statement = try #require(message.range(of: "CREATE TABLE").map { message[$0.lowerBound...] })
        try project.psql(String(statement.dropLast()))
        #expect(try await failure("not_there") == nil)
        #expect(try project.rows("not_there") == ["image-gen||t"])
    }

    @Test("a table of another shape is told by what is wrong with it")
    func tableUnfit() async throws {
        let missing = try table("unfit1", "create table {table} (service_name text primary key, is_active boolean)")
        #expect(try await failure(missing) == .tableUnfit(.columnMissing))
        let plain = try table("unfit2", "create table {table} (\(columns))")
        #expect(try await failure(plain) == .tableUnfit(.notUnique))
        let required = try table(
            "unfit3", "create table {table} (\(columns), primary key (service_name), owner text not null)")
        #expect(try await failure(required) == .tableUnfit(.columnRequired))
        let typed = try table(
            "unfit4",
            "create table {table} (service_name text primary key, endpoint_id text, is_active int, updated_at date)")
        #expect(try await failure(typed) == .tableUnfit(.wrongType))
        let checked = try table(
            "unfit5", "create table {table} (\(columns), primary key (service_name), check (length(service_name) < 3))")
        #expect(try await failure(checked) == .rowRefused)
        let unique = try table(
            "unfit6",
            """
            create table {table} (\(columns), primary key (service_name), unique (is_active));
            insert into {table} values ('other', null, true, now())
            """)
        #expect(try await failure(unique) == .rowRefused)
    }

    @Test(
        "whatever a stranger answers, no word of it is passed on, nor the key, and no redirect is followed",
        arguments: [
            (204, nil), (302, MirrorError.notPostgREST), (307, .notPostgREST), (400, .notPostgREST), (401, .keyRefused),
            (403, .keyForbidden), (404, .tableMissing(table: "strange")), (409, .rowRefused),
            (429, .rateLimited(retryAfter: .seconds(1))), (500, .serverFailed), (503, .serverFailed),
        ] as [(Int, MirrorError?)])
    func strangers(status: Int, expected: MirrorError?) async throws {
        _ = try project.requests()
        try project.tell("answer 1 \(status)")
        let error = try await failure("strange")
        #expect(error == expected)
        for text in [error?.message, error.map { "\($0)" }, error?.reason].compactMap(\.self) {
            #expect(!text.contains("stranger") && !text.contains(project.key.text) && !text.contains("elsewhere"))
        }
        #expect(try project.requests().count == 1)
    }

    @Test("without the operator's word the operator is not led to an address that is not public")
    func hostRefused() async throws {
        _ = try project.requests()
        for allowing in [[], ["db.example"], ["127.0.0.1:1"]] {
            let error = try await failure("any", mirror: project.mirror(allowing: allowing))
            guard case .hostRefused(let why) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(why.contains("--allow-http-hosts") && !why.contains("127.0.0.1"))
        }
        #expect(try project.requests() == [])
    }

    @Test("a process that does not lead writes nothing, and still reads")
    func withheld() async throws {
        let table = try table("withheld")
        let permit = SwitchedPermit()
        #expect(try await failure(table, mirror: project.mirror(permit: permit)) == .withheld)
        #expect(try project.requests() == [])
        #expect(try await project.mirror(permit: permit).row(at: project.place(table, "image-gen")) == nil)
    }

    @Test("an address with the interface's path or a slash is the same project; one with a query is none")
    func addresses() async throws {
        let table = try table("addresses")
        let row = MirrorRow(serviceName: "s", endpointID: nil, isActive: true)
        for suffix in ["", "/", "/rest/v1", "/rest/v1/"] {
            let place = MirrorPlace(
                address: .init(url: project.url + suffix, table: table, serviceName: "s"), key: project.key)
            try await project.mirror().publish(row, at: place, on: now)
        }
        #expect(try project.writes(table).count == 4)
        for url in ["\(project.url)?x=", "\(project.url)#", "https://user:pw@127.0.0.1", "ftp://x", "nonsense"] {
            let place = MirrorPlace(address: .init(url: url, table: table, serviceName: "s"), key: project.key)
            await #expect(throws: MirrorError.invalidURL) {
                try await project.mirror().publish(row, at: place, on: now)
            }
        }
    }

    @Test("printing a key or what holds one shows nothing of it")
    func redaction() throws {
        let key = try #require(MirrorKey(" geheim\n"))
        #expect(key.text == "geheim")
        var dumped = ""
        dump(MirrorPlace(address: .init(url: "u", table: "t", serviceName: "s"), key: key), to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] { #expect(!text.contains("geheim")) }
        for text in ["", " \n", "two words", "line\nend", "schlüssel"] { #expect(MirrorKey(text) == nil) }
    }
}
