import ControllerRuntime
import Foundation
import KubernetesModel
import Logging
import MartletDecisions
import RedisTestSupport
import Synchronization
import Testing

@testable import MartletOperator

/// Real time that runs faster, so that a pause of minutes is over in a moment.
private struct HastyTime: TimeSource {
    let factor: Double
    private let system = SystemTime()

    var now: Date { system.now }
    var uptime: MonotonicInstant { MonotonicInstant(sinceOrigin: system.uptime.sinceOrigin * factor) }
    func sleep(for duration: Duration) async throws { try await system.sleep(for: duration / factor) }
}

/// The loop around the client, against a real PostgreSQL.
@Suite("Connection mirror", .serialized)
struct ConnectionMirrorTests {
    private static let process = Result { try SupabaseProcess() }
    private let project: SupabaseProcess

    init() throws { project = try Self.process.get() }

    private func claim(_ name: String, age: Double = 0) -> TargetClaim {
        TargetClaim(
            endpoint: ObjectKey(namespace: "dev", name: name), uid: "uid-\(name)",
            createdAt: Date(timeIntervalSince1970: 1_000_000 - age))
    }

    private func row(_ service: String, _ id: String?, _ isActive: Bool = true) -> MirrorRow {
        MirrorRow(serviceName: service, endpointID: id, isActive: isActive)
    }

    private func table(_ name: String) throws -> String {
        try project.makeTable(name)
        _ = try project.requests()
        return name
    }

    /// Runs a mirror, as a process of its own would, while `body` runs.
    private func running(
        speed: Double = 50, leads: Bool = true, permit: SwitchedPermit? = nil,
        _ body: (ConnectionMirror) async throws -> Void
    ) async throws {
        let mirror = ConnectionMirror(
            project.mirror(permit: permit), leads: leads, time: HastyTime(factor: speed),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, onChange: { _ in })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await mirror.run() }
            defer { group.cancelAll() }
            try await body(mirror)
        }
    }

    private func reason(_ mirror: ConnectionMirror, _ name: String, becomes reason: String) async -> Bool {
        await eventually { mirror.report(of: ObjectKey(namespace: "dev", name: name))?.reason == reason }
    }

    private func expect(
        _ table: String, toBecome expected: [String], at place: SourceLocation = #_sourceLocation
    ) async throws {
        let isThere = try await eventually { try project.rows(table) == expected }
        #expect(isThere, sourceLocation: place)
    }

    @Test("a row is written when it changes, at no other time, and once after a restart")
    func onlyOnChange() async throws {
        let table = try table("change")
        let place = project.place(table, "image-gen")
        try await running { mirror in
            for _ in 0..<20 { mirror.want(row("image-gen", "ep-1"), at: place, by: claim("a")) }
            #expect(await reason(mirror, "a", becomes: "Mirrored"))
            for _ in 0..<20 { mirror.want(row("image-gen", "ep-1"), at: place, by: claim("a")) }
            mirror.want(row("image-gen", "ep-2"), at: place, by: claim("a"))
            try await expect(table, toBecome: ["image-gen|ep-2|t"])
            mirror.want(row("image-gen", nil, false), at: place, by: claim("a"))
            try await expect(table, toBecome: ["image-gen||f"])
        }
        #expect(try project.writes(table) == ["image-gen|ep-1|t", "image-gen|ep-2|t", "image-gen||f"])
        try await running { mirror in
            for _ in 0..<20 { mirror.want(row("image-gen", nil, false), at: place, by: claim("a")) }
            #expect(await reason(mirror, "a", becomes: "Mirrored"))
        }
        #expect(try project.writes(table).dropFirst(3) == ["image-gen||f"])
    }

    @Test("a wrong key is told, and a right one mends it, without anybody restarting anything")
    func wrongKey() async throws {
        let table = try table("wrong_key")
        try await running { mirror in
            let wrong = try #require(MirrorKey("wrong"))
            mirror.want(row("s", "ep"), at: project.place(table, "s", key: wrong), by: claim("a"))
            #expect(await reason(mirror, "a", becomes: "KeyRefused"))
            #expect(mirror.report(of: claim("a").endpoint)?.status == .no)
            mirror.want(row("s", "ep"), at: project.place(table, "s"), by: claim("a"))
            #expect(await reason(mirror, "a", becomes: "Mirrored"))
        }
        #expect(try project.writes(table) == ["s|ep|t"])
    }

    @Test("a missing table is seen by itself once it is made")
    func tableMissing() async throws {
        try await running(speed: 500) { mirror in
            mirror.want(row("s", "ep"), at: project.place("made_later", "s"), by: claim("a"))
            #expect(await reason(mirror, "a", becomes: "TableMissing"))
            try project.makeTable("made_later")
            #expect(await reason(mirror, "a", becomes: "Mirrored"))
        }
        #expect(try project.rows("made_later") == ["s|ep|t"])
    }

    @Test(
        "what changed while the server was away is written when it is back: the last state, once",
        arguments: ["gate", "database"])
    func serverAway(part: String) async throws {
        let table = try table("away_\(part)")
        let place = project.place(table, "s")
        try await running { mirror in
            mirror.want(row("s", "ep-1"), at: place, by: claim("a"))
            #expect(await reason(mirror, "a", becomes: "Mirrored"))
            try project.tell("\(part) down")
            for id in 2...6 { mirror.want(row("s", "ep-\(id)"), at: place, by: claim("a")) }
            #expect(await reason(mirror, "a", becomes: part == "gate" ? "Unreachable" : "ServerError"))
            mirror.want(row("s", nil, false), at: place, by: claim("a"))
            try project.tell("\(part) up")
            #expect(await reason(mirror, "a", becomes: "Mirrored"))
        }
        #expect(try project.writes(table) == ["s|ep-1|t", "s||f"])
    }

    @Test("a write whose answer was lost is sent again and leaves the same row")
    func lostAnswer() async throws {
        let table = try table("lost")
        try await running { mirror in
            try project.tell("lose 2")
            mirror.want(row("s", "ep"), at: project.place(table, "s"), by: claim("a"))
            #expect(await reason(mirror, "a", becomes: "Mirrored"))
        }
        #expect(try project.rows(table) == ["s|ep|t"])
        #expect(try project.writes(table) == ["s|ep|t", "s|ep|t", "s|ep|t"])
    }

    @Test("two publishers of two services leave each other's rows alone")
    func concurrentPublishers() async throws {
        let table = try table("two")
        try await running { first in
            try await running { second in
                for id in 0..<50 {
                    first.want(row("one", "a-\(id)"), at: project.place(table, "one"), by: claim("one"))
                    second.want(row("two", "b-\(id)", id % 2 == 0), at: project.place(table, "two"), by: claim("two"))
                    await Task.yield()
                }
                try await expect(table, toBecome: ["one|a-49|t", "two|b-49|f"])
            }
        }
    }

    @Test("of two objects that name one row the older writes it, the other is told and takes over")
    func claims() async throws {
        let table = try table("claims")
        let place = project.place(table, "s")
        try await running { mirror in
            mirror.want(row("s", "young"), at: place, by: claim("young"))
            #expect(await reason(mirror, "young", becomes: "Mirrored"))
            mirror.want(row("s", "old"), at: place, by: claim("old", age: 50))
            #expect(await reason(mirror, "young", becomes: "RowClaimed"))
            try await expect(table, toBecome: ["s|old|t"])
            mirror.withdraw(claim("old").endpoint)
            try await expect(table, toBecome: ["s|young|t"])
            #expect(await reason(mirror, "young", becomes: "Mirrored"))
        }
    }

    @Test("the row of a deleted object stays, inactive and without an id; so does one whose name was changed")
    func withdrawn() async throws {
        let table = try table("withdrawn")
        try await running { mirror in
            mirror.want(row("s", "ep"), at: project.place(table, "s"), by: claim("a"))
            #expect(await reason(mirror, "a", becomes: "Mirrored"))
            mirror.want(row("t", "ep"), at: project.place(table, "t"), by: claim("a"))
            try await expect(table, toBecome: ["s||f", "t|ep|t"])
            mirror.withdraw(claim("a").endpoint)
            try await expect(table, toBecome: ["s||f", "t||f"])
            #expect(mirror.report(of: claim("a").endpoint) == nil)
        }
    }

    @Test("a new key writes the row anew, and the old one does not withdraw it")
    func rotatedKey() async throws {
        let table = try table("rotated")
        try await running { mirror in
            mirror.want(row("s", "ep"), at: project.place(table, "s", key: project.anonKey), by: claim("a"))
            #expect(await reason(mirror, "a", becomes: "Mirrored"))
            mirror.want(row("s", "ep"), at: project.place(table, "s"), by: claim("a"))
            let isWritten = try await eventually { try project.writes(table).count == 2 }
            #expect(isWritten)
        }
        #expect(try project.writes(table) == ["s|ep|t", "s|ep|t"])
    }

    @Test(
        "a row that somebody changed or deleted by hand is put right",
        arguments: ["update {t} set endpoint_id = 'mine'", "delete from {t}"])
    func byHand(change: String) async throws {
        let table = try table(change.hasPrefix("delete") ? "hand_deleted" : "hand_changed")
        try await running(speed: 1000) { mirror in
            mirror.want(row("s", "ep"), at: project.place(table, "s"), by: claim("a"))
            #expect(await reason(mirror, "a", becomes: "Mirrored"))
            try project.psql(change.replacing("{t}", with: table))
            try await expect(table, toBecome: ["s|ep|t"])
        }
    }

    @Test("a standby writes and reads nothing; whoever takes the lead writes each row once")
    func leadership() async throws {
        let table = try table("lead")
        let permit = SwitchedPermit()
        try await running(leads: false, permit: permit) { mirror in
            mirror.want(row("s", "ep"), at: project.place(table, "s"), by: claim("a"))
            mirror.want(row("t", "ep"), at: project.place(table, "t"), by: claim("b"))
            // Long enough for a worker to try.
            _ = await eventually(within: .milliseconds(200)) { permit.refusals > 0 }
            #expect(permit.refusals == 0)
            permit.grant()
            mirror.leadershipChanged(.leading(term: 1))
            #expect(await reason(mirror, "a", becomes: "Mirrored"))
            #expect(await reason(mirror, "b", becomes: "Mirrored"))
        }
        #expect(try project.writes(table).sorted() == ["s|ep|t", "t|ep|t"])
    }

    @Test("a project that does not answer holds up no other")
    func othersGoOn() async throws {
        let table = try table("others")
        try await running { mirror in
            // Nothing is at that port; a hundred rows of it are wanted first.
            for number in 0..<100 {
                let place = MirrorPlace(
                    address: .init(url: "http://127.0.0.1:1", table: table, serviceName: "dead-\(number)"),
                    key: project.key)
                mirror.want(row("dead-\(number)", "ep"), at: place, by: claim("dead-\(number)"))
            }
            mirror.want(row("s", "ep"), at: project.place(table, "s"), by: claim("a"))
            #expect(await reason(mirror, "a", becomes: "Mirrored"))
        }
    }
}
