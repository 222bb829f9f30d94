internal import ArgumentParser
internal import Glibc
internal import KubernetesModel
internal import RunPod

/// Shows the jobs and workers of the RunPod endpoint.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Show the jobs and workers of the RunPod endpoint.")

    @OptionGroup var endpoint: EndpointOptions
    @OptionGroup var output: OutputOptions

    @Flag(name: .shortAndLong, help: "Show it again and again, until Ctrl-C.")
    var watch = false

    @Argument(help: "An InferenceEndpoint.")
    var name: String?

    /// Between two looks at the job plane.
    private static let period = Duration.seconds(2)
    /// The list of workers and the bounds cost calls of the control plane, of which there are few a minute.
    private static let looksPerListing = 10

    func run() async throws {
        try await reportingFailures {
            let (name, rest) = try endpoint.words(name, [])
            guard rest.isEmpty else { throw CommandFailure("give NAME or --endpoint-id, not both") }
            let session = try await endpoint.session(name)
            var view = HealthView(title: session.object == nil ? nil : session.hint, id: session.id)
            try await listing(session, &view)
            view.queue.health = try await session.account.jobs.health(of: session.id)
            show(view)
            guard watch else { return }
            var looks = 0
            while true {
                try await ContinuousClock().sleep(for: Self.period)
                looks += 1
                if looks % Self.looksPerListing == 0 { try await listing(session, &view) }
                do throws(RunPodError) {
                    view.queue.health = try await session.account.jobs.health(of: session.id)
                    view.trouble = nil
                } catch {
                    guard error.isRetryable else { throw error }
                    view.trouble = "\(error)"
                }
                show(view)
            }
        }
    }

    /// Best effort: a key for jobs alone may not see them.
    private func listing(_ session: EndpointSession, _ view: inout HealthView) async throws {
        do throws(RunPodError) {
            async let workers = Self.workers(session)
            view.queue.bounds = try await session.account.control.endpoint(session.id).workers
            view.workers = await workers
            view.listingTrouble = nil
        } catch {
            if case .unauthorized = error.cause { throw error }
            view.listingTrouble = "\(error)"
        }
    }

    private static func workers(_ session: EndpointSession) async -> EndpointWorkers? {
        try? await session.account.control.workers(of: session.id)
    }

    private func show(_ view: HealthView) {
        switch output.format {
        case .json: Stdout.line(watch ? JSONText.line(view.json) : JSONText.pretty(view.json))
        case .text:
            let clear = watch && Terminal.showsStdout ? "\u{1B}[H\u{1B}[2J" : ""
            let gap = watch && !Terminal.showsStdout ? "\n" : ""
            Stdout.write("\(clear)\(view.text)\n\(gap)")
        }
    }
}
