internal import ControllerRuntime
internal import FoundationEssentials
internal import MartletDecisions
internal import RunPod
internal import Synchronization

/// One API key: its two clients, its latest complete list, and what is wrong with it. A key is taken for an account:
/// two keys of one account cost a second list a minute and nothing else.
final class RunPodAccount: Sendable {
    /// A complete list, indexed: hundreds of objects ask it each minute.
    final class Listing: Sendable {
        /// When the call began.
        let began: Date
        let endpoints: [RunPodEndpoint]
        private let byID: [String: Int]
        private let byName: [String: [Int]]

        init(began: Date, endpoints: [RunPodEndpoint]) {
            self.began = began
            self.endpoints = endpoints
            byID = Dictionary(
                endpoints.indices.map { (endpoints[$0].id.rawValue, $0) }, uniquingKeysWith: { first, _ in first })
            byName = Dictionary(grouping: endpoints.indices) { OwnedName.normalised(endpoints[$0].name ?? "") }
        }

        /// The endpoint of that id.
        subscript(id: String) -> RunPodEndpoint? { byID[id].map { endpoints[$0] } }

        /// The endpoints of that name, and of these ids.
        func endpoints(named name: String, or ids: [String]) -> [RunPodEndpoint] {
            let indices = Set((byName[name] ?? []) + ids.compactMap { byID[$0] })
            return indices.sorted().map { endpoints[$0] }
        }
    }

    private struct State {
        var listing: Listing?
        var problem: CallProblem?
        var failures = 0
        var notBefore: Date = .distantPast
        var isUnderWay = false
        var waiters: [CheckedContinuation<Flight, Never>] = []
        var healthFailures = 0
        var healthNotBefore: Date = .distantPast
    }

    /// How the list that others wait for ended.
    private enum Flight: Sendable {
        case over
        /// Its turn did not come.
        case expired
    }

    /// The job plane is left alone after so many failures in a row, for so many seconds: other endpoints of the key would
    /// only wait for the same silence (F26).
    private static let healthFailures = 3
    private static let healthPause = 30.0

    let fingerprint: KeyFingerprint
    let control: any ControlPlane
    let jobs: any JobPlane
    private let time: any TimeSource
    private let state = Mutex(State())

    init(fingerprint: KeyFingerprint, control: any ControlPlane, jobs: any JobPlane, time: any TimeSource) {
        self.fingerprint = fingerprint
        self.control = control
        self.jobs = jobs
        self.time = time
    }

    /// The latest complete list; what failed since is in `problem`.
    var listing: Listing? { state.withLock { $0.listing } }
    /// What went wrong with the last try; nil once one succeeded.
    var problem: CallProblem? { state.withLock { $0.problem } }
    /// Before this time nothing more is asked after a failure.
    var notBefore: Date { state.withLock { $0.notBefore } }

    /// Sees to it that there is a complete list that began after `limit`, unless RunPod does not give one, or no turn for
    /// it comes within `patience` (nil: as long as it takes). However many ask at once, one call serves them.
    func list(after limit: Date, as priority: CallPriority, within patience: Duration? = nil) async {
        while true {
            enum Turn { case fresh, mine, wait }
            let now = time.now
            let turn: Turn = state.withLock { state in
                if let listing = state.listing, listing.began > limit { return .fresh }
                if state.isUnderWay { return .wait }
                if now < state.notBefore { return .fresh }
                state.isUnderWay = true
                return .mine
            }
            switch turn {
            case .fresh: return
            case .wait: if await flight() == .expired, patience != nil { return }
            case .mine: return await readList(as: priority, within: patience)
            }
        }
    }

    /// Waits for the list that is under way; it may have begun too early for the one who waits.
    private func flight() async -> Flight {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard state.isUnderWay else { return true }
                state.waiters.append(continuation)
                return false
            }
            if isOver { continuation.resume(returning: .over) }
        }
    }

    private func readList(as priority: CallPriority, within patience: Duration?) async {
        let began = time.now
        let result: Result<[RunPodEndpoint], RunPodError>
        do throws(RunPodError) {
            result = .success(try await control.asking(as: priority, turnWithin: patience).listEndpoints())
        } catch {
            result = .failure(error)
        }
        let now = time.now
        let (waiters, flight) = state.withLock { state in
            var flight = Flight.over
            state.isUnderWay = false
            switch result {
            case .success(let endpoints):
                state.listing = Listing(began: began, endpoints: endpoints)
                state.problem = nil
                state.failures = 0
            case .failure(let error) where error.isCancelled: break
            case .failure(let error) where error.isExpired: flight = .expired
            case .failure(let error):
                let problem = CallProblem(error)
                state.problem = problem
                state.failures += 1
                let wait = min(
                    EndpointTiming.longestRetry,
                    EndpointTiming.firstRetry * Double(1 << min(state.failures - 1, 10)))
                state.notBefore = now.addingTimeInterval(max(wait, problem.retryAfterSeconds ?? 0))
            }
            defer { state.waiters = [] }
            return (state.waiters, flight)
        }
        for waiter in waiters { waiter.resume(returning: flight) }
    }

    /// Counts of one endpoint. Fails at once while the job plane has been silent.
    func health(of id: EndpointID) async -> StepOutcome {
        let began = time.now
        guard state.withLock({ began >= $0.healthNotBefore }) else {
            return .failed(CallProblem(.unreachable, "The job plane does not answer."))
        }
        do throws(RunPodError) {
            let health = try await jobs.health(of: id)
            state.withLock { $0.healthFailures = 0 }
            return .health(HealthReading(health, at: began))
        } catch {
            // An endpoint that the job plane does not know yet says nothing about the others.
            if error.isRetryable, !error.isCancelled {
                let now = time.now
                state.withLock { state in
                    state.healthFailures += 1
                    guard state.healthFailures >= Self.healthFailures else { return }
                    state.healthNotBefore = now.addingTimeInterval(Self.healthPause)
                }
            }
            return StepOutcome(error)
        }
    }
}
