import ControllerRuntime
import Foundation
import KubernetesModel
import MartletDecisions
import Testing

@testable import MartletOperator

@Suite("The rows that a process answers for")
struct MirrorLedgerTests {
    private let start = MonotonicInstant(sinceOrigin: .seconds(1000))
    private var ledger = MirrorLedger()
    private var random = MiddleRandom()

    private func place(_ service: String, url: String = "https://p", key: String = "k") throws -> MirrorPlace {
        MirrorPlace(
            address: .init(url: url, table: "t", serviceName: service), key: try #require(MirrorKey(key)))
    }

    private func row(_ service: String, _ id: String? = "ep") -> MirrorRow {
        MirrorRow(serviceName: service, endpointID: id, isActive: id != nil)
    }

    private func claim(_ name: String, age: Double = 0) -> TargetClaim {
        TargetClaim(
            endpoint: ObjectKey(namespace: "dev", name: name), uid: name,
            createdAt: Date(timeIntervalSince1970: 1_000_000 - age))
    }

    @Test("a project that does not answer is asked for one row at a time, and for all when it does")
    mutating func outage() throws {
        let places = try (0..<10).map { try place("s\($0)") }
        for (index, place) in places.enumerated() {
            #expect(ledger.want(row("s\(index)"), at: place, by: claim("c\(index)"), now: start) == [place])
        }
        _ = ledger.wrote(row("s0"), at: places[0], .failure(.unreachable), now: start, using: &random)
        let later = start.advanced(by: .seconds(2))
        #expect(ledger.next(places[1], at: later) == .write(row("s1")))
        for place in places where place != places[1] {
            guard case .wait = ledger.next(place, at: later) else {
                Issue.record("more than one row tries")
                continue
            }
        }
        let held = ledger.wrote(row("s1"), at: places[1], .success(()), now: later, using: &random)
        #expect(Set(held) == Set(places).subtracting([places[1]]))
        let steps = places.enumerated().filter { $0.offset != 1 }.map { ledger.next($0.element, at: later) }
        #expect(steps.count { $0 != .rest } == MirrorLedger.limitPerProject)
    }

    @Test("rows that fail together are one failure of their project, and a probe is another")
    mutating func failingTogether() throws {
        let places = try (0..<4).map { try place("s\($0)") }
        for (index, place) in places.enumerated() {
            _ = ledger.want(row("s\(index)"), at: place, by: claim("c\(index)"), now: start)
            #expect(ledger.next(place, at: start) == .write(row("s\(index)")))
        }
        for (index, place) in places.enumerated() {
            _ = ledger.wrote(row("s\(index)"), at: place, .failure(.unreachable), now: start, using: &random)
        }
        var now = start
        for bound in [1, 2, 4, 8, 16, 30, 30] {
            guard case .wait(let pause) = ledger.next(places[0], at: now) else {
                Issue.record("it is asked at once")
                return
            }
            #expect(pause <= .seconds(bound) && pause >= .seconds(bound) / 2)
            now = now.advanced(by: pause)
            #expect(ledger.next(places[0], at: now) == .write(row("s0")))
            _ = ledger.wrote(row("s0"), at: places[0], .failure(.unreachable), now: now, using: &random)
        }
    }

    @Test("of a project that hangs a few rows are on their way at once; each answer lets the next go")
    mutating func hanging() throws {
        let places = try (0..<10).map { try place("s\($0)") }
        var underWay: [Int] = []
        for (index, place) in places.enumerated() {
            _ = ledger.want(row("s\(index)"), at: place, by: claim("c\(index)"), now: start)
            if ledger.next(place, at: start) == .write(row("s\(index)")) { underWay.append(index) }
        }
        #expect(underWay == Array(0..<MirrorLedger.limitPerProject))
        var written = 0
        while let index = underWay.first {
            underWay.removeFirst()
            written += 1
            let due = ledger.wrote(row("s\(index)"), at: places[index], .success(()), now: start, using: &random)
            for place in due {
                guard case .write(let row) = ledger.next(place, at: start) else { continue }
                underWay.append(try #require(Int(row.serviceName.dropFirst())))
            }
            #expect(underWay.count <= MirrorLedger.limitPerProject)
        }
        #expect(written == places.count)
    }

    @Test("one project's outage is no other's")
    mutating func otherProject() throws {
        let (dead, alive) = (try place("s", url: "https://dead"), try place("s", url: "https://alive"))
        _ = ledger.want(row("s"), at: dead, by: claim("a"), now: start)
        _ = ledger.want(row("s"), at: alive, by: claim("b"), now: start)
        _ = ledger.wrote(row("s"), at: dead, .failure(.unreachable), now: start, using: &random)
        #expect(ledger.next(alive, at: start) == .write(row("s")))
    }

    @Test("what is wanted again costs nothing")
    mutating func repeated() throws {
        let place = try place("s")
        _ = ledger.want(row("s"), at: place, by: claim("a"), now: start)
        _ = ledger.wrote(row("s"), at: place, .success(()), now: start, using: &random)
        #expect(ledger.want(row("s"), at: place, by: claim("a"), now: start) == [])
        #expect(ledger.want(row("s", nil), at: place, by: claim("a"), now: start) == [place])
    }

    @Test("two keys are two roles: neither claims the other's row")
    mutating func keys() throws {
        let (one, other) = (try place("s", key: "one"), try place("s", key: "other"))
        _ = ledger.want(row("s", "a"), at: one, by: claim("a"), now: start)
        _ = ledger.want(row("s", "b"), at: other, by: claim("b", age: 9), now: start)
        #expect(ledger.report(of: claim("a").endpoint) == .notYet)
        #expect(ledger.next(one, at: start) == .write(row("s", "a")))
        #expect(ledger.next(other, at: start) == .write(row("s", "b")))
    }

    @Test("a row that can't be withdrawn is given up after an hour")
    mutating func givenUp() throws {
        let place = try place("s")
        _ = ledger.want(row("s"), at: place, by: claim("a"), now: start)
        #expect(ledger.withdraw(claim("a").endpoint, now: start) == [place])
        #expect(ledger.next(place, at: start) == .write(row("s", nil)))
        _ = ledger.wrote(row("s", nil), at: place, .failure(.keyRefused), now: start, using: &random)
        let end = start.advanced(by: MirrorLedger.withdrawalLimit)
        #expect(ledger.next(place, at: end) == .giveUp)
        #expect(ledger.next(place, at: end) == .rest)
    }

    @Test("a withdrawn row is forgotten once it is written, or claimed again")
    mutating func withdrawnRow() throws {
        let place = try place("s")
        _ = ledger.want(row("s"), at: place, by: claim("a"), now: start)
        _ = ledger.withdraw(claim("a").endpoint, now: start)
        #expect(ledger.want(row("s", "new"), at: place, by: claim("b"), now: start) == [place])
        #expect(ledger.next(place, at: start) == .write(row("s", "new")))
        _ = ledger.withdraw(claim("b").endpoint, now: start)
        _ = ledger.wrote(row("s", nil), at: place, .success(()), now: start, using: &random)
        #expect(ledger.next(place, at: start) == .rest)
        #expect(ledger.forgetConfirmations() == [])
    }

    @Test("a row that is being withdrawn under an old key does not undo what a new one writes")
    mutating func overtaken() throws {
        let (old, new) = (try place("s", key: "old"), try place("s", key: "new"))
        _ = ledger.want(row("s"), at: old, by: claim("a"), now: start)
        _ = ledger.withdraw(claim("a").endpoint, now: start)
        _ = ledger.want(row("s"), at: new, by: claim("b"), now: start)
        #expect(ledger.next(old, at: start) == .rest)
        // The withdrawal may have been on its way: the row is looked at soon.
        _ = ledger.wrote(row("s"), at: new, .success(()), now: start, using: &random)
        #expect(ledger.next(new, at: start) == .wait(MirrorRecord.lateWriteLimit))
    }
}
