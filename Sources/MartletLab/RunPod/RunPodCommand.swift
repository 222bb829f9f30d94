import ArgumentParser
import ControllerRuntime
import FoundationEssentials
import Glibc
import Logging
import RunPodSimulator

/// `martlet-lab runpod`: a simulated RunPod until it is told to end.
struct RunPodCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runpod", abstract: "Serves a simulated RunPod on loopback, with virtual time and a ledger.",
        discussion: """
            Prints three base URLs, one a line: `control` stands for api.runpod.io (REST v2), `jobs` for api.runpod.ai, and \
            `lab` is its own: GET ledger, endpoints, calls, faults; POST advance {"seconds": N}, faults {"mode": "F10"}, \
            keys, accounts, templates, lose-worker; PATCH settings; DELETE faults, calls.
            The faults, and what their JSON looks like, are in docs/runpod-simulator.md.
            """)

    @Option(help: "The port of control; jobs and lab have the next two. 0: three free ones.")
    var port = 8700
    @Option(help: "Virtual seconds in a real one; 0: time moves only by POST advance.")
    var speed = 1.0
    @Option(help: "When virtual time begins, RFC 3339; now if not given.")
    var start: String?
    @Option(help: "A key of the account; may be repeated, each further one is an account of its own.")
    var key: [String] = ["lab-key"]
    @Option(help: "The sum of workers.max that an account may have.")
    var quota = 5
    @Option(help: "Control plane requests an account has in a minute; 0: no limits and no headers.")
    var rateMinute = 60
    @Option(help: "Control plane requests an account has in an hour.")
    var rateHour = 3000
    @Option(help: "Control plane requests an account has in a day.")
    var rateDay = 50_000
    @Option(help: "Seconds in which an image is pulled: not billed.")
    var pull = 8.0
    @Option(help: "Seconds in which a started container loads its model: billed.")
    var load = 3.0
    @Option(help: "Seconds between looks at held requests; longer where the process itself lives in fast time.")
    var beat = 0.02
    @Option(help: "The seed of identifiers and durations.")
    var seed: UInt64 = 1

    func validate() throws {
        guard (0...65_533).contains(port) else { throw ValidationError("--port is from 0 to 65533") }
        guard (0...1_000_000).contains(speed) else { throw ValidationError("--speed is from 0 to 1000000") }
        guard quota >= 0, rateMinute >= 0, rateHour > 0, rateDay > 0 else {
            throw ValidationError("--quota and the rates are not negative")
        }
        guard (0...86_400).contains(pull), (0...86_400).contains(load) else {
            throw ValidationError("--pull and --load are from 0 to 86400")
        }
        guard (0.001...3600).contains(beat) else { throw ValidationError("--beat is from 0.001 to 3600") }
        guard !key.contains("") else { throw ValidationError("--key is not empty") }
        if let start, SimulatedInstant(rfc3339: start) == nil {
            throw ValidationError("--start looks like 2026-06-01T08:00:00Z")
        }
    }

    func run() async throws {
        let time = SystemTime()
        let begin = start.flatMap(SimulatedInstant.init(rfc3339:)) ?? SimulatedInstant(time.now)
        var world = RunPodWorld(seed: seed, at: begin, settings: settings)
        for (number, key) in key.enumerated() {
            world.addAccount(RunPodWorld.AccountID("account-\(number + 1)"), key: key)
        }
        let laboratory = RunPodLaboratory(world, speed: speed, time: time, beat: .seconds(beat))
        try await RunPodServers(laboratory: laboratory, logger: Logger(label: "martlet-lab")).run(port: port) { bases in
            for address in RunPodAddress.allCases { print("\(address.rawValue) \(bases[address] ?? "")") }
            // Whoever started this reads the lines through a pipe.
            fflush(nil)
        }
    }

    private var settings: RunPodWorld.Settings {
        var settings = RunPodWorld.Settings()
        settings.workerQuota = quota
        settings.image.pull = .exactly(.seconds(pull))
        settings.image.load = .exactly(.seconds(load))
        settings.rateQuotas =
            rateMinute == 0
            ? []
            : [
                RateQuota("minute", requests: rateMinute, span: .seconds(60)),
                RateQuota("hour", requests: rateHour, span: .seconds(3600)),
                RateQuota("day", requests: rateDay, span: .seconds(86_400)),
            ]
        return settings
    }
}

/// The three servers of one laboratory.
struct RunPodServers: Sendable {
    let laboratory: RunPodLaboratory
    let logger: Logger

    private enum Part { case servers, other }

    /// Serves until the laboratory ends or the process is told to. `ready` is called once, when all three listen,
    /// with their base URLs; answers of the control plane then name the job plane's.
    func run(port: Int, ready: @escaping @Sendable ([RunPodAddress: String]) -> Void) async throws {
        let (listening, announce) = AsyncStream.makeStream(of: (RunPodAddress, Int).self)
        try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask {
                await untilAskedToEnd()
                laboratory.end()
                return .other
            }
            group.addTask {
                try await withThrowingTaskGroup(of: Void.self) { servers in
                    for (offset, address) in RunPodAddress.allCases.enumerated() {
                        let server = RunPodServer(address: address, laboratory: laboratory, logger: logger) {
                            announce.yield((address, $0))
                        }
                        servers.addTask { try await server.run(port: port == 0 ? 0 : port + offset) }
                    }
                    try await servers.waitForAll()
                }
                return .servers
            }
            group.addTask {
                var bases: [RunPodAddress: String] = [:]
                for await (address, port) in listening {
                    let isComplete = bases.count == RunPodAddress.allCases.count
                    bases[address] = "http://127.0.0.1:\(port)/\(address == .lab ? "_lab" : "v2")"
                    guard !isComplete, bases.count == RunPodAddress.allCases.count else { continue }
                    let jobs = bases[.jobs] ?? ""
                    laboratory.withWorld { world, _ in world.settings.jobsBaseURL = jobs }
                    ready(bases)
                }
                return .other
            }
            defer { group.cancelAll() }
            while try await group.next() == .other {}
        }
    }
}
