internal import ArgumentParser
internal import KubernetesModel
internal import RunPod

/// What a job is made of, for the commands that submit one.
struct SubmissionOptions: ParsableArguments {
    @Option(help: "The job's input as JSON.")
    var input: String?

    @Option(help: ArgumentHelp("A file with the job's input as JSON; - for stdin.", valueName: "file"))
    var inputFile: String?

    @Option(help: "How long the job may run, as in 90s or 10m (5s to 7d). Default: the endpoint's.")
    var executionTimeout: DurationArgument?

    @Option(help: "When RunPod drops the job, counted from now, as in 2h (10s to 7d). Default: a day.")
    var ttl: DurationArgument?

    @Flag(help: "Do not let this job make RunPod add a worker.")
    var lowPriority = false

    @Option(help: "Where RunPod posts the job when it has ended.")
    var webhook: String?

    @Flag(help: "Queue the job also while the endpoint is closed; its time to live runs meanwhile.")
    var evenIfClosed = false

    func validate() throws {
        let week = Duration.seconds(7 * 86400)
        if let executionTimeout, !(Duration.seconds(5)...week).contains(executionTimeout.duration) {
            throw ValidationError("--execution-timeout is 5s to 7d")
        }
        if let ttl, !(Duration.seconds(10)...week).contains(ttl.duration) {
            throw ValidationError("--ttl is 10s to 7d")
        }
        if let webhook, !webhook.hasPrefix("https://"), !webhook.hasPrefix("http://") {
            throw ValidationError("--webhook is an http or https URL")
        }
    }

    /// The job, with the words behind NAME as pairs or `-`. Throws what is wrong.
    func request(_ words: [String]) throws(CommandFailure) -> JobRequest {
        let input = try JobInput.read(JobInput.source(text: input, file: inputFile, words: words))
        if let warning = JobInput.warning(input) { Stderr.line("Warning: \(warning)") }
        var policy: JobPolicy?
        if executionTimeout != nil || ttl != nil || lowPriority {
            policy = JobPolicy(
                executionTimeout: executionTimeout?.milliseconds, ttl: ttl?.milliseconds,
                lowPriority: lowPriority ? true : nil)
        }
        return JobRequest(input: input, policy: policy, webhook: webhook)
    }
}
