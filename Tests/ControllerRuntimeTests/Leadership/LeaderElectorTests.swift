import Kubernetes
import KubernetesModel
import Testing

@testable import ControllerRuntime

@Suite("Leader elector", .timeLimit(.minutes(1))) struct LeaderElectorTests {
    private let time = ManualTime()

    private func elector(_ identity: String, _ server: LeaseServer) -> LeaderElector {
        LeaderElector(
            server.client(time).resources(), lease: ObjectKey(namespace: "ns", name: "martlet.dev"),
            identity: identity, time: time, random: LowestRandom(), logger: .silent)
    }

    /// Runs `body` while the electors run; each tells its changes to its inbox.
    private func running(
        _ electors: [(LeaderElector, Inbox<Leadership>)], _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (elector, changes) in electors {
                group.addTask { try? await elector.run { changes.put($0) } }
                elector.becomeEligible()
            }
            defer { group.cancelAll() }
            try await body()
        }
    }

    @Test("Of two the second waits, and leads as soon as the first has given the Lease back")
    func handOver() async throws {
        let server = LeaseServer()
        let (first, second) = (elector("first", server), elector("second", server))
        let (changes, others) = (Inbox<Leadership>(), Inbox<Leadership>())
        try await running([(first, changes)]) {
            #expect(try await changes.next() == .leading(term: 1))
            try await running([(second, others)]) {
                await time.waitForSleepers(4)
                #expect(second.leadership == .standby)
                #expect(second.permit.allowance == nil)
                #expect(first.permit.allowance == .seconds(14))
                try await first.resign()
                #expect(first.permit.allowance == nil)
                #expect(try await others.next() == .leading(term: 1))
            }
        }
        #expect(server.lease?["spec"]?["holderIdentity"] == "second")
        #expect(server.lease?["spec"]?["leaseTransitions"] == 1)
        #expect(server.writes.count == 3)
    }

    @Test("The Lease is not given back while a write is under way")
    func drain() async throws {
        let server = LeaseServer()
        let elector = elector("me", server)
        let changes = Inbox<Leadership>()
        try await running([(elector, changes)]) {
            _ = try await changes.next()
            elector.permit.began()
            async let end: Void = elector.resign()
            #expect(try await changes.next() == .standby)
            #expect(server.lease?["spec"]?["holderIdentity"] == "me")
            elector.permit.ended()
            try await end
            #expect(server.lease?["spec"]?["holderIdentity"] == "")
        }
    }

    @Test("What others keep in the Lease stays, and a released one is taken over with its count")
    func foreignFields() async throws {
        let server = LeaseServer([
            "metadata": [
                "name": "martlet.dev", "namespace": "ns", "resourceVersion": "0", "labels": ["team": "infra"],
            ],
            "spec": [
                "holderIdentity": "", "leaseDurationSeconds": 1, "leaseTransitions": 6, "strategy": "Newest",
            ],
        ])
        let elector = elector("me", server)
        let changes = Inbox<Leadership>()
        try await running([(elector, changes)]) { _ = try await changes.next() }
        #expect(server.lease?["metadata"]?["labels"] == ["team": "infra"])
        #expect(server.lease?["spec"]?["strategy"] == "Newest")
        #expect(server.lease?["spec"]?["holderIdentity"] == "me")
        #expect(server.lease?["spec"]?["leaseDurationSeconds"] == 15)
        #expect(server.lease?["spec"]?["leaseTransitions"] == 7)
    }

    @Test("A holder that fell silent is followed after its time")
    func silentHolder() async throws {
        let server = LeaseServer([
            "metadata": ["name": "martlet.dev", "namespace": "ns", "resourceVersion": "0"],
            "spec": ["holderIdentity": "gone", "leaseDurationSeconds": 15, "renewTime": "2050-01-01T00:00:00.000000Z"],
        ])
        let elector = elector("me", server)
        let changes = Inbox<Leadership>()
        try await running([(elector, changes)]) {
            while !time.pendingSleeps.contains(.seconds(15)), !Task.isCancelled { await Task.yield() }
            time.advance(by: .milliseconds(14_999))
            #expect(elector.leadership == .standby)
            time.advance(by: .milliseconds(1))
            let change = try await changes.next()
            #expect(change == .leading(term: 1))
        }
    }

    @Test("After a gap a new term begins, though nobody else led")
    func terms() {
        let licence = WriteLicence(timing: .standard, time: time)
        licence.extend(until: time.uptime.advanced(by: .seconds(10)))
        time.advance(by: .seconds(9))
        licence.extend(until: time.uptime.advanced(by: .seconds(10)))
        #expect(licence.leadership == .leading(term: 1))
        #expect(licence.allowance == .seconds(14))
        time.advance(by: .seconds(10))
        #expect(licence.leadership == .standby)
        #expect(licence.allowance == nil)
        licence.extend(until: time.uptime.advanced(by: .seconds(10)))
        #expect(licence.leadership == .leading(term: 2))
    }

    @Test("Writes under way are not waited for longer than that")
    func impatience() async throws {
        let licence = WriteLicence(timing: .standard, time: time)
        licence.began()
        async let isClean = licence.drain(within: .seconds(3))
        await time.waitForSleepers(1)
        time.advance(by: .seconds(3))
        let isQuiet = try await isClean
        #expect(!isQuiet)
    }
}
