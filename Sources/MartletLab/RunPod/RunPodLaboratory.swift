import ControllerRuntime
import FoundationEssentials
import RunPodSimulator
import Synchronization

/// A simulated RunPod and its clock: virtual time that runs at a multiple of real time, and jumps when told to.
final class RunPodLaboratory: Sendable {
    private struct State {
        var world: RunPodWorld
        /// Where the clock was set: virtual time, and real time then.
        var anchor: (virtual: SimulatedInstant, real: MonotonicInstant)
        var isEnded = false
    }

    let time: any TimeSource
    /// How often held requests, late bodies and switched-off hosts are looked at.
    let beat: Duration
    private let speed: Double
    private let state: Mutex<State>

    /// `speed` virtual seconds pass in a real one; with 0 time moves only when the admin path advances it.
    init(_ world: RunPodWorld, speed: Double, time: any TimeSource, beat: Duration = .milliseconds(20)) {
        self.time = time
        self.beat = beat
        self.speed = speed
        state = Mutex(State(world: world, anchor: (world.now, time.uptime)))
    }

    /// Virtual time.
    var now: SimulatedInstant { state.withLock { now(of: $0) } }

    private func now(of state: State) -> SimulatedInstant {
        let passed = Double(state.anchor.real.duration(to: time.uptime).wholeMilliseconds) * speed
        return state.anchor.virtual + .milliseconds(Int64(passed))
    }

    /// Looks at the world, or changes it, at the present virtual instant. If that moves the world's time, the clock follows.
    @discardableResult
    func withWorld<Result: Sendable>(
        _ body: (inout RunPodWorld, SimulatedInstant) -> sending Result
    ) -> sending Result {
        state.withLock { state in
            let now = now(of: state)
            let result = body(&state.world, now)
            if state.world.now > now { state.anchor = (state.world.now, time.uptime) }
            return result
        }
    }

    /// Has the servers close their doors and finish what is under way. Cut off instead, a server of this kind ends the
    /// process if somebody connects at that moment (swift-nio: a writer that was never finished).
    func end() { state.withLock { $0.isEnded = true } }

    /// Whether the laboratory is at its end.
    var isEnded: Bool { state.withLock { $0.isEnded } }

    /// Whether connections to this host are refused.
    func isDown(_ surface: SimulatedRequest.Surface) -> Bool {
        state.withLock { $0.world.settings.hostsDown.contains(surface) }
    }

    /// Answers, after as long as the world holds the request.
    func answer(_ request: SimulatedRequest) async throws -> SimulatedAnswer {
        var answer = withWorld { world, now in world.handle(request, at: now) }
        while case .waiting(let wait) = answer {
            do {
                try await time.sleep(for: beat)
            } catch {
                withWorld { world, _ in world.abandon(wait) }
                throw error
            }
            answer = withWorld { world, now in world.resume(wait, at: now) }
        }
        return answer
    }

    /// Suspends for a virtual duration.
    func sleep(for duration: Duration) async throws {
        let end = now + duration
        while now < end { try await time.sleep(for: beat) }
    }
}
