internal import ArgumentParser
internal import HTTPTransport
internal import RunPod

/// Both planes of RunPod with one key.
struct RunPodConnection: Sendable {
    let control: RunPodControl
    let jobs: RunPodJobs

    /// One user at a keyboard sends no more at once; the job plane allows hundreds.
    private static let jobCalls = 32

    init(key: RunPodKey, hosts: RunPodHosts) {
        let transport = CurlTransport(.init(userAgent: "martlet"))
        control = RunPodControl(key: key, hosts: hosts, transport: transport, queue: CallQueue())
        jobs = RunPodJobs(
            key: key, hosts: hosts, transport: transport,
            queue: CallQueue(limits: .init(probes: Self.jobCalls, inFlight: Self.jobCalls)))
    }
}

/// Where RunPod is, as the operator's flags of the same names have it.
struct RunPodHostOptions: ParsableArguments {
    @Option(help: "Base URL of RunPod's control plane (REST v2). Also MARTLET_RUNPOD_API_URL.")
    var runpodApiUrl: String = EnvironmentTwin.text("runpod-api-url") ?? RunPodHosts.runPod.controlURL

    @Option(help: "Base URL of RunPod's job plane. Also MARTLET_RUNPOD_JOBS_URL.")
    var runpodJobsUrl: String = EnvironmentTwin.text("runpod-jobs-url") ?? RunPodHosts.runPod.jobsURL

    func validate() throws {
        do throws(CommandFailure) { _ = try hosts() } catch { throw ValidationError(error.description) }
    }

    /// Throws what is wrong with a URL, without repeating it.
    func hosts() throws(CommandFailure) -> RunPodHosts {
        do throws(RunPodHostsError) {
            return try RunPodHosts(controlURL: runpodApiUrl, jobsURL: runpodJobsUrl)
        } catch {
            throw CommandFailure("--runpod-api-url or --runpod-jobs-url: \(error)")
        }
    }
}

/// How a command prints what it found.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, json
}

/// kubectl's `-o`.
struct OutputOptions: ParsableArguments {
    @Option(name: [.customShort("o"), .customLong("output")], help: "text or json.")
    var format: OutputFormat = .text
}
