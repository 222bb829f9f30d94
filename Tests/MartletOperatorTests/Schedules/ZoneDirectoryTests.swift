import FoundationEssentials
import Glibc
import MartletAPI
import MartletDecisions
import Testing

@testable import MartletOperator

@Suite("Time zones of the machine", .timeLimit(.minutes(1))) struct ZoneDirectoryTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/zones-\(UUID().uuidString)"

    private func withFolder(_ body: (ZoneDirectory) throws -> Void) throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/Asia", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(ZoneDirectory(folder: folder))
    }

    private func name(_ text: String) throws -> TimeZoneName { try #require(TimeZoneName(text)) }

    @Test("a zone is read once, and stays known when its file goes")
    func known() throws {
        try withFolder { zones in
            let seoul = try name("Asia/Seoul")
            #expect(throws: ZoneProblem.self) { try zones.rules(of: seoul) }
            let file = try #require(FileManager.default.contents(atPath: "\(ZoneDirectory.system)/Asia/Seoul"))
            try file.write(to: URL(fileURLWithPath: "\(folder)/Asia/Seoul"))
            #expect(try zones.rules(of: seoul).offset(at: Date(timeIntervalSince1970: 1_800_000_000)) == 32_400)
            try FileManager.default.removeItem(atPath: "\(folder)/Asia/Seoul")
            #expect(try zones.rules(of: seoul).offset(at: Date(timeIntervalSince1970: 1_800_000_000)) == 32_400)
        }
    }

    @Test(
        "a folder, a pipe that nobody writes to, an empty file and a huge one are no zones, and nothing waits for them")
    func odd() throws {
        try withFolder { zones in
            #expect(mkfifo("\(folder)/Pipe", 0o600) == 0)
            try Data().write(to: URL(fileURLWithPath: "\(folder)/Empty"))
            try Data(count: 300 * 1024).write(to: URL(fileURLWithPath: "\(folder)/Huge"))
            for odd in ["Asia", "Pipe", "Empty", "Huge", "Nowhere/Land"] {
                let problem = #expect(throws: ZoneProblem.self) { try zones.rules(of: try name(odd)) }
                #expect(problem?.message.contains(odd) == true)
                #expect(problem?.message.contains("tzdata") == true)
            }
        }
    }

    @Test("the reader's own zone is that of TZ, with or without a colon, else the machine's")
    func local() throws {
        let zones = ZoneDirectory()
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        #expect(zones.local(environment: "Asia/Seoul")?.offset(at: now) == 32_400)
        #expect(zones.local(environment: ":Asia/Seoul")?.offset(at: now) == 32_400)
        #expect(zones.local(environment: "../../etc/passwd") == zones.local(environment: nil))
    }
}
