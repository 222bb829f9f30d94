import FoundationEssentials
import KubernetesModel
import RunPodSimulator
import Synchronization
import Testing

@testable import MartletAPI
@testable import MartletDecisions
@testable import MartletOperator

#if canImport(Glibc)
    import Glibc
#endif

/// Fifty endpoints on fifty schedules in five time zones, and RunPod's bill against a calculation of its own.
///
/// `MARTLET_TEST_YEAR_DAYS` says how many days are lived: 366 are a whole year from January on, fewer begin on 8 March 2027, before
/// the clocks of New York, London and Lord Howe change within four weeks. At rest an endpoint is looked at every six hours
/// instead of every minute: nothing happens to it then.
@Suite("A year of RunPod endpoints", .timeLimit(.minutes(60)))
struct YearTests {
    private static let spring = Date(timeIntervalSince1970: 1_804_464_000)
    private static let days = getenv("MARTLET_TEST_YEAR_DAYS").flatMap { Int(String(cString: $0)) } ?? 28
    /// Until a container starts, which is what the bill begins with.
    private static let pull = 8.0
    private static let idleTimeout = 5.0
    /// Jobs of each worker that are in flight at a close: since when, and for how long.
    private static let lead = 60.0
    private static let execution = 180.0

    @Test("RunPod's bill is windows, pre-warm, drains and idle timeouts, to a thousandth")
    func bill() async throws {
        let year = Year(from: Self.days < 366 ? Self.spring : JumpTime.start)
        let begin = year.time.now
        let end = begin + Double(Self.days) * 86_400
        for plan in YearPlan.all {
            year.add(plan, sending: plan.isBusy ? (Self.lead, Self.execution) : nil, until: end)
        }
        await year.live(until: end)

        var (billed, computed) = (0, 0.0)
        for plan in YearPlan.all {
            let openings = plan.openings(from: begin, to: end)
            var expected = 0.0
            for opening in openings {
                expected += max(0, opening.upperBound.timeIntervalSince(opening.lowerBound) - Self.pull)
                // The last window may not be over.
                guard plan.isBusy, opening.upperBound < end else { continue }
                expected += min(
                    Self.execution - Self.lead + Self.idleTimeout, end.timeIntervalSince(opening.upperBound))
            }
            expected *= Double(plan.workers * plan.gpus)
            let owner = "cluster/dev/\(plan.uid)"
            let (seconds, doubled, created) = year.runpod.withWorld { world in
                let entries = world.ledger.entries(of: .owner(owner))
                return (
                    world.ledger.gpuSeconds(of: .owner(owner), until: world.now),
                    world.ledger.doubledTime(of: owner, until: world.now), Set(entries.map(\.endpoint)).count
                )
            }
            let share = expected == 0 ? 0 : (Double(seconds) - expected) / expected
            #expect(
                abs(Double(seconds) - expected) <= expected / 1000,
                "\(plan.kind.name) in \(plan.zone): billed \(seconds), computed \(Int(expected)), \(share * 100) %")
            #expect(doubled == .zero)
            #expect(
                created == (plan.deletes ? openings.count : min(1, openings.count)), "\(plan.kind.name) in \(plan.zone)"
            )
            billed += seconds
            computed += expected
        }
        print(
            "\(Self.days) days of \(YearPlan.all.count) endpoints: \(billed / 3600) GPU-hours billed, \(Int(computed) / 3600) computed,",
            "\((Double(billed) - computed) / computed * 100) % apart; \(year.jobs) jobs, lost: \(year.lost)")
        #expect(year.lost == 0)
        #expect(year.process.failures.withLock { $0 } == [])
    }
}

/// The operator's driver and a RunPod of five accounts, in time that jumps from one thing to the next.
private final class Year: Sendable {
    private struct Sending: Sendable {
        var plan: YearPlan
        var at: Date
        var seconds: Double
    }
    private struct Sent: Sendable {
        var endpoint: RunPodWorld.EndpointID
        var before: Int
    }
    static let rest = 6 * 3600.0

    let time = JumpTime()
    let cluster = HistoryCluster()
    let runpod: SimulatedRunPod
    let process: HistoryProcess
    private let rules: Rules
    private let sendings = Mutex<[Sending]>([])
    private let sent = Mutex(0)
    private let completed = Mutex<[RunPodWorld.EndpointID: Int]>([:])

    /// What each schedule allows, until its next edge.
    final class Rules: Sendable {
        private let schedules = Mutex<[ObjectKey: CapacityRules]>([:])
        private let known = Mutex<[ObjectKey: Capacity]>([:])
        private let zones = ZoneDirectory()

        func add(_ plan: YearPlan) {
            let read = ReadSchedule(plan.schedule, zones: zones)
            precondition(read.problems.isEmpty && read.zoneProblem == nil, "\(read)")
            let rules = CapacityRules(
                schedules: [read.governing], override: nil, spec: EndpointBounds(runpod: plan.workers...plan.workers))
            schedules.withLock { $0[plan.key] = rules }
        }

        func capacity(of key: ObjectKey, at now: Date) -> Capacity {
            if let known = known.withLock({ $0[key] }), let next = known.nextTransition, now < next { return known }
            let capacity = schedules.withLock { $0[key] }?.capacity(at: now) ?? .ungoverned
            known.withLock { $0[key] = capacity }
            return capacity
        }
    }

    init(from begin: Date) {
        time.move(to: begin)
        var settings = RunPodWorld.Settings()
        settings.rateQuotas = []
        settings.workerQuota = 1000
        var world = RunPodWorld(seed: 1, at: SimulatedInstant(begin), settings: settings)
        for account in 0..<5 {
            world.addAccount(RunPodWorld.AccountID("acct-\(account)"), key: "key-\(account)")
            cluster.state.withLock {
                $0.secrets[ObjectKey(namespace: "dev", name: "runpod-\(account)")] = ["apiKey": "key-\(account)"]
            }
        }
        runpod = SimulatedRunPod(world, time: time.simulated)
        let rules = Rules()
        self.rules = rules
        process = HistoryProcess(
            cluster, isTraced: false, runpod: runpod, time: time, fallback: nil,
            capacity: { endpoint, _, now in rules.capacity(of: endpoint.key, at: now) }, check: { _ in })
        process.lead.take(1)
    }

    func add(_ plan: YearPlan, sending: (lead: Double, seconds: Double)?, until end: Date) {
        rules.add(plan)
        cluster.create(plan.key, uid: plan.uid, plan.spec, at: time.now)
        guard let sending else { return }
        let list = plan.openings(from: time.now, to: end).filter { $0.upperBound < end }
            .map { Sending(plan: plan, at: $0.upperBound - sending.lead, seconds: sending.seconds) }
        sendings.withLock { $0 = ($0 + list).sorted { $0.at > $1.at } }
    }

    var jobs: Int { sent.withLock { $0 } }
    /// Jobs that were sent and never done.
    var lost: Int { jobs - completed.withLock { $0.values.reduce(0, +) } }

    func live(until end: Date) async {
        process.wakeAll()
        while let next = process.next {
            if let sending = sendings.withLock({ $0.last }), sending.at < min(next.at, end) {
                time.move(to: sending.at)
                send(sending)
                continue
            }
            guard next.at <= end else { break }
            time.move(to: next.at)
            process.objects.sync()
            await process.work(on: next.key)
            rest(next.key)
            runpod.withWorld { world in
                world.forgetCalls()
                completed.withLock { completed in
                    for endpoint in world.endpoints where endpoint.counters.completed > 0 {
                        completed[endpoint.id] = endpoint.counters.completed
                    }
                }
            }
        }
        time.move(to: end)
        // Simulated time is the world's own only once it is asked something.
        runpod.withWorld { _ = $0.endpoints }
    }

    /// At rest nothing happens until the next edge.
    private func rest(_ key: ObjectKey) {
        let now = time.now
        let next = rules.capacity(of: key, at: now).nextTransition ?? .distantFuture
        let reason = process.words.findings.withLock { $0[key]?.reason }
        guard reason == .ready || reason == .closed else { return }
        process.due.withLock { due in
            guard let at = due[key] else { return }
            due[key] = max(at, min(next, now + Self.rest))
        }
    }

    private func send(_ sending: Sending) {
        sendings.withLock { _ = $0.removeLast() }
        guard let id = cluster[sending.plan.key]?.record.endpointID else { return }
        let account = sending.plan.number % 5
        let body = #"{"input":{"lab":{"seconds":\#(Int(sending.seconds))}}}"#
        runpod.withWorld { world in
            for _ in 0..<sending.plan.workers {
                _ = world.handle(
                    SimulatedRequest(
                        .jobs, "POST", "/v2/\(id)/run", authorization: "Bearer key-\(account)", body: Array(body.utf8)),
                    at: SimulatedInstant(time.now))
            }
        }
        sent.withLock { $0 += sending.plan.workers }
    }
}
