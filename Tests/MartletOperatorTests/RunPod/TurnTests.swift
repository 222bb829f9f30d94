import ControllerRuntime
import FoundationEssentials
import RunPod
import RunPodSimulator
import Testing

@testable import MartletAPI
@testable import MartletDecisions
@testable import MartletOperator

@Suite("Turns under a key's rate limit") struct TurnTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test("A create waits no longer than its intent is young")
    func create() {
        func patience(_ age: Double) -> Duration {
            let intent = RecordedIntent(name: "n", time: Self.now - age)
            return TurnPatience.ofCreate(under: intent, at: Self.now)
        }
        #expect(patience(0) == .seconds(EndpointTiming.intentLifetime))
        #expect(patience(15) == .seconds(5))
        #expect(patience(40) == .zero)
        #expect(TurnPatience.ofCreate(under: nil, at: Self.now) == .zero)
    }

    @Test("A closing waits as long as it takes; what opens or corrects, until the next edge")
    func update() {
        func patience(_ urgency: CallUrgency, _ left: Double?) -> Duration? {
            TurnPatience.ofUpdate(urgency, until: left.map { Self.now + $0 }, at: Self.now)
        }
        #expect(patience(.closing, 3) == nil && patience(.closing, nil) == nil)
        #expect(patience(.opening, 3) == .seconds(3) && patience(.correction, 90) == .seconds(90))
        #expect(patience(.opening, nil) == nil && patience(.opening, -3) == nil)
        #expect(patience(.cleanup, 3) == .seconds(3))
        #expect(patience(.cleanup, 300) == .seconds(EndpointTiming.healthBusy))
        #expect(patience(.cleanup, nil) == .seconds(EndpointTiming.healthBusy))
    }

    @Test("An edge is carried out by an accepted change or a made endpoint, and by nothing else")
    func edge() {
        let change = EndpointStep.update(
            id: "e", EndpointChange(workers: .init(.disabled, idleTimeoutSeconds: nil)), .closing)
        let create = EndpointStep.create(
            EndpointDraft(name: "n", workers: .init(.disabled, idleTimeoutSeconds: nil), pools: []))
        #expect(change.carriesOutEdge(.done) && create.carriesOutEdge(.created(id: "e")))
        for outcome in [StepOutcome.expired, .refused(.noTurn), .doubtful(.noTurn), .failed(.noTurn), .conflict] {
            #expect(!change.carriesOutEdge(outcome) && !create.carriesOutEdge(outcome))
        }
        #expect(!EndpointStep.readHealth(id: "e").carriesOutEdge(.done) && !EndpointStep.mark.carriesOutEdge(.done))
    }

    /// An account whose minute is used up but for `left` calls, in time that passes where somebody waits.
    private func account(left: Int, _ time: JumpTime) async throws -> RunPodAccount {
        var settings = RunPodWorld.Settings()
        settings.rateQuotas = [RateQuota("minute", requests: left + 1, span: .seconds(60))]
        var world = RunPodWorld(seed: 1, at: SimulatedInstant(JumpTime.start), settings: settings)
        world.addAccount("acct", key: "key-a")
        let transport = SimulatedRunPod(world, time: time.simulated)
        let account = RunPodAccounts(on: transport, time: time)[try #require(RunPodKey("key-a"))]
        await account.list(after: .distantPast, as: .closing)
        return account
    }

    @Test("A list whose turn does not come in time is given up without a word, and comes when there is room")
    func list() async throws {
        let time = JumpTime()
        let account = try await account(left: 0, time)
        let first = try #require(account.listing)
        time.pass(.seconds(1))
        await account.list(after: time.now, as: .observation, within: TurnPatience.ofList)
        #expect(account.listing === first && account.problem == nil)
        #expect(time.now.timeIntervalSince(JumpTime.start) < 10)
        time.pass(.seconds(60))
        await account.list(after: time.now - 0.001, as: .observation, within: TurnPatience.ofList)
        #expect(account.listing !== first)
    }
}
