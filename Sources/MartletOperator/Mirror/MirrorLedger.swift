internal import ControllerRuntime
internal import KubernetesModel
internal import MartletDecisions

/// Every row that this process answers for: who claims it, what it should say, what is known of the table. Pure.
///
/// * Of several objects that name one row with one key the oldest writes it, and the others are told: they would undo each
///   other's work for ever.
/// * A row that nobody claims any more is written once more, as withdrawn, and then forgotten; not if another row of the
///   ledger has the same address, as after a change of the key.
/// * A project is asked for a few rows at a time, so that one that hangs can't take all workers, and one that does not answer
///   for one row, at growing distances.
struct MirrorLedger {
    enum Step: Equatable {
        case write(MirrorRow)
        case read
        case wait(Duration)
        case rest
        /// The row is given up: nobody claims it, and it could not be withdrawn in time.
        case giveUp
    }

    private struct Row {
        var record: MirrorRecord
        var claims: [ObjectKey: (claim: TargetClaim, row: MirrorRow)] = [:]
        /// When the last claim went; nil while there is one.
        var withdrawnAt: MonotonicInstant?

        var holder: ObjectKey? { claims.values.reduce(nil, Row.older)?.claim.endpoint }
        var wanted: MirrorRow { claims.values.reduce(nil, Row.older)?.row ?? record.wanted.withdrawn }

        private static func older(
            _ left: (claim: TargetClaim, row: MirrorRow)?, _ right: (claim: TargetClaim, row: MirrorRow)
        ) -> (claim: TargetClaim, row: MirrorRow)? {
            guard let left, left.claim.precedes(right.claim) else { return right }
            return left
        }
    }

    /// What the rows of one URL share.
    private struct Project {
        /// Rows that are on their way.
        var underWay = 0
        /// Rows that wait for one of those.
        var held: Set<MirrorPlace> = []
        /// In a row, of not answering.
        var failures = 0
        /// When the next row may try; nil: the project answers.
        var silentUntil: MonotonicInstant?
        /// Whether one row tries it.
        var isProbed = false
    }

    /// Rows of one project that may be on their way at once.
    static let limitPerProject = 4

    /// How long a withdrawn row is tried: the object is gone, and with it whoever would see a condition.
    static let withdrawalLimit = Duration.seconds(3600)
    /// While one row tries a project that did not answer, the others wait for what it finds.
    private static let probeTime = Duration.seconds(15)
    private static let outagePace = Backoff(first: .seconds(1), limit: .seconds(30))

    private var rows: [MirrorPlace: Row] = [:]
    private var places: [ObjectKey: MirrorPlace] = [:]
    private var projects: [String: Project] = [:]

    /// Says what `claim`'s row at `place` should hold. Gives the rows that have something to do now.
    mutating func want(
        _ row: MirrorRow, at place: MirrorPlace, by claim: TargetClaim, now: MonotonicInstant
    ) -> [MirrorPlace] {
        let object = claim.endpoint
        let before = places[object]
        places[object] = place
        // A row under another key that is still being withdrawn would undo this one.
        let overtaken = rows.filter { $0.key.address == place.address && $0.key != place && $0.value.claims.isEmpty }
        for (place, _) in overtaken { rows[place] = nil }
        let isNew = rows[place] == nil
        rows[place, default: Row(record: MirrorRecord(row, mayBeOvertaken: before != nil || !overtaken.isEmpty))]
            .claims[object] = (claim, row)
        rows[place]?.withdrawnAt = nil
        let isChanged = settle(place)
        var due = isNew || isChanged ? [place] : []
        if let before, before != place { due += release(object, from: before, now: now) }
        return due
    }

    /// `object` has no row any more. Gives the rows that have something to do now.
    mutating func withdraw(_ object: ObjectKey, now: MonotonicInstant) -> [MirrorPlace] {
        guard let place = places.removeValue(forKey: object) else { return [] }
        return release(object, from: place, now: now)
    }

    /// Everything may have been changed by another operator since. Gives every row.
    mutating func forgetConfirmations() -> [MirrorPlace] {
        for place in rows.keys { rows[place]?.record.forget() }
        return Array(rows.keys)
    }

    /// What the object's condition says; nil if it has no row.
    func report(of object: ObjectKey) -> MirrorReport? {
        guard let place = places[object], let row = rows[place] else { return nil }
        return row.holder == object ? row.record.report : .claimed
    }

    /// Whom a change of the row concerns.
    func claimants(of place: MirrorPlace) -> [ObjectKey] { rows[place].map { Array($0.claims.keys) } ?? [] }

    /// What is to be done with the row now.
    mutating func next(_ place: MirrorPlace, at now: MonotonicInstant) -> Step {
        guard let row = rows[place] else { return .rest }
        if let withdrawnAt = row.withdrawnAt {
            if row.record.isSettled {
                rows[place] = nil
                return .rest
            }
            if withdrawnAt.duration(to: now) >= Self.withdrawalLimit {
                rows[place] = nil
                return .giveUp
            }
        }
        switch row.record.step(at: now) {
        case .wait(let pause): return .wait(pause)
        case .write(let content): return hold(place, at: now) ?? .write(content)
        case .read: return hold(place, at: now) ?? .read
        }
    }

    mutating func wrote(
        _ content: MirrorRow, at place: MirrorPlace, _ result: Result<Void, MirrorError>, now: MonotonicInstant,
        using random: inout some RandomNumberGenerator
    ) -> [MirrorPlace] {
        rows[place]?.record.wrote(content, result, at: now, using: &random)
        return heard(from: place, result.map { nil }, now, &random)
    }

    mutating func read(
        _ result: Result<MirrorRow?, MirrorError>, at place: MirrorPlace, now: MonotonicInstant,
        using random: inout some RandomNumberGenerator
    ) -> [MirrorPlace] {
        rows[place]?.record.read(result, at: now, using: &random)
        return heard(from: place, result, now, &random)
    }

    /// Notes what an answer, or none, says of the row's project. Gives the rows that may go on.
    private mutating func heard(
        from place: MirrorPlace, _ result: Result<MirrorRow?, MirrorError>, _ now: MonotonicInstant,
        _ random: inout some RandomNumberGenerator
    ) -> [MirrorPlace] {
        let url = place.address.url
        var project = projects[url] ?? Project()
        project.underWay = max(0, project.underWay - 1)
        var due = Array(project.held)
        project.held = []
        switch result {
        case .failure(.unreachable):
            // Rows that went out together fail together: one failure of the project's.
            guard project.silentUntil == nil || project.isProbed else { break }
            project.isProbed = false
            project.failures += 1
            let pause = Self.outagePace.delay(afterFailures: project.failures, using: &random)
            project.silentUntil = now.advanced(by: pause)
        case .failure(.withheld), .failure(.cancelled): break
        case .success, .failure:
            if project.silentUntil != nil { due = rows.keys.filter { $0.address.url == url && $0 != place } }
            project.failures = 0
            project.silentUntil = nil
            project.isProbed = false
        }
        let isAtRest = project.underWay == 0 && project.silentUntil == nil
        projects[url] = isAtRest ? nil : project
        return due
    }

    /// Nil: the row's project may be asked, and its answer is to be told.
    private mutating func hold(_ place: MirrorPlace, at now: MonotonicInstant) -> Step? {
        var project = projects[place.address.url] ?? Project()
        defer { projects[place.address.url] = project }
        if let end = project.silentUntil, end > now { return .wait(now.duration(to: end)) }
        guard project.underWay < Self.limitPerProject else {
            project.held.insert(place)
            return .rest
        }
        if project.silentUntil != nil {
            project.silentUntil = now.advanced(by: Self.probeTime)
            project.isProbed = true
        }
        project.underWay += 1
        return nil
    }

    /// Tells the record what the oldest claim wants. Whether that is something new.
    private mutating func settle(_ place: MirrorPlace) -> Bool {
        guard let row = rows[place], row.wanted != row.record.wanted else { return false }
        rows[place]?.record.want(row.wanted)
        return true
    }

    private mutating func release(
        _ object: ObjectKey, from place: MirrorPlace, now: MonotonicInstant
    ) -> [MirrorPlace] {
        rows[place]?.claims[object] = nil
        guard rows[place]?.claims.isEmpty == true else { return settle(place) ? [place] : [] }
        guard !rows.contains(where: { $0.key != place && $0.key.address == place.address }) else {
            rows[place] = nil
            return []
        }
        rows[place]?.withdrawnAt = now
        _ = settle(place)
        return [place]
    }
}
