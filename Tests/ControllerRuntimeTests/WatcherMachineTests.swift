import Kubernetes
import KubernetesModel
import Testing

@testable import ControllerRuntime

@Suite struct WatcherMachineTests {
    /// A machine with its clock and delays at their bounds, to be led through a transcript.
    private struct Stage {
        var now = MonotonicInstant(sinceOrigin: .zero)
        var machine = WatcherMachine(now: MonotonicInstant(sinceOrigin: .zero))
        var random = HighestRandom()

        mutating func receive(_ event: WatcherMachine.Event, after pause: Duration = .zero) -> WatcherMachine.Action {
            now = now.advanced(by: pause)
            return machine.receive(event, now: now, using: &random)
        }

        /// Leads to a watch from `version`.
        mutating func watching(from version: String) -> Stage {
            _ = receive(.pageArrived(version: ResourceVersion(rawValue: version), next: nil))
            return self
        }

        static func watching(from version: String = "7") -> Stage {
            var stage = Stage()
            return stage.watching(from: version)
        }
    }

    private func watch(from version: String) -> WatcherMachine.Action {
        .watch(from: ResourceVersion(rawValue: version), lasting: .seconds(290), atMost: .seconds(300))
    }

    @Test func `it lists page after page, then watches from the list's version`() {
        var stage = Stage()
        let token = PageToken(rawValue: "more")
        #expect(WatcherMachine.firstAction == .list(after: nil))
        #expect(stage.receive(.pageArrived(version: .init(rawValue: "5"), next: token)) == .list(after: token))
        #expect(stage.receive(.pageArrived(version: .init(rawValue: "5"), next: nil)) == watch(from: "5"))
    }

    @Test func `a watch that ends after its time resumes at once from the last version seen`() {
        var stage = Stage.watching()
        #expect(stage.receive(.versionSeen(.init(rawValue: "8")), after: .seconds(30)) == .read)
        #expect(stage.receive(.ended, after: .seconds(250)) == watch(from: "8"))
    }

    @Test func `watches that end at once wait longer each time, then list`() {
        var stage = Stage.watching()
        for delay in [100, 200, 400, 800] {
            #expect(stage.receive(.ended) == .wait(.milliseconds(delay)))
            #expect(stage.receive(.waited, after: .milliseconds(delay)) == watch(from: "7"))
        }
        #expect(stage.receive(.ended) == .wait(.milliseconds(1_600)))
        #expect(stage.receive(.waited) == .list(after: nil))
    }

    @Test func `changes alone don't make a short watch a healthy one`() {
        var stage = Stage.watching()
        for delay in [100, 200, 400] {
            #expect(stage.receive(.versionSeen(.init(rawValue: "9"))) == .read)
            #expect(stage.receive(.ended) == .wait(.milliseconds(delay)))
            #expect(stage.receive(.waited) == watch(from: "9"))
        }
    }

    @Test func `a watch that lived forgets the failures before it`() {
        var stage = Stage.watching()
        _ = stage.receive(.failed(.other))
        _ = stage.receive(.waited)
        _ = stage.receive(.failed(.other))
        _ = stage.receive(.waited)
        #expect(stage.receive(.failed(.other), after: WatcherMachine.healthyAge) == .wait(.milliseconds(100)))
    }

    @Test func `a version that is gone is answered by a list at once, gone again by a list after a wait`() throws {
        var stage = Stage.watching()
        try #require(stage.receive(.failed(.gone)) == .list(after: nil))
        #expect(stage.receive(.pageArrived(version: .init(rawValue: "9"), next: nil)) == watch(from: "9"))
        #expect(stage.receive(.failed(.gone)) == .wait(.milliseconds(100)))
        #expect(stage.receive(.waited) == .list(after: nil))
        #expect(stage.receive(.pageArrived(version: .init(rawValue: "9"), next: nil)) == watch(from: "9"))
        #expect(stage.receive(.failed(.gone)) == .wait(.milliseconds(200)))
        #expect(stage.receive(.waited) == .list(after: nil))
        #expect(stage.receive(.pageArrived(version: .init(rawValue: "9"), next: nil)) == watch(from: "9"))
        #expect(stage.receive(.failed(.gone), after: .seconds(60)) == .list(after: nil))
    }

    @Test func `an outage of any length waits at most 30 s, and a version gone by its end is answered at once`() {
        var stage = Stage.watching()
        #expect(stage.receive(.failed(.other)) == .wait(.milliseconds(100)))
        for _ in 0..<3 {
            _ = stage.receive(.waited)
            _ = stage.receive(.failed(.other))
        }
        #expect(stage.receive(.waited) == watch(from: "7"))
        #expect(stage.receive(.failed(.gone)) == .list(after: nil))
        for _ in 0..<1_000 {
            guard case .wait(let delay) = stage.receive(.failed(.other)) else {
                Issue.record("a failed list must wait")
                return
            }
            #expect(delay <= .seconds(30))
            #expect(stage.receive(.waited) == .list(after: nil))
        }
    }

    @Test func `a failed page is asked for again, an expired page token starts over`() {
        var stage = Stage()
        let token = PageToken(rawValue: "more")
        _ = stage.receive(.pageArrived(version: .init(rawValue: "5"), next: token))
        #expect(stage.receive(.failed(.other)) == .wait(.milliseconds(100)))
        #expect(stage.receive(.waited) == .list(after: token))
        #expect(stage.receive(.wentSilent) == .wait(.milliseconds(200)))
        #expect(stage.receive(.waited) == .list(after: token))
        #expect(stage.receive(.failed(.gone)) == .list(after: nil))
    }

    @Test func `Retry-After is obeyed, and not for ever`() {
        var stage = Stage.watching()
        #expect(stage.receive(.failed(.throttled(.seconds(7)))) == .wait(.milliseconds(7_100)))
        _ = stage.receive(.waited)
        #expect(stage.receive(.failed(.throttled(.seconds(1 << 40)))) == .wait(.milliseconds(600_200)))
    }

    @Test func `a silent connection is replaced from the last version seen`() {
        var stage = Stage.watching()
        _ = stage.receive(.versionSeen(.init(rawValue: "8")))
        #expect(stage.receive(.wentSilent, after: .seconds(300)) == .wait(.milliseconds(100)))
        #expect(stage.receive(.waited) == watch(from: "8"))
    }

    @Test func `asking for a list ends the watch, at most once a second, and until then no change is missed`() {
        var stage = Stage.watching()
        let lingering = stage.receive(.relistAsked, after: .milliseconds(300))
        #expect(
            lingering
                == .watchUntilList(
                    from: .init(rawValue: "7"), lasting: .seconds(240), atMost: .milliseconds(700)))
        #expect(stage.receive(.versionSeen(.init(rawValue: "8"))) == .read)
        #expect(stage.receive(.wentSilent, after: .milliseconds(700)) == .list(after: nil))
        #expect(stage.receive(.pageArrived(version: .init(rawValue: "9"), next: nil)) == watch(from: "9"))
        #expect(stage.receive(.relistAsked, after: .seconds(1)) == .list(after: nil))
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `whatever happens, no two requests follow a failure without a wait`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var stage = Stage()
        var action = WatcherMachine.firstAction
        var instantRequests = 0
        for _ in 0..<500 {
            let event: WatcherMachine.Event
            switch action {
            case .wait(let delay):
                #expect(delay > .zero)
                instantRequests = 0
                action = stage.receive(.waited, after: delay)
                continue
            case .list:
                let page = WatcherMachine.Event.pageArrived(version: .init(rawValue: "1"), next: nil)
                event = [.failed(.gone), .failed(.other), page].randomElement(using: &random) ?? .wentSilent
            case .watchUntilList:
                event = [.failed(.gone), .failed(.other), .ended].randomElement(using: &random) ?? .wentSilent
            case .watch, .read:
                let change = WatcherMachine.Event.versionSeen(.init(rawValue: "2"))
                event =
                    [.failed(.gone), .failed(.other), .ended, .relistAsked, change].randomElement(using: &random)
                    ?? .wentSilent
            }
            if action != .read { instantRequests += 1 }
            // A list, its watch, the one until a list that was asked for; and the same after the first 410.
            #expect(instantRequests <= 6)
            action = stage.receive(event)
        }
    }
}
