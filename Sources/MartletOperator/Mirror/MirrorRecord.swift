internal import ControllerRuntime

/// What is known of one row, and what is to be done about it next. Pure: time and chance are passed in.
///
/// * A row is written when what is wanted differs from what was last confirmed, and at no other time; a process that knows
///   nothing writes it once.
/// * A confirmed row is read back now and then: whoever changes or deletes it by hand, or restores the database, sees it put
///   right.
struct MirrorRecord {
    /// What is to be done now.
    enum Step: Equatable {
        case write(MirrorRow)
        case read
        case wait(Duration)
    }

    private enum Standing {
        /// Nothing is known of the table.
        case unwritten
        /// The table said so, and is asked again at `checkAt`.
        case confirmed(MirrorRow, checkAt: MonotonicInstant)
        /// The last write, or the last look, failed `failures` times in a row.
        case failed(MirrorError, failures: Int, again: MonotonicInstant)
    }

    /// Between two looks at a row that nobody was told of. A hand that changes it is rare, an unseen change lasts long.
    static let checkInterval = Duration.seconds(900)
    /// A write whose answer was lost may arrive behind the next one; no server keeps one so long.
    static let lateWriteLimit = Duration.seconds(60)
    private static let passing = Backoff(first: .seconds(1), limit: .seconds(60))
    /// Only a person can mend it, who then waits for it to be seen.
    private static let standingFault = Backoff(first: .seconds(15), limit: .seconds(300))

    private(set) var wanted: MirrorRow
    private var standing = Standing.unwritten
    /// Whether an earlier write may still take effect.
    private var mayBeOvertaken: Bool
    /// The last finding that is worth telling; a first failure that may pass is not.
    private(set) var report = MirrorReport.notYet

    init(_ wanted: MirrorRow, mayBeOvertaken: Bool = false) {
        self.wanted = wanted
        self.mayBeOvertaken = mayBeOvertaken
    }

    /// Whether the table is known to say what is wanted.
    var isSettled: Bool {
        switch standing {
        case .confirmed(let row, checkAt: _): row == wanted
        case .unwritten, .failed: false
        }
    }

    /// A row that failed is tried with its new content at once.
    mutating func want(_ row: MirrorRow) {
        guard row != wanted else { return }
        wanted = row
        switch standing {
        case .failed: standing = .unwritten
        case .unwritten, .confirmed: break
        }
    }

    /// What was confirmed may have been changed by another operator since.
    mutating func forget() { standing = .unwritten }

    func step(at now: MonotonicInstant) -> Step {
        switch standing {
        case .unwritten: return .write(wanted)
        case .confirmed(let row, checkAt: _) where row != wanted: return .write(wanted)
        case .confirmed(_, checkAt: let time): return time <= now ? .read : .wait(now.duration(to: time))
        case .failed(_, failures: _, let again): return again <= now ? .write(wanted) : .wait(now.duration(to: again))
        }
    }

    mutating func wrote(
        _ row: MirrorRow, _ result: Result<Void, MirrorError>, at now: MonotonicInstant,
        using random: inout some RandomNumberGenerator
    ) {
        switch result {
        case .success:
            let pause = mayBeOvertaken ? Self.lateWriteLimit : Self.spread(Self.checkInterval, using: &random)
            mayBeOvertaken = false
            standing = .confirmed(row, checkAt: now.advanced(by: pause))
            report = .mirrored
        case .failure(let error):
            if error.leavesOutcomeOpen { mayBeOvertaken = true }
            // Wanted anew meanwhile: the failure is the old row's, its pace still counts.
            fail(error, at: now, using: &random)
        }
    }

    mutating func read(
        _ result: Result<MirrorRow?, MirrorError>, at now: MonotonicInstant,
        using random: inout some RandomNumberGenerator
    ) {
        guard case .confirmed(let row, checkAt: _) = standing else { return }
        let next = now.advanced(by: Self.spread(Self.checkInterval, using: &random))
        switch result {
        case .success(let found): standing = found == row ? .confirmed(row, checkAt: next) : .unwritten
        case .failure(let error) where error.mayPassSoon: standing = .confirmed(row, checkAt: next)
        // The next change would fail the same way: better said before it is needed.
        case .failure(let error): fail(error, at: now, using: &random)
        }
    }

    private mutating func fail(
        _ error: MirrorError, at now: MonotonicInstant, using random: inout some RandomNumberGenerator
    ) {
        var failures = 1
        if case .failed(_, let before, again: _) = standing { failures = before + 1 }
        var pause: Duration
        switch error {
        // No failure of the row's: whoever leads next writes it.
        case .withheld, .cancelled:
            failures = 0
            pause = Self.passing.first
        // Paced for all rows of the project together.
        case .unreachable: pause = .zero
        case .rateLimited(let asked):
            pause = Self.passing.delay(afterFailures: failures, using: &random)
            if let asked { pause = max(pause, min(asked, Self.standingFault.limit)) }
        case _ where error.mayPassSoon: pause = Self.passing.delay(afterFailures: failures, using: &random)
        default: pause = Self.standingFault.delay(afterFailures: failures, using: &random)
        }
        standing = .failed(error, failures: failures, again: now.advanced(by: pause))
        if failures > 1 || !error.mayPassSoon { report = MirrorReport(error) }
    }

    /// Rows that were written together are not read together for ever.
    private static func spread(_ time: Duration, using random: inout some RandomNumberGenerator) -> Duration {
        time * Double.random(in: 0.9...1.1, using: &random)
    }
}
