import FoundationEssentials
import Testing

@testable import MartletLab

@Suite("A Pod's life")
struct PodLifeTests {
    /// Plays events at seconds after binding.
    private struct Play {
        var life: PodLife
        let start = Date(timeIntervalSince1970: 1_800_000_000)

        init(process: Bool = true, _ policy: KubeletPod.RestartPolicy = .always) {
            life = PodLife(runsProcess: process, restartPolicy: policy, startDelay: 0.2, now: start)
        }

        func at(_ seconds: Double) -> Date { start.addingTimeInterval(seconds) }

        mutating func tell(_ event: PodLife.Event, at seconds: Double) -> [PodLife.Action] {
            life.receive(event, now: at(seconds))
        }

        /// Running since 0.2 s.
        static func running(process: Bool = true, _ policy: KubeletPod.RestartPolicy = .always) -> Play {
            var play = Play(process: process, policy)
            _ = play.tell(.timePassed, at: 0.2)
            return play
        }

        func running(since: Double, restarts: Int = 0, last: ContainerTermination? = nil) -> PodLife.Action {
            .report(PodReport(container: .running(since: at(since)), lastTermination: last, restarts: restarts))
        }

        func ended(_ code: Int32, from: Double = 0.2, at end: Double) -> ContainerTermination {
            ContainerTermination(
                code: code, reason: code == 0 ? .completed : .error, startedAt: at(from), finishedAt: at(end))
        }

        func terminated(_ end: ContainerTermination) -> PodLife.Action {
            .report(PodReport(container: .terminated(end), restarts: 0))
        }
    }

    @Test("starts its process after the delay, not before")
    func start() {
        var play = Play()
        #expect(play.tell(.timePassed, at: 0.1) == [])
        #expect(play.life.nextDeadline == play.at(0.2))
        #expect(play.tell(.timePassed, at: 0.2) == [.start, play.running(since: 0.2)])
        #expect(play.life.nextDeadline == nil)
    }

    @Test("a pretended container needs no process and ends at once")
    func pretended() {
        var play = Play(process: false)
        #expect(play.tell(.timePassed, at: 0.2) == [play.running(since: 0.2)])
        let actions = play.tell(.deletionRequested(deadline: play.at(40)), at: 10)
        #expect(actions == [play.terminated(play.ended(0, at: 10)), .remove])
    }

    @Test("deleted: SIGTERM, and removal when the process has ended by itself")
    func gracefulEnd() {
        var play = Play.running()
        #expect(play.tell(.deletionRequested(deadline: play.at(40)), at: 10) == [.terminate])
        #expect(play.tell(.timePassed, at: 20) == [])
        let actions = play.tell(.exited(.exited(code: 0)), at: 25)
        #expect(actions == [play.terminated(play.ended(0, at: 25)), .remove])
        #expect(play.life.state == .removed)
    }

    @Test("deleted: SIGKILL when the grace is over, once")
    func killedAfterGrace() {
        var play = Play.running()
        _ = play.tell(.deletionRequested(deadline: play.at(40)), at: 10)
        #expect(play.life.nextDeadline == play.at(40))
        #expect(play.tell(.timePassed, at: 39.9) == [])
        #expect(play.tell(.timePassed, at: 40) == [.kill])
        #expect(play.tell(.timePassed, at: 41) == [])
        let actions = play.tell(.exited(.signalled(9)), at: 41)
        #expect(actions == [play.terminated(play.ended(137, at: 41)), .remove])
    }

    @Test("the same deletion told again sends nothing again; a shorter grace counts")
    func deletionRepeated() {
        var play = Play.running()
        let deadline = play.at(40)
        _ = play.tell(.deletionRequested(deadline: deadline), at: 10)
        #expect(play.tell(.deletionRequested(deadline: deadline), at: 11) == [])
        #expect(play.tell(.deletionRequested(deadline: play.at(12)), at: 12) == [.kill])
    }

    @Test("an exit on its own, told with the deletion, is an end and no restart")
    func exitWhileStopping() {
        var play = Play.running()
        _ = play.tell(.deletionRequested(deadline: play.at(40)), at: 10)
        let actions = play.tell(.exited(.exited(code: 1)), at: 11)
        #expect(actions == [play.terminated(play.ended(1, at: 11)), .remove])
        #expect(play.tell(.timePassed, at: 50) == [])
    }

    @Test("deleted before it ran: removed without a process")
    func deletedBeforeStart() {
        var play = Play()
        #expect(play.tell(.deletionRequested(deadline: play.at(30)), at: 0.1) == [.remove])
        #expect(play.tell(.timePassed, at: 1) == [])
    }

    @Test("vanished by force: the process is killed, nothing is written")
    func vanished() {
        var play = Play.running()
        #expect(play.tell(.vanished, at: 5) == [.kill])
        #expect(play.tell(.exited(.signalled(9)), at: 5) == [])
        var stopping = Play.running()
        _ = stopping.tell(.deletionRequested(deadline: stopping.at(40)), at: 10)
        #expect(stopping.tell(.vanished, at: 11) == [.kill])
        var pretended = Play.running(process: false)
        #expect(pretended.tell(.vanished, at: 5) == [])
    }

    @Test("a crash is restarted with a delay that doubles up to 30 s")
    func crashLoop() {
        var play = Play.running()
        var now = 0.2
        var delays: [Double] = []
        for restart in 1...7 {
            let actions = play.tell(.exited(.exited(code: 1)), at: now)
            let end = play.ended(1, from: now, at: now)
            let waiting = ContainerState.waiting(reason: "CrashLoopBackOff", message: "")
            #expect(actions == [.report(PodReport(container: waiting, lastTermination: end, restarts: restart))])
            guard let due = play.life.nextDeadline else { break }
            let delay = due.timeIntervalSince(play.at(now)).rounded()
            delays.append(delay)
            #expect(play.tell(.timePassed, at: now + delay - 0.1) == [])
            now += delay
            #expect(
                play.tell(.timePassed, at: now) == [.start, play.running(since: now, restarts: restart, last: end)])
        }
        #expect(delays == [1, 2, 4, 8, 16, 30, 30])
    }

    @Test("the restart policy decides whether an exit is the end")
    func restartPolicy() {
        var never = Play.running(.never)
        #expect(never.tell(.exited(.exited(code: 3)), at: 5) == [never.terminated(never.ended(3, at: 5))])
        #expect(never.life.state == .completed)
        #expect(never.tell(.deletionRequested(deadline: never.at(40)), at: 10) == [.remove])

        var onFailure = Play.running(.onFailure)
        _ = onFailure.tell(.exited(.exited(code: 0)), at: 5)
        #expect(onFailure.life.state == .completed)
        var failed = Play.running(.onFailure)
        _ = failed.tell(.exited(.exited(code: 1)), at: 5)
        #expect(failed.life.state == .backingOff(until: failed.at(6)))
    }

    @Test("readiness that somebody took is claimed back while it runs, and only then")
    func readinessTaken() {
        var play = Play.running()
        #expect(play.tell(.readinessTaken, at: 60) == [play.running(since: 0.2)])
        _ = play.tell(.exited(.exited(code: 1)), at: 61)
        #expect(play.tell(.readinessTaken, at: 61.5) == [])
    }

    @Test("a process that can't be started is tried again, and says why")
    func startFailed() {
        var play = Play.running()
        let actions = play.tell(.startFailed("no such program"), at: 0.2)
        let waiting = ContainerState.waiting(reason: "CreateContainerError", message: "no such program")
        #expect(actions == [.report(PodReport(container: waiting, restarts: 1))])
        #expect(play.tell(.timePassed, at: 1.2).first == .start)
    }
}
