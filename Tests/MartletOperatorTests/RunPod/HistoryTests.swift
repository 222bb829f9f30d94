import FoundationEssentials
import KubernetesModel
import RunPod
import RunPodSimulator
import Synchronization
import Testing

@testable import MartletAPI
@testable import MartletDecisions
@testable import MartletOperator

#if canImport(Glibc)
    import Glibc
#endif

private func environment(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }

/// `MARTLET_TEST_SEED` replays one history and prints it; `MARTLET_TEST_HISTORIES` says how many are generated.
@Suite("Histories of RunPod endpoints", .timeLimit(.minutes(15)))
struct HistoryTests {
    private static let count = environment("MARTLET_TEST_HISTORIES") ?? 2_000

    @Test(
        "No endpoint is ever duplicated, orphaned or left running, whatever is lost, late, dead or led twice",
        arguments: 0..<4 as Range<UInt64>)
    func generated(_ part: UInt64) async throws {
        if let seed = environment("MARTLET_TEST_SEED") {
            guard part == 0 else { return }
            let history = await play(seed, isTraced: true)
            for line in history.trace.withLock({ $0 }) { print(line) }
            print(history.alive.flatMap { $0.failures.withLock { $0.suffix(3) } })
            #expect(history.problems.withLock { $0 }.isEmpty)
            return
        }
        let first = 1 + part * Self.count / 4
        let last = (part + 1) * Self.count / 4
        print("histories: seeds \(first) to \(last)")
        var failed = 0
        for seed in first...last {
            let history = await play(seed)
            let problems = history.problems.withLock { $0 }
            guard !problems.isEmpty else { continue }
            failed += 1
            Issue.record("MARTLET_TEST_SEED=\(seed): \(problems.joined(separator: "; "))")
            if failed >= 10 { break }
        }
    }

    /// A life of about an hour, and a quiet time after it.
    private func play(_ seed: UInt64, isTraced: Bool = false) async -> History {
        let history = History(seed: seed, isTraced: isTraced)
        let start = JumpTime.start
        let key = ObjectKey(namespace: "dev", name: "image-gen")
        let spec = history.spec()
        history.cluster.create(key, uid: "uid-1", spec, at: start)
        if history.draw({ $0.chance(0.7) }) { history.scheduleAtRandom(key) }
        _ = history.start()
        var uids = 1
        var at = start
        for _ in 0..<history.draw({ $0.int(4...14) }) {
            at += Double(history.draw { $0.pick([0, 1, 3, 10, 40, 130, 400]) })
            await history.live(until: at)
            await history.disturb(key, &uids)
        }
        await history.calm(key)
        return history
    }
}

extension History {
    func spec() -> InferenceEndpointSpec {
        draw { random in
            InferenceEndpointSpec(
                runpod: RunPodSpec(
                    credentialsSecretRef: SecretKeyRef(name: "runpod"), image: "example/worker:1",
                    gpu: RunPodGPUSpec(pools: ["ADA_24", "AMPERE_24"]),
                    workers: RunPodWorkersSpec(min: random.int(0...1), max: random.int(1...3)),
                    whenClosed: random.pick([.disable, .delete]), drainSeconds: random.pick([0, 60, 300]),
                    deletionPolicy: random.chance(0.05) ? .retain : .delete))
        }
    }

    func scheduleAtRandom(_ key: ObjectKey) {
        let list = draw { random in
            var at = JumpTime.start - 100
            var opens = random.chance(0.5)
            return (0..<random.int(1...6)).map { _ in
                defer {
                    at += Double(random.pick([5, 60, 300, 900]))
                    opens.toggle()
                }
                return Edge(at: at, opens: opens)
            }
        }
        schedule(key, list)
    }

    /// One thing goes wrong, or somebody does something.
    func disturb(_ key: ObjectKey, _ uids: inout Int) async {
        switch draw({ $0.int(0...15) }) {
        case 0, 1, 2:
            let (calls, moment) = draw { ($0.int(0...8), $0.pick(Crash.Moment.allCases)) }
            note("the next process to act dies \(moment) call \(calls)")
            alive.last?.crash.arm(after: calls, moment)
            alive.last?.wakeAll()
        case 3:
            note("restart")
            alive.forEach { $0.crash.kill() }
            _ = start()
        case 4:
            guard alive.count == 1, let old = alive.first else { return }
            note("two leaders for fifteen seconds")
            _ = start()
            await live(until: time.now + 15)
            old.lead.lose()
            note("the old leader knows")
        case 5, 6, 7: injectFault()
        case 8:
            note("the object is deleted")
            if let object = cluster[key], case .accepted(let spec) = object.resolution,
                spec.runpod?.deletionPolicy == .retain
            {
                retain(object.metadata.uid ?? "")
            }
            cluster.delete(key, at: time.now)
            alive.forEach { $0.wakeAll() }
            if draw({ $0.chance(0.3) }) {
                note("and its Secret, with the namespace")
                cluster.state.withLock { $0.secrets = $0.secrets.filter { $0.key.namespace == "martlet" } }
                if draw({ $0.chance(0.5) }) {
                    alive.forEach { $0.crash.kill() }
                    _ = start()
                }
            }
        case 9:
            guard cluster[key] == nil else { return }
            uids += 1
            note("the object is made anew, uid-\(uids)")
            cluster.create(key, uid: "uid-\(uids)", spec(), at: time.now)
            cluster.state.withLock { $0.secrets[Self.secret] = ["apiKey": "key-a"] }
            alive.forEach { $0.wakeAll() }
        case 10:
            let value = draw { $0.pick(["key-b", "key-z", "nonsense", nil, "key-a"]) }
            note("the Secret holds \(value ?? "nothing")")
            cluster.state.withLock { $0.secrets[Self.secret] = value.map { ["apiKey": $0] } }
            alive.forEach { $0.wakeAll() }
        case 11:
            note("the fallback Secret is there")
            cluster.state.withLock {
                $0.secrets[ObjectKey(namespace: "martlet", name: "fallback")] = ["apiKey": "key-b"]
            }
        case 12:
            note("the spec is edited")
            cluster.edit(key) { spec in
                spec.runpod?.workers = draw { RunPodWorkersSpec(min: $0.int(0...1), max: $0.int(1...3)) }
                if draw({ $0.chance(0.3) }) {
                    spec.runpod?.image = draw { $0.pick(["example/worker:2", "example/worker:1"]) }
                }
            }
            alive.forEach { $0.wakeAll() }
        case 13:
            note("jobs are sent to the recorded endpoint")
            guard let id = cluster[key]?.record.endpointID else { return }
            for _ in 0..<3 {
                _ = runpod.withWorld { world in
                    world.handle(
                        SimulatedRequest(
                            .jobs, "POST", "/v2/\(id)/run", authorization: "Bearer key-a",
                            body: Array(#"{"input":{"a":1}}"#.utf8)),
                        at: world.now)
                }
            }
        case 14:
            note("the schedule changes")
            scheduleAtRandom(key)
            alive.forEach { $0.wakeAll() }
        default: alive.forEach { $0.wakeAll() }
        }
    }

    private func injectFault() {
        let fault = draw { random in
            let match = random.pick(
                [RunPodWorld.Match.create, .create, .update, .delete, .list, .read, .jobs, .control])
            let commit: RunPodWorld.Commit = random.pick([
                .now, .never, .after(.seconds(random.int(1...60))), .after(.seconds(random.int(100...300))), .nonSparse,
            ])
            let answer: RunPodWorld.Answer = random.pick([
                .lost(.reset), .lost(.silence), .refused, .problem(status: 500, detail: "oops"),
                .problem(status: 504, detail: "late"), .problem(status: 429, detail: "slow down", retryAfter: 20),
                .problem(
                    status: 400,
                    detail: "There are no longer any instances available with the requested specifications."),
                .problem(status: 401, detail: "who are you"), .garbled(.html), .garbled(.truncated), .garbled(.empty),
            ])
            // A refusal that took effect all the same is no RunPod of this world.
            var honest = commit
            if case .problem(let status, _, _, _) = answer, status < 500 { honest = .never }
            if case .refused = answer { honest = .never }
            if match.operation != .createEndpoint, case .after = honest { honest = .after(.seconds(10)) }
            if case .nonSparse = honest, match.operation != .updateEndpoint { honest = .now }
            return RunPodWorld.Fault(
                match, commit: honest, answer: answer, skip: random.int(0...2), times: random.pick([1, 1, 2, 5, 20]))
        }
        note(
            "fault: \(fault.match.operation.map(\.rawValue) ?? "any") commits \(fault.commit), answers \(fault.answer), \(fault.times ?? 0) times"
        )
        runpod.withWorld { _ = $0.inject(fault) }
    }

    /// Everything works again, and has time to come to rest.
    func calm(_ key: ObjectKey) async {
        note("calm")
        runpod.withWorld { $0.removeAllFaults() }
        if cluster[key]?.metadata.isBeingDeleted == false || draw({ $0.chance(0.5) }) {
            // A key of the account that the object was last seen in.
            let isElsewhere = cluster[key]?.record.keyFingerprint == RunPodKey("key-z")?.fingerprint.rawValue
            cluster.state.withLock { $0.secrets[Self.secret] = ["apiKey": isElsewhere ? "key-z" : "key-a"] }
        }
        for process in alive.dropLast() { process.crash.kill() }
        elect()
        alive.forEach { $0.wakeAll() }
        await live(until: time.now + 1500)
        if !unsettled().isEmpty {
            note("not at rest yet: \(unsettled()) \(leftOver())")
            await live(until: time.now + 7200)
        }
        if !leftOver().isEmpty {
            // What came to light after its object was gone is the sweep's.
            note("sweep")
            let sweep = start()
            await live(until: time.now + 60)
            await sweep.sweep.sweep()
            await live(until: time.now + 3700)
            await sweep.sweep.sweep()
        }
        (unsettled() + leftOver()).forEach(blame)
    }
}
