import Foundation
import Glibc
import KubernetesModel
import RunPod

@testable import martlet

/// A program of this package that a test runs, with its output and errors apart.
final class CommandRun: @unchecked Sendable {
    enum Failure: Error { case silent(String) }

    struct Result {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Where the executables of the package were built: beside the tests'.
    private static let products = URL(
        filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    ).deletingLastPathComponent()

    // Written before anything else may see them, and left alone.
    private let process = Process()
    private let output: URL
    private let errors: URL
    private let ended: AsyncStream<Int32>

    /// `isUnread`: its output goes to a pipe whose reader has left.
    init(
        _ program: String, _ arguments: [String], input: String = "", environment: [String: String] = [:],
        isUnread: Bool = false
    ) throws {
        let directory = FileManager.default.temporaryDirectory
        let name = "martlet-run-\(UUID().uuidString)"
        output = directory.appending(path: "\(name).out")
        errors = directory.appending(path: "\(name).err")
        for file in [output, errors] { try Data().write(to: file) }
        process.executableURL = Self.products.appending(path: program)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"].merging(environment) { $1 }
        let unread = Pipe()
        if isUnread { try unread.fileHandleForReading.close() }
        process.standardOutput = isUnread ? unread : try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        let stdin = Pipe()
        process.standardInput = stdin
        let (ended, announce) = AsyncStream.makeStream(of: Int32.self)
        self.ended = ended
        process.terminationHandler = {
            announce.yield($0.terminationReason == .exit ? $0.terminationStatus : 128 + $0.terminationStatus)
            announce.finish()
        }
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
    }

    deinit {
        if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
        for file in [output, errors] { try? FileManager.default.removeItem(at: file) }
    }

    /// As Ctrl-C does.
    func interrupt() { process.interrupt() }

    /// What it has written so far.
    var outputSoFar: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    /// Waits for its end.
    func result() async -> Result {
        var status: Int32 = -1
        for await code in ended { status = code }
        return Result(
            status: status, output: outputSoFar, errors: (try? String(contentsOf: errors, encoding: .utf8)) ?? "")
    }
}

/// `martlet-lab runpod`, and `martlet` with its flags set to speak to it.
struct RunPodLab: Sendable {
    static let key = "lab-key-of-the-end-to-end-tests"

    private let process: CommandRun
    private let control: String
    private let jobs: String
    private let lab: String

    /// Virtual time runs at `speed` times the real one.
    static func start(speed: Int = 20) async throws -> RunPodLab {
        let process = try CommandRun(
            "martlet-lab",
            ["runpod", "--port", "0", "--speed", "\(speed)", "--rate-minute", "0", "--key", key, "--quota", "50"])
        let limit = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < limit {
            let lines = process.outputSoFar.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            let bases = Dictionary(lines.filter { $0.count == 2 }.map { ($0[0], $0[1]) }, uniquingKeysWith: { $1 })
            if let control = bases["control"], let jobs = bases["jobs"], let lab = bases["lab"] {
                return RunPodLab(process: process, control: control, jobs: jobs, lab: lab)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw CommandRun.Failure.silent(process.outputSoFar)
    }

    /// Starts a command on an endpoint that is known by its id.
    func begin(
        _ arguments: [String], input: String = "", key: String? = RunPodLab.key, isUnread: Bool = false
    ) throws -> CommandRun {
        var environment = ["MARTLET_RUNPOD_API_URL": control, "MARTLET_RUNPOD_JOBS_URL": jobs]
        if let key { environment["RUNPOD_API_KEY"] = key }
        return try CommandRun("martlet", arguments, input: input, environment: environment, isUnread: isUnread)
    }

    /// Runs one to its end.
    func run(_ arguments: String..., input: String = "", key: String? = RunPodLab.key) async throws -> CommandRun.Result
    {
        try await begin(arguments, input: input, key: key).result()
    }
}

extension RunPodLab {
    /// RunPod's clients, for the tests' own use.
    func connection() throws -> RunPodConnection {
        guard let key = RunPodKey(Self.key) else { throw CommandRun.Failure.silent("no key") }
        return RunPodConnection(key: key, hosts: try RunPodHosts(controlURL: control, jobsURL: jobs))
    }

    /// Creates an endpoint.
    func endpoint(max: Int = 2, env: EnvironmentVariables = [:]) async throws -> EndpointID {
        try await connection().control.create(
            EndpointCreate(
                name: "llm", image: "acme/llm:1", env: env,
                hardware: .gpu(GPUSelection(pools: [GPUPool(rawValue: "ADA_24")])),
                workers: WorkersBounds(min: 0, max: max, idleTimeout: 10), scaling: .queueDelay(1), timeout: 0)
        ).id
    }
}
