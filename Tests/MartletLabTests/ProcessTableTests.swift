import FoundationEssentials
import Glibc
import Testing

@testable import MartletLab

@Suite("Processes", .timeLimit(.minutes(1)))
struct ProcessTableTests {
    /// A directory, a table that reaps, and the exits it told.
    private final class Bench: Sendable {
        let directory: String
        let journal: ProcessJournal
        let table: ProcessTable
        let exits: AsyncStream<ProcessExit>
        private let told: AsyncStream<ProcessExit>.Continuation

        init() throws {
            directory = FileManager.default.temporaryDirectory.path + "/martlet-lab-" + UUID().uuidString
            journal = try ProcessJournal(directory: directory + "/processes")
            table = ProcessTable(journal: journal)
            (exits, told) = AsyncStream.makeStream()
            try #require(mkfifo(directory + "/fifo", 0o600) == 0)
        }

        deinit { try? FileManager.default.removeItem(atPath: directory) }

        func spec(_ script: String, environment: [String: String] = [:]) -> ProcessSpec {
            ProcessSpec(
                executable: "sh", arguments: ["-c", script],
                environment: environment.merging(["PATH": "/usr/bin:/bin"]) { given, _ in given },
                workingDirectory: directory, logFile: directory + "/log")
        }

        func start(_ script: String, environment: [String: String] = [:]) throws {
            try table.start("p", spec(script, environment: environment)) { [told] in told.yield($0) }
        }

        func exit() async -> ProcessExit? { await exits.first { _ in true } }
        var log: String { get throws { try String(contentsOfFile: directory + "/log", encoding: .utf8) } }
        var journalled: [String] { (try? FileManager.default.contentsOfDirectory(atPath: journal.directory)) ?? [] }

        /// Runs the table's reaper beside `body`; then ends the laboratory with `grace`.
        func run(grace: Duration = .zero, _ body: @escaping @Sendable () async throws -> Void) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.table.run(grace: grace) }
                defer { group.cancelAll() }
                try await body()
            }
        }
    }

    @Test("gets exactly the environment it was given, its directory, and its output in the log")
    func environment() async throws {
        let bench = try Bench()
        try await bench.run {
            try bench.start("/usr/bin/env; echo to stderr >&2; pwd", environment: ["GREETING": "a b=c"])
            #expect(await bench.exit() == .exited(code: 0))
            let lines = try bench.log.split(separator: "\n").map(String.init)
            // PWD is the shell's own doing.
            #expect(
                Set(lines).subtracting(["PWD=\(bench.directory)"]) == [
                    "GREETING=a b=c", "PATH=/usr/bin:/bin", "to stderr", bench.directory,
                ])
        }
    }

    @Test("holds no file of the laboratory but the standard three")
    func noInheritedFiles() async throws {
        let bench = try Bench()
        let file = open("/dev/null", O_RDONLY)
        defer { close(file) }
        try await bench.run {
            try bench.start("test ! -e /proc/self/fd/\(file)")
            #expect(await bench.exit() == .exited(code: 0))
        }
    }

    @Test("tells the exit code, and leaves nothing in the journal")
    func exitCode() async throws {
        let bench = try Bench()
        try await bench.run {
            try bench.start("exit 3")
            #expect(await bench.exit() == .exited(code: 3))
            #expect(bench.journalled == [])
        }
    }

    @Test("a program that is not there is refused at once")
    func notFound() throws {
        let bench = try Bench()
        var spec = bench.spec("")
        spec.executable = "no-such-program"
        #expect(throws: ProcessError.notFound("no-such-program")) { try bench.table.start("p", spec) { _ in } }
    }

    @Test("SIGTERM reaches the process, which may end as it likes; its children are not signalled")
    func terminate() async throws {
        let bench = try Bench()
        try await bench.run {
            // The child runs the traps of all signals that came before it ends, and USR1 is sent after any TERM.
            try bench.start(
                """
                trap 'kill -USR1 $child; wait $child; exit 7' TERM
                (trap 'echo child signalled' TERM; trap ended=1 USR1
                 echo ready >fifo; until [ "$ended" ]; do sleep 0.02; done) & child=$!
                wait
                """)
            let pipe = await NamedPipe(bench.directory + "/fifo")
            #expect(await pipe.line() == "ready")
            bench.table.terminate("p")
            #expect(await bench.exit() == .exited(code: 7))
            #expect(try bench.log == "")
        }
    }

    @Test("SIGKILL ends one that ignores SIGTERM, and its children")
    func kill() async throws {
        let bench = try Bench()
        try await bench.run {
            try bench.start("trap '' TERM; exec 3>fifo; sleep 600 & echo ready >&3; while :; do wait; done")
            let pipe = await NamedPipe(bench.directory + "/fifo")
            #expect(await pipe.line() == "ready")
            bench.table.terminate("p")
            bench.table.kill("p")
            #expect(await bench.exit() == .signalled(SIGKILL))
            await pipe.untilClosed()
        }
    }

    @Test("children that outlive their leader are killed when it ends")
    func orphans() async throws {
        let bench = try Bench()
        try await bench.run {
            try bench.start("exec 3>fifo; sleep 600 & echo ready >&3")
            let pipe = await NamedPipe(bench.directory + "/fifo")
            #expect(await pipe.line() == "ready")
            #expect(await bench.exit() == .exited(code: 0))
            await pipe.untilClosed()
        }
    }

    @Test("the end of the laboratory is the end of its processes, deaf ones too")
    func endOfLaboratory() async throws {
        let bench = try Bench()
        try await bench.run {
            try bench.start("trap '' TERM; exec 3>fifo; echo ready >&3; sleep 600")
            #expect(await NamedPipe(bench.directory + "/fifo").line() == "ready")
        }
        #expect(bench.journalled == [])
        #expect(throws: ProcessError.self) { try bench.start("true") }
    }

    @Test("what a killed laboratory left is killed by the next, and no process that only has the same number")
    func journal() async throws {
        let bench = try Bench()
        let left = try ProcessID.spawn(bench.spec("exec 3>fifo; echo ready >&3; exec sleep 600"))
        let pipe = await NamedPipe(bench.directory + "/fifo")
        #expect(await pipe.line() == "ready")

        let path = "\(bench.journal.directory)/\(left.rawValue)"
        try "1".write(toFile: path, atomically: false, encoding: .utf8)
        _ = try ProcessJournal(directory: bench.journal.directory)
        #expect(left.reapIfEnded() == nil)
        #expect(bench.journalled == [])

        bench.journal.add(left)
        _ = try ProcessJournal(directory: bench.journal.directory)
        await pipe.untilClosed()
        var exit = left.reapIfEnded()
        while exit == nil {
            await Task.yield()
            exit = left.reapIfEnded()
        }
        #expect(exit == .signalled(SIGKILL))
    }
}
