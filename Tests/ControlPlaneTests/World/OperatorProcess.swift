import FoundationEssentials
import Glibc
import KubernetesModel
import RedisTestSupport
import Testing

/// `martlet controller` as its own process, which can be killed and started again.
actor OperatorProcess {
    private let arguments: [String]
    private let environment: [String: String]
    private let log: String
    private let metricsPort: Int
    private var process: ChildProcess

    /// An operator of `namespaces` only (none: of the whole cluster), as the user whose rights are an operator's.
    init(
        _ cluster: ControlPlane, namespaces: [String], flags: [String] = [], environment: [String: String] = [:]
    ) throws {
        metricsPort = try RedisServerProcess.freePort()
        log = "\(cluster.directory)/operator-\(metricsPort)-\(UUID().uuidString.prefix(8)).log"
        var arguments = [
            "\(ControlPlane.products)/martlet", "controller", "--kubeconfig", cluster.operatorKubeconfig,
            "--metrics-address", "127.0.0.1:\(metricsPort)",
        ]
        arguments += namespaces.flatMap { ["--namespace", $0] }
        for (flag, value) in [("--require-consent", "off"), ("--log-format", "text")] where !flags.contains(flag) {
            arguments += [flag, value]
        }
        if !flags.contains("--refuse-loopback") { arguments.append("--allow-loopback") }
        self.arguments = arguments + flags.filter { $0 != "--refuse-loopback" }
        self.environment = environment
        process = try ChildProcess(self.arguments, log: log, adding: environment)
    }

    var isRunning: Bool { process.exitStatus == nil }
    /// All that it ever wrote, over restarts.
    var output: String { process.output }
    var pid: pid_t { process.pid }

    /// Until its caches are filled.
    nonisolated func waitUntilReady() async throws {
        let hasSettled = await eventually(within: .seconds(60)) {
            let isReady = await self.isReady
            let isRunning = await self.isRunning
            return isReady || !isRunning
        }
        let isReady = await self.isReady
        let output = await self.output
        try #require(hasSettled && isReady, "the operator did not become ready: \(output.suffix(2000))")
    }

    var isReady: Bool { (try? HTTPAnswer(get: "/readyz", port: metricsPort))?.status == 200 }
    var metrics: String { get throws { try HTTPAnswer(get: "/metrics", port: metricsPort).body } }

    /// SIGKILL: it can put nothing in order.
    func crash() { process.kill() }

    func start() throws { process = try ChildProcess(arguments, log: log, adding: environment) }

    /// SIGSTOP: it does not know that time passes.
    func freeze() { process.signal(SIGSTOP) }
    func resume() { process.signal(SIGCONT) }

    /// What `/readyz` answers; nil while nobody does.
    var readiness: String? {
        (try? HTTPAnswer(get: "/readyz", port: metricsPort))?.body.filter { $0 != "\n" }
    }

    /// SIGTERM; returns how it ended, as waitpid(2) tells it.
    func terminate() -> Int32 {
        process.signal(SIGTERM)
        return process.wait()
    }

    /// Seconds of CPU used so far.
    var processorSeconds: Double {
        get throws {
            let text = try String(contentsOfFile: "/proc/\(process.pid)/stat", encoding: .utf8)
            // The second field, the program's name, may hold anything but ends with the last parenthesis.
            let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
            let ticks = (Double(fields[12]) ?? 0) + (Double(fields[13]) ?? 0)
            return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
        }
    }

    /// Resident memory in MiB.
    var residentMebibytes: Double {
        get throws {
            let fields = try String(contentsOfFile: "/proc/\(process.pid)/statm", encoding: .utf8).split(separator: " ")
            return (Double(fields[1]) ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
        }
    }
}
