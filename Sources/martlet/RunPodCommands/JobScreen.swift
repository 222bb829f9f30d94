internal import ArgumentParser
internal import KubernetesModel
internal import RunPod
internal import Synchronization
internal import UnixSignals

/// Shows jobs on the terminal: outputs on stdout, everything else on stderr, the end as exit code.
struct JobScreen: Sendable {
    private let session: EndpointSession
    private let format: OutputFormat

    init(_ session: EndpointSession, _ format: OutputFormat) {
        self.session = session
        self.format = format
    }

    /// One look at a job. Exits with the code of "unknown" where RunPod does not know it.
    func show(_ id: JobID) async throws {
        do throws(RunPodError) {
            let job = try await session.account.jobs.status(of: id, on: session.id)
            switch format {
            case .json: Stdout.line(JSONText.pretty(JobText.json(job)))
            case .text:
                Stdout.line(JobText.detail(job))
                if let failure = job.failure { Stdout.line("error    \(JobText.failure(failure))") }
                if let output = job.output { Stdout.line("output\n\(PlainText.safe(JSONText.pretty(output)))") }
            }
        } catch {
            guard error.isNotFound else { throw error }
            let wait = JobWait(following: id, patience: nil)
            Stderr.line(JobText.explanation(.neverAppeared(id), of: wait, name: session.hint) ?? "\(error)")
            throw ExitCode(ExitCodes.unknown)
        }
    }

    /// Follows a job, prints what it gives, and exits with the code of its end unless it is 0.
    func follow(_ wait: JobWait, submitting request: JobRequest? = nil) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        // A job that nobody reads any more must not cost any more either.
        Stdout.outliveReader()
        let (abandoned, abandon) = AsyncStream.makeStream(of: Void.self)
        let line = TerminalLine()
        let paper = ChunkPaper(format, line, onNoReader: { abandon.yield() })
        var onProgress: (@Sendable (JobWait, Duration) -> Void)?
        if let line { onProgress = { line.show(JobProgress.line($0, now: $1)) } }
        let runner = JobRunner(
            jobs: session.account.jobs, control: session.account.control, endpoint: session.id,
            interrupts: { interrupt in
                async let readerLeft: Void = { for await _ in abandoned { interrupt() } }()
                for await _ in signals { interrupt() }
                await readerLeft
            }, onChunks: { paper.print($0) },
            onProgress: onProgress)
        let wait = await runner.follow(wait, submitting: request)
        line?.close()
        try finish(wait, paper)
    }

    private func finish(_ wait: JobWait, _ paper: ChunkPaper) throws {
        guard let end = wait.end else { throw ExitCode(ExitCodes.unknown) }
        paper.end()
        if case .finished(let job) = end { show(ended: job, wait.reading, paper) }
        if wait.lostPages > 0 {
            Stderr.line(
                "Warning: \(wait.lostPages.counted("answer")) with output got lost on the way; parts are missing")
        }
        if let text = JobText.explanation(end, of: wait, name: session.hint) { Stderr.line(text) }
        if end.exitCode != 0 { throw ExitCode(end.exitCode) }
    }

    private func show(ended job: Job, _ reading: JobWait.Reading, _ paper: ChunkPaper) {
        switch (format, reading) {
        case (.json, .status): Stdout.line(JSONText.pretty(JobText.json(job)))
        // The chunks were the output; a job's aggregate of them is not told twice.
        case (_, .chunks) where paper.isUsed: break
        case (.text, .status), (.text, .chunks):
            if let output = job.output { Stdout.line(JSONText.pretty(output)) }
        case (.json, .chunks): if let output = job.output { Stdout.line(JSONText.line(output)) }
        }
    }
}

/// Where the chunks of a job's output are printed, each as it comes.
private final class ChunkPaper: Sendable {
    private struct State {
        var isUsed = false
        var endsLine = true
        var hasReader = true
    }

    private let state = Mutex(State())
    private let format: OutputFormat
    private let line: TerminalLine?
    private let onNoReader: @Sendable () -> Void

    /// `onNoReader` is called once, when the output can't be written any more.
    init(_ format: OutputFormat, _ line: TerminalLine?, onNoReader: @escaping @Sendable () -> Void) {
        self.format = format
        self.line = line
        self.onNoReader = onNoReader
    }

    var isUsed: Bool { state.withLock { $0.isUsed } }

    func print(_ chunks: [JSONValue]) {
        let text = chunks.map { chunk in
            switch format {
            case .json: JSONText.line(chunk) + "\n"
            case .text: ChunkText.text(chunk)
            }
        }.joined()
        state.withLock { state in
            // The output takes the progress line's place on the screen.
            line?.close()
            state.isUsed = true
            if let last = text.last { state.endsLine = last == "\n" }
            guard state.hasReader, !Stdout.write(text) else { return }
            state.hasReader = false
            onNoReader()
        }
    }

    /// Puts the line end behind text that had none.
    func end() {
        state.withLock { state in
            if !state.endsLine { Stdout.write("\n") }
            state.endsLine = true
        }
    }
}
