import ArgumentParser
import ControllerRuntime
import FoundationEssentials
import Kubernetes
import KubernetesModel
import Logging

/// `martlet-lab nodes`: virtual nodes until it is told to end.
struct NodesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes", abstract: "Registers virtual nodes and plays their kubelets.",
        discussion: """
            Pods bound to them become Ready without running anything. A Pod with the annotation \
            lab.martlet.dev/run: "process" runs its first container's command as a local process instead: with its \
            environment, HOSTNAME set to the Pod's name, SIGTERM, grace and SIGKILL, output in DIR/logs/POD.log.
            Ends on SIGINT or SIGTERM, and takes the processes and the Nodes with it.
            """)

    @Option(help: "The kubeconfig file; as kubectl chooses if not given.")
    var kubeconfig: String?
    @Option(help: "The kubeconfig's context.")
    var context: String?
    @Option(help: "How many nodes.")
    var count = 20
    @Option(help: "What the nodes are called, before the number.")
    var prefix = "lab-gpu"
    @Option(help: "nvidia.com/gpu of each node.")
    var gpus = 1
    @Option(help: "CPU cores of each node.")
    var cpu: Quantity = Quantity(64)
    @Option(help: "Memory of each node.")
    var memory: Quantity = Quantity(256 << 30)
    @Option(help: "Pods that fit on each node.")
    var pods = 110
    @Option(name: .customLong("label"), help: "A label of each node, KEY=VALUE; may be repeated.")
    var labels: [KeyValue] = []
    @Option(name: .customLong("taint"), help: "A taint of each node, KEY=VALUE:EFFECT; may be repeated.")
    var taints: [TaintArgument] = []
    @Option(help: "Seconds from a Pod's binding to its running.")
    var startDelay = 0.2
    @Option(help: "For logs, results and process ids.")
    var dir: String
    @Option(help: "Where processes start whose containers name no workingDir; else here.")
    var workdir: String?
    @Option(help: "Seconds that processes get after SIGTERM when the laboratory ends.")
    var endGrace = 2.0

    func validate() throws {
        guard count > 0, count <= 5000 else { throw ValidationError("--count is from 1 to 5000") }
        guard gpus >= 0, pods > 0 else { throw ValidationError("--gpus and --pods are not negative") }
        guard (0...3600).contains(startDelay) else { throw ValidationError("--start-delay is from 0 to 3600") }
        guard (0...600).contains(endGrace) else { throw ValidationError("--end-grace is from 0 to 600") }
    }

    func run() async throws {
        let logger = Logger(label: "martlet-lab")
        let time = SystemTime()
        let directory = try LaboratoryDirectory(dir)
        let client = try makeClient(logger: logger)
        let processes = ProcessTable(journal: try ProcessJournal(directory: directory.processes))
        let heartbeat = NodeHeartbeat(nodes: nodes, client: client, time: time, logger: logger)
        let kubelet = VirtualKubelet(
            nodes: nodes, startDelay: startDelay, client: client, processes: processes,
            surroundings: directory.surroundings(workdir: workdir), time: time, logger: logger)

        let grace = Duration.seconds(endGrace)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await untilAskedToEnd() }
            group.addTask { await processes.run(grace: grace) }
            group.addTask {
                try await heartbeat.register()
                logger.info("nodes registered", metadata: ["count": "\(count)"])
                try await heartbeat.run()
            }
            group.addTask { try await kubelet.run() }
            defer { group.cancelAll() }
            // All run for ever but the first; a failure ends all too.
            try await group.next()
        }
        try await heartbeat.unregister()
    }

    private func makeClient(logger: Logger) throws -> KubernetesClient {
        let configuration = try KubernetesConfiguration.automatic(path: kubeconfig, context: context)
        return KubernetesClient(configuration: configuration, logger: logger)
    }

    var nodes: [VirtualNode] {
        var capacity = ["cpu": cpu, "memory": memory, "pods": Quantity(pods)]
        if gpus > 0 { capacity["nvidia.com/gpu"] = Quantity(gpus) }
        var labels = Dictionary(self.labels.map { ($0.key, $0.value) }) { $1 }
        if gpus > 0 { labels["nvidia.com/gpu.present"] = "true" }
        return (0..<count).map { [capacity, labels] number in
            VirtualNode(
                name: "\(prefix)-\(number)", address: "10.128.\(number / 254).\(number % 254 + 1)", labels: labels,
                capacity: capacity, taints: taints.map(\.taint))
        }
    }
}
