internal import ArgumentParser

@main
struct Martlet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "GPU inference capacity only while it is needed.",
        discussion: "Also as a kubectl plugin: kubectl martlet …",
        version: version,
        subcommands: [
            ControllerCommand.self, StatusCommand.self, ExplainCommand.self, OpenCommand.self, CloseCommand.self,
            AutoCommand.self, ScheduleCommand.self, RunCommand.self, SyncCommand.self, StreamCommand.self,
            JobCommand.self, CancelCommand.self, PurgeCommand.self, HealthCommand.self, GPUsCommand.self,
            TemplatesCommand.self, OrphansCommand.self, CRDsCommand.self, VersionCommand.self,
        ])

    static let version = "0.1.0-dev"
}

/// Prints the version.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() { print("martlet \(Martlet.version)") }
}
