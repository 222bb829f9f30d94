import Foundation
import MartletDecisions
import Synchronization

@testable import MartletOperator

/// A Supabase project of the laboratory: a real PostgreSQL behind the stand-in for PostgREST (`lab/supabase.py`). One
/// serves all tests of a suite that is serialized; it ends with this process, whatever ends that.
final class SupabaseProcess: Sendable {
    struct Failure: Error { var text: String }

    private struct Greeting: Decodable { var url, socket, serviceKey, anonKey: String }
    private struct Request: Decodable { var method, target, prefer: String }

    let url: String
    let key: MirrorKey
    let anonKey: MirrorKey
    private let socket: String
    private let commands: FileHandle
    /// One command and its answer at a time.
    private let answers: Mutex<LineReader>

    init() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-m", "lab.supabase"]
        process.currentDirectoryURL = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        commands = input.fileHandleForWriting
        var reader = LineReader(handle: output.fileHandleForReading)
        let greeting = try JSONDecoder().decode(Greeting.self, from: reader.line())
        answers = Mutex(reader)
        url = greeting.url
        socket = greeting.socket
        guard let key = MirrorKey(greeting.serviceKey), let anonKey = MirrorKey(greeting.anonKey) else {
            throw Failure(text: "no keys")
        }
        self.key = key
        self.anonKey = anonKey
    }

    /// See `lab/supabase.py`.
    @discardableResult
    func tell(_ command: String) throws -> Data {
        try answers.withLock { reader in
            try commands.write(contentsOf: Data("\(command)\n".utf8))
            return try reader.line()
        }
    }

    /// `METHOD target` of what came since the last time.
    func requests() throws -> [String] {
        try JSONDecoder().decode([Request].self, from: tell("requests")).map { "\($0.method) \($0.target)" }
    }

    /// Runs a statement as PostgreSQL's superuser, past everything that stands before it. Lines of `|`-separated values.
    @discardableResult
    func psql(_ statement: String) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", socket, "-U", "postgres", "-c", statement,
            "postgres",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(text: text) }
        return text.split(separator: "\n").map(String.init)
    }

    /// Makes the table of the documentation, with a history of every write of a row.
    func makeTable(_ table: String) throws {
        try psql(
            """
            create table \(table) (service_name text primary key, endpoint_id text, is_active boolean not null,
              updated_at timestamptz not null);
            create table \(table)_writes (service_name text, endpoint_id text, is_active boolean);
            create function \(table)_note() returns trigger security definer language plpgsql as
              $$ begin insert into \(table)_writes values (new.service_name, new.endpoint_id, new.is_active); return new; end $$;
            create trigger note after insert or update on \(table) for each row execute function \(table)_note();
            """)
    }

    /// `service|id|t` of every row, by name; no id: empty.
    func rows(_ table: String) throws -> [String] {
        try psql("select service_name, endpoint_id, is_active from \(table) order by service_name")
    }

    /// `service|id|t` of every write, in order.
    func writes(_ table: String) throws -> [String] { try psql("select * from \(table)_writes") }

    func place(_ table: String, _ service: String, key: MirrorKey? = nil) -> MirrorPlace {
        MirrorPlace(address: .init(url: url, table: table, serviceName: service), key: key ?? self.key)
    }

    /// What speaks to it as the operator does, with `--allow-http-hosts=127.0.0.1` unless told.
    func mirror(allowing: [String] = ["127.0.0.1"], permit: SwitchedPermit? = nil) -> SupabaseMirror {
        let policy = HTTPTargetPolicy(allowing: allowing.compactMap { HTTPHostPattern($0) })
        return SupabaseMirror(SupabaseMirror.transport(under: policy, userAgent: "martlet-test"), permit: permit)
    }
}

/// Lines of a pipe, waited for.
struct LineReader: @unchecked Sendable {
    let handle: FileHandle
    private var rest = Data()

    init(handle: FileHandle) { self.handle = handle }

    mutating func line() throws -> Data {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                defer { rest = Data(rest[(end + 1)...]) }
                return Data(rest[..<end])
            }
            let more = handle.availableData
            guard !more.isEmpty else { throw SupabaseProcess.Failure(text: "lab.supabase has ended") }
            rest += more
        }
    }
}
