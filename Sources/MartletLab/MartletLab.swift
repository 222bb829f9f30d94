import ArgumentParser

/// The developer's laboratory: what a cluster has and a developer's machine lacks.
@main
struct MartletLab: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet-lab",
        abstract:
            "A laboratory for Martlet: virtual nodes that run real processes as Pods, a client to measure, and a simulated RunPod.",
        subcommands: [NodesCommand.self, ClientCommand.self, RunPodCommand.self])
}
