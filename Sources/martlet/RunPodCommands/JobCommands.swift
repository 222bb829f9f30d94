internal import ArgumentParser
internal import KubernetesModel
internal import RunPod
internal import UnixSignals

/// Submits a job and prints its id.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Submit a job to the RunPod endpoint, and print its id.",
        discussion: """
            martlet run image-gen prompt='a swift' steps:=20
            martlet run image-gen --input '{"prompt": "a swift"}'
            A submission is never repeated: RunPod can't tell a repeat from a second job.
            """)

    @OptionGroup var endpoint: EndpointOptions
    @OptionGroup var submission: SubmissionOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "An InferenceEndpoint.")
    var name: String?

    @Argument(help: ArgumentHelp("Input as key=text and key:=json, or - for stdin.", valueName: "input"))
    var words: [String] = []

    func run() async throws {
        try await reportingFailures {
            let (name, words) = try endpoint.words(name, words)
            let request = try submission.request(words)
            let session = try await endpoint.session(name)
            if !submission.evenIfClosed { _ = try await session.ensureTakesJobs() }
            let job = try await submit(request, session)
            switch output.format {
            case .text: Stdout.line(job.id.rawValue)
            case .json: Stdout.line(JSONText.pretty(JobText.json(job)))
            }
            if Terminal.showsStdout { Stderr.line("follow it: martlet job \(session.hint) \(job.id) --wait") }
        }
    }

    private func submit(_ request: JobRequest, _ session: EndpointSession) async throws -> Job {
        do throws(RunPodError) {
            return try await session.account.jobs.run(request, on: session.id)
        } catch {
            guard error.mayHaveTakenEffect else { throw error }
            let wait = JobWait(submitting: .status, patience: nil, bounds: nil)
            Stderr.line(JobText.explanation(.submissionInDoubt(error), of: wait, name: session.hint) ?? "\(error)")
            throw ExitCode(ExitCodes.unknown)
        }
    }
}

/// Submits a job, waits for it and prints its output.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Submit a job, wait for it, and print its output as JSON.",
        discussion: """
            Ctrl-C cancels the job; a second one gives up.
            Exit codes: 0 completed, 1 failed, 2 nothing was submitted, 3 timed out, 4 cancelled, 5 unknown.
            """)

    @OptionGroup var endpoint: EndpointOptions
    @OptionGroup var submission: SubmissionOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "How long to wait, as in 10m; then the job goes on alone. Default: as long as it lives.")
    var timeout: DurationArgument?

    @Argument(help: "An InferenceEndpoint.")
    var name: String?

    @Argument(help: ArgumentHelp("Input as key=text and key:=json, or - for stdin.", valueName: "input"))
    var words: [String] = []

    func run() async throws {
        try await reportingFailures {
            let (name, words) = try endpoint.words(name, words)
            let request = try submission.request(words)
            let session = try await endpoint.session(name)
            let bounds = submission.evenIfClosed ? nil : try await session.ensureTakesJobs()
            let wait = JobWait(submitting: .status, patience: timeout?.duration, bounds: bounds)
            try await JobScreen(session, output.format).follow(wait, submitting: request)
        }
    }
}

/// Submits a job and prints its output as it comes.
struct StreamCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stream", abstract: "Submit a job and print its output as it comes.",
        discussion: """
            Text of language models is printed as text, any other chunk as a line of JSON; -o json prints all as JSON.
            Ctrl-C cancels the job; a second one gives up. Exit codes: those of sync.
            """)

    @OptionGroup var endpoint: EndpointOptions
    @OptionGroup var submission: SubmissionOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "How long to wait, as in 10m; then the job goes on alone. Default: as long as it lives.")
    var timeout: DurationArgument?

    @Argument(help: "An InferenceEndpoint.")
    var name: String?

    @Argument(help: ArgumentHelp("Input as key=text and key:=json, or - for stdin.", valueName: "input"))
    var words: [String] = []

    func run() async throws {
        try await reportingFailures {
            let (name, words) = try endpoint.words(name, words)
            let request = try submission.request(words)
            let session = try await endpoint.session(name)
            let bounds = submission.evenIfClosed ? nil : try await session.ensureTakesJobs()
            let wait = JobWait(submitting: .chunks, patience: timeout?.duration, bounds: bounds)
            try await JobScreen(session, output.format).follow(wait, submitting: request)
        }
    }
}

/// Shows a job, or waits for it.
struct JobCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job", abstract: "Show a job, or wait for its end.",
        discussion: """
            With --wait the exit codes are those of sync; Ctrl-C ends the waiting and leaves the job alone.
            RunPod keeps a result for 30 minutes.
            """)

    @OptionGroup var endpoint: EndpointOptions
    @OptionGroup var output: OutputOptions

    @Flag(help: "Wait for the job's end and print its output.")
    var wait = false

    @Option(help: "How long to wait, as in 10m. Default: as long as the job lives.")
    var timeout: DurationArgument?

    @Argument(help: "An InferenceEndpoint.")
    var name: String?

    @Argument(help: ArgumentHelp("The job's id.", valueName: "id"))
    var id: [String] = []

    func run() async throws {
        try await reportingFailures {
            let (name, words) = try endpoint.words(name, id)
            guard words.count == 1, let id = JobID(words[0]) else {
                throw CommandFailure("give the id of one job, as martlet run prints it")
            }
            let session = try await endpoint.session(name)
            let screen = JobScreen(session, output.format)
            if wait {
                try await screen.follow(JobWait(following: id, patience: timeout?.duration))
            } else {
                try await screen.show(id)
            }
        }
    }
}
