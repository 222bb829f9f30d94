internal import Glibc
internal import Synchronization

/// The processes of the laboratory: started, signalled, reaped, and none left when the laboratory ends.
///
/// Reaping looks at each process every 50 ms while there is one, and sleeps while there is none: the program's other
/// children are left alone, which a wait for any child or a SIGCHLD handler would not do.
final class ProcessTable: Sendable {
    private struct Entry {
        var process: ProcessID
        var onExit: @Sendable (ProcessExit) -> Void
    }
    private enum Contents {
        case open([String: Entry])
        /// The laboratory is ending: nothing may be started any more.
        case closed
    }
    private let contents = Mutex(Contents.open([:]))
    private let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation
    private let journal: ProcessJournal

    init(journal: ProcessJournal) {
        self.journal = journal
        (arrivals, arrived) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Starts a process under a name that no running one has. `onExit` is called once, after the reaping; never for a
    /// process that the end of the laboratory killed.
    func start(
        _ name: String, _ spec: ProcessSpec, onExit: @escaping @Sendable (ProcessExit) -> Void
    ) throws(ProcessError) {
        try contents.withLock { contents throws(ProcessError) in
            guard case .open(var entries) = contents, entries[name] == nil else {
                throw .spawnFailed(executable: spec.executable, errno: EBUSY)
            }
            contents = .closed
            defer { contents = .open(entries) }
            let process = try ProcessID.spawn(spec)
            journal.add(process)
            entries[name] = Entry(process: process, onExit: onExit)
        }
        arrived.yield()
    }

    /// SIGTERM to the process itself, not to its children. Nothing happens if it has ended.
    func terminate(_ name: String) { with(name) { $0.signalLeader(SIGTERM) } }

    /// SIGKILL to the process and all its children that stayed in its group.
    func kill(_ name: String) { with(name) { $0.killGroup() } }

    /// Reaps until cancelled; then ends every process, at most `grace` after SIGTERM by SIGKILL.
    func run(grace: Duration) async {
        for await _ in arrivals {
            while reap() { try? await Task.sleep(for: Self.reapInterval) }
            if Task.isCancelled { break }
        }
        end(grace: grace)
    }

    /// Reaps what has ended; true if processes are left and the caller was not cancelled.
    private func reap() -> Bool {
        var exits: [(Entry, ProcessExit)] = []
        let areLeft = contents.withLock { contents in
            guard case .open(var entries) = contents else { return false }
            contents = .closed
            for (name, entry) in entries {
                guard let exit = entry.process.reapIfEnded() else { continue }
                entries[name] = nil
                journal.remove(entry.process)
                exits.append((entry, exit))
            }
            contents = .open(entries)
            return !entries.isEmpty
        }
        for (entry, exit) in exits { entry.onExit(exit) }
        return areLeft && !Task.isCancelled
    }

    /// Blocks its thread, for `grace` at most: cancellation has ended all sleeping, and the program is about to exit.
    private func end(grace: Duration) {
        let left = contents.withLock { contents in
            defer { contents = .closed }
            if case .open(let entries) = contents { return entries.values.map(\.process) }
            return []
        }
        for process in left { process.signalLeader(SIGTERM) }
        var remaining = Set(left)
        let deadline = ContinuousClock.now + grace
        while !remaining.isEmpty {
            if ContinuousClock.now >= deadline { remaining.forEach { $0.killGroup() } }
            for process in remaining where process.reapIfEnded() != nil {
                remaining.remove(process)
                journal.remove(process)
            }
            usleep(20_000)
        }
    }

    private func with(_ name: String, _ body: (ProcessID) -> Void) {
        contents.withLock { contents in
            if case .open(let entries) = contents, let entry = entries[name] { body(entry.process) }
        }
    }

    /// Short against any figure that is measured in seconds, long against the cost of a look (a microsecond a process).
    private static let reapInterval = Duration.milliseconds(50)
}
