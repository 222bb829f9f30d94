import Testing

@testable import Kubernetes

@Suite struct ExecCredentialStateTests {
    private typealias State = ExecCredentialState<String>
    private typealias Result = Swift.Result<(credential: ExecCredential, life: Duration?), KubernetesError.Cause>

    private func gives(_ token: String, life: Duration? = nil) -> Result {
        .success((ExecCredential(token: token), life))
    }

    /// What an asker gets: a token, `run`, `wait` or the error.
    private func ask(_ state: inout State, _ id: Int, at now: Duration) -> String {
        switch state.asked(id, "w\(id)", now: now) {
        case .present(let presented): presented.authorization ?? "none"
        case .fail(let cause): "\(cause)"
        case .wait: "wait"
        case .run: "run"
        }
    }

    private func refuse(_ state: inout State, _ presented: PresentedCredential, at seconds: Int) -> Bool {
        state.refused(presented, now: .seconds(seconds))
    }

    @Test("Who comes while the plugin runs waits for the same run, and who left gets nothing")
    func oneRun() {
        var state = State()
        #expect(ask(&state, 1, at: .zero) == "run")
        #expect(ask(&state, 2, at: .zero) == "wait")
        #expect(ask(&state, 3, at: .zero) == "wait")
        let (first, second) = (state.left(2), state.left(2))
        #expect(first == "w2")
        #expect(second == nil)
        let (waiters, result) = state.ended(gives("a"), now: .seconds(1))
        #expect(waiters.sorted() == ["w1", "w3"])
        #expect((try? result.get())?.authorization == "Bearer a")
        #expect(ask(&state, 4, at: .seconds(100_000)) == "Bearer a")
    }

    @Test(
        "A credential is renewed shortly before it expires",
        arguments: [(Duration.seconds(900), Duration.seconds(840)), (.seconds(30), .seconds(27)), (.zero, .seconds(5))])
    func renewal(life: Duration, renewed: Duration) {
        var state = State()
        _ = ask(&state, 1, at: .zero)
        _ = state.ended(gives("a", life: life), now: .zero)
        #expect(ask(&state, 2, at: renewed - .milliseconds(1)) == "Bearer a")
        #expect(ask(&state, 3, at: renewed) == "run")
    }

    @Test("While a renewal fails the old credential serves on until it expires")
    func failedRenewal() {
        var state = State()
        _ = ask(&state, 1, at: .zero)
        _ = state.ended(gives("a", life: .seconds(900)), now: .zero)
        #expect(ask(&state, 2, at: .seconds(840)) == "run")
        let (_, result) = state.ended(.failure(.credential("x")), now: .seconds(841))
        #expect((try? result.get())?.authorization == "Bearer a")
        #expect(ask(&state, 3, at: .seconds(845)) == "Bearer a")
        #expect(ask(&state, 4, at: .seconds(846)) == "run")
        _ = state.ended(.failure(.credential("x")), now: .seconds(901))
        #expect(ask(&state, 5, at: .seconds(902)) == "credential: x")
        #expect(ask(&state, 6, at: .seconds(906)) == "run")
    }

    @Test("Of many refusals of one credential the first makes it run anew; a stale refusal changes nothing")
    func refusals() throws {
        var state = State()
        _ = ask(&state, 1, at: .zero)
        let first = try state.ended(gives("a"), now: .zero).result.get()
        #expect(refuse(&state, first, at: 1))
        #expect(refuse(&state, first, at: 1))
        #expect(ask(&state, 2, at: .seconds(1)) == "run")
        let second = try state.ended(gives("a"), now: .seconds(1)).result.get()
        #expect(refuse(&state, first, at: 1))
        #expect(ask(&state, 3, at: .seconds(1)) == "Bearer a")
        #expect(!refuse(&state, second, at: 5))
        #expect(refuse(&state, second, at: 6))
    }

    @Test("A credential refused while it is renewed does not come back when the renewal fails")
    func refusedDuringRenewal() throws {
        var state = State()
        _ = ask(&state, 1, at: .zero)
        let old = try state.ended(gives("a", life: .seconds(900)), now: .zero).result.get()
        #expect(ask(&state, 2, at: .seconds(850)) == "run")
        #expect(refuse(&state, old, at: 850))
        _ = state.ended(.failure(.credential("x")), now: .seconds(851))
        #expect(ask(&state, 3, at: .seconds(852)) == "credential: x")
    }
}
