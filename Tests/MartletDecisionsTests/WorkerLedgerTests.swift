import FoundationEssentials
import Testing

@testable import MartletDecisions

@Suite("What heartbeats prove")
struct WorkerLedgerTests {
    let start = Stage.start
    var ledger = WorkerLedger()

    init() { ledger.subscribed(at: start) }

    private func at(_ seconds: Double) -> Date { start.addingTimeInterval(seconds) }

    private mutating func beat(
        _ active: Int, _ processed: Int, at seconds: Double, freq: Double = 2, from worker: String = "celery@pod-a"
    ) {
        ledger.receive(
            .heartbeat(Heartbeat(active: active, processed: processed, frequency: freq)), from: worker, at: at(seconds))
    }

    private func evidence(at seconds: Double, pod: String = "pod-a", startedAt: Double? = nil) -> WorkerEvidence {
        ledger.evidence(for: [(name: pod, startedAt: startedAt.map { at($0) })], at: at(seconds))[0]
    }

    @Test("One quiet heartbeat proves nothing, two in a row prove idleness until the next is overdue")
    mutating func twoQuiet() {
        #expect(evidence(at: 0) == .unheard)
        beat(0, 7, at: 1)
        #expect(evidence(at: 1) == .busy(.unproven))
        beat(0, 7, at: 3)
        #expect(evidence(at: 3) == .idle(overdueAt: at(6)))
        #expect(evidence(at: 6) == .idle(overdueAt: at(6)))
        #expect(evidence(at: 6.1) == .busy(.silent(since: at(3))))
    }

    @Test("A prefork worker is busy while it reports active tasks, and idle only two heartbeats later")
    mutating func prefork() {
        beat(3, 3, at: 0)
        #expect(evidence(at: 0) == .busy(.active(3)))
        beat(0, 3, at: 2)
        #expect(evidence(at: 2) == .busy(.unproven))
        beat(0, 3, at: 4)
        #expect(evidence(at: 4) == .idle(overdueAt: at(7)))
    }

    @Test("A solo worker back to back is never idle: its one heartbeat between tasks shows more processed")
    mutating func soloBackToBack() {
        var seconds = 0.0
        for task in 0..<50 {
            beat(0, task, at: seconds)
            for silence in stride(from: 0.0, to: 30, by: 1) {
                guard case .busy = evidence(at: seconds + silence) else {
                    Issue.record("idle \(silence) s into task \(task)")
                    return
                }
            }
            seconds += 30
        }
    }

    @Test("Short solo tasks show as processed between heartbeats")
    mutating func soloShort() {
        beat(0, 1, at: 0)
        beat(0, 1, at: 2)
        beat(0, 9, at: 4)
        #expect(evidence(at: 4) == .busy(.worked))
    }

    @Test("Two equal heartbeats with a gap between them are not two in a row")
    mutating func gap() {
        beat(0, 5, at: 0)
        beat(0, 5, at: 20)
        #expect(evidence(at: 20) == .busy(.unproven))
    }

    @Test("After a resubscription idleness must be proven anew")
    mutating func resubscribed() {
        beat(0, 5, at: 0)
        beat(0, 5, at: 2)
        ledger.subscriptionLost()
        #expect(evidence(at: 3) == .busy(.silent(since: at(2))))
        ledger.subscribed(at: at(3))
        #expect(evidence(at: 3) == .busy(.unproven))
        beat(0, 5, at: 4)
        #expect(evidence(at: 4) == .busy(.unproven))
        beat(0, 5, at: 6)
        #expect(evidence(at: 6) == .idle(overdueAt: at(9)))
    }

    @Test("A worker not heard again after a resubscription is silent since then")
    mutating func silentAfterResubscription() {
        beat(0, 5, at: 0)
        ledger.subscribed(at: at(100))
        #expect(evidence(at: 105.9) == .busy(.unproven))
        #expect(evidence(at: 106) == .busy(.silent(since: at(100))))
    }

    @Test("A worker that said goodbye may still finish its task")
    mutating func offline() {
        beat(0, 5, at: 0)
        beat(0, 5, at: 2)
        ledger.receive(.offline, from: "celery@pod-a", at: at(3))
        #expect(evidence(at: 3) == .busy(.silent(since: at(3))))
    }

    @Test("A worker that came online has yet to prove anything")
    mutating func online() {
        beat(0, 5, at: 0)
        beat(0, 5, at: 2)
        ledger.receive(.online, from: "celery@pod-a", at: at(3))
        #expect(evidence(at: 3) == .busy(.unproven))
        beat(0, 0, at: 4)
        beat(0, 0, at: 6)
        #expect(evidence(at: 6) == .idle(overdueAt: at(9)))
    }

    @Test("A Pod is as busy as the busiest of its workers")
    mutating func severalWorkers() {
        for second in [0.0, 2] {
            beat(0, 5, at: second, from: "one@pod-a")
            beat(1, 5, at: second, from: "two@pod-a")
            beat(2, 5, at: second, from: "three@pod-a")
        }
        #expect(evidence(at: 2) == .busy(.active(3)))
        beat(0, 5, at: 4, from: "two@pod-a")
        beat(0, 5, at: 4, from: "three@pod-a")
        #expect(evidence(at: 4) == .busy(.unproven))
    }

    @Test("Pods whose cut host names coincide are told apart by nobody, so nothing is known of them")
    mutating func sharedHostName() {
        let long = String(repeating: "x", count: 63)
        beat(0, 1, at: 0, from: "celery@\(long)")
        beat(0, 1, at: 2, from: "celery@\(long)")
        let pods: [(name: String, startedAt: Date?)] = [("\(long)-1", nil), ("\(long)-2", nil)]
        #expect(ledger.evidence(for: pods, at: at(2)) == [.unheard, .unheard])
        #expect(evidence(at: 2, pod: "\(long)-1") == .idle(overdueAt: at(5)))
    }

    @Test("A host name is the Pod's name cut to 63 characters, without a trailing dash")
    func hostName() {
        let name = String(repeating: "a", count: 62) + "-bcdef"
        #expect(WorkerLedger.hostName(ofPod: name) == String(repeating: "a", count: 62))
        #expect(WorkerLedger.hostName(ofPod: "short-1") == "short-1")
    }

    @Test("What an earlier Pod of the same name said counts for nothing")
    mutating func earlierPod() {
        beat(0, 5, at: 0)
        beat(0, 5, at: 2)
        #expect(evidence(at: 3, startedAt: -100) == .idle(overdueAt: at(5)))
        #expect(evidence(at: 103, startedAt: 100) == .unheard)
    }

    @Test("Absurd numbers do no harm", arguments: [Double.nan, .infinity, -1, 0, 1e300])
    mutating func absurd(freq: Double) {
        beat(.min, .max, at: 0, freq: freq)
        beat(.max, .min, at: 0.1, freq: freq)
        #expect(evidence(at: 0.1) == .busy(.active(.max)))
        beat(0, 0, at: 0.2, freq: freq)
        beat(0, 0, at: 0.3, freq: freq)
        #expect(evidence(at: 0.3 + 901) == .busy(.silent(since: at(0.3))), "no promise is believed past 15 minutes")
    }

    @Test("Only an event that changes what is proven names a host to wake")
    mutating func wakes() {
        let quiet = WorkerEvent.heartbeat(Heartbeat(active: 0, processed: 1, frequency: 2))
        #expect(ledger.receive(quiet, from: "celery@pod-a", at: at(0)) == "pod-a")
        #expect(ledger.receive(quiet, from: "celery@pod-a", at: at(2)) == "pod-a")
        #expect(ledger.receive(quiet, from: "celery@pod-a", at: at(4)) == nil)
        let busy = WorkerEvent.heartbeat(Heartbeat(active: 1, processed: 2, frequency: 2))
        #expect(ledger.receive(busy, from: "celery@pod-a", at: at(6)) == "pod-a")
        #expect(ledger.receive(busy, from: "celery@pod-a", at: at(8)) == nil)
    }

    @Test("A flood of made-up workers neither grows the memory nor pushes real ones out")
    mutating func flood() {
        beat(1, 1, at: 0)
        for index in 0..<(WorkerLedger.capacity + 100) { beat(0, 0, at: 1, from: "celery@fake-\(index)") }
        #expect(evidence(at: 2) == .busy(.active(1)))
        #expect(evidence(at: 2, pod: "fake-\(WorkerLedger.capacity + 50)") == .unheard)
        #expect(ledger.receive(.online, from: String(repeating: "x", count: 100_000), at: at(2)) == nil)
    }
}
