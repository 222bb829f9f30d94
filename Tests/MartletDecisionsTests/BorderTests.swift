import FoundationEssentials
import KubernetesModel
import Testing

@testable import MartletDecisions

@Suite("Write gate")
struct WriteGateTests {
    @Test("the next write waits for 100 ms from the answer to the last, however long that took")
    func fromTheAnswer() {
        var gate = WriteGate()
        let start = Date(timeIntervalSince1970: 1_000_000)
        #expect(gate.pass(at: start) == .now)
        let answer = start.addingTimeInterval(0.03)
        gate.answered(at: answer)
        let next = answer.addingTimeInterval(WriteGate.interval)
        #expect(gate.pass(at: start.addingTimeInterval(0.1)) == .wait(until: next))
        #expect(gate.pass(at: next) == .now)
    }

    @Test("The first write passes at once, the next one 100 ms later")
    func pacing() {
        var gate = WriteGate()
        let now = Stage.start
        #expect(gate.pass(at: now) == .now)
        #expect(gate.pass(at: now.addingTimeInterval(0.03)) == .wait(until: now.addingTimeInterval(0.1)))
        #expect(gate.pass(at: now.addingTimeInterval(0.1)) == .now)
        #expect(gate.pass(at: now.addingTimeInterval(5)) == .now)
    }

    @Test("Whoever comes back when told passes, however many ask in between")
    func trailingEdge() {
        var gate = WriteGate()
        var passed = 0
        for millisecond in 0..<1000
        where gate.pass(at: Stage.start.addingTimeInterval(Double(millisecond) / 1000)) == .now {
            passed += 1
        }
        #expect((9...10).contains(passed))
    }

    @Test("A clock set back does not close the gate")
    func clockSetBack() {
        var gate = WriteGate()
        #expect(gate.pass(at: Stage.start) == .now)
        #expect(gate.pass(at: Stage.start.addingTimeInterval(-3600)) == .now)
    }
}

@Suite("Claims to a target")
struct TargetClaimsTests {
    private func claim(_ name: String, _ uid: String, age: Double) -> TargetClaim {
        TargetClaim(
            endpoint: ObjectKey(namespace: "dev", name: name), uid: uid, createdAt: Stage.start.addingTimeInterval(-age)
        )
    }

    @Test("The oldest claim wins, whatever the order; of one age the smaller uid")
    func oldest() {
        let claims = [claim("b", "2", age: 5), claim("a", "9", age: 50), claim("c", "1", age: 5)]
        for others in [claims, claims.reversed()] {
            let allowed = others.filter { TargetClaims.refusal(of: $0, among: others, autoscalers: []) == nil }
            #expect(allowed.map(\.uid) == ["9"])
        }
        let twins = [claim("b", "2", age: 5), claim("c", "1", age: 5)]
        #expect(TargetClaims.refusal(of: twins[1], among: twins, autoscalers: []) == nil)
        let refusal = TargetClaims.refusal(of: twins[0], among: twins, autoscalers: [])
        #expect(refusal?.reason == "TargetClaimed")
        #expect(refusal?.message.contains("InferenceEndpoint c") == true)
    }

    @Test("An HPA or ScaledObject on the target refuses even the oldest claim, and the ScaledObject is named")
    func autoscalers() {
        let own = claim("a", "1", age: 5)
        let hpa = ForeignAutoscaler(kind: "HorizontalPodAutoscaler", name: "keda-hpa-x")
        let scaledObject = ForeignAutoscaler(kind: "ScaledObject", name: "x")
        let refusal = TargetClaims.refusal(of: own, among: [own], autoscalers: [hpa, scaledObject])
        #expect(refusal?.reason == "AnotherAutoscaler")
        #expect(refusal?.message.contains("ScaledObject x") == true)
    }
}

@Suite("Host policy")
struct HostPolicyTests {
    @Test(
        "Addresses where the operator must not be led are refused, in every disguise",
        arguments: [
            ("127.0.0.1", HostRefusal.loopback), ("127.9.9.9", .loopback), ("::1", .loopback),
            ("::ffff:127.0.0.1", .loopback), ("64:ff9b::127.0.0.1", .loopback), ("::127.0.0.1", .loopback),
            ("169.254.169.254", .metadata), ("::ffff:a9fe:a9fe", .metadata), ("64:ff9b::a9fe:a9fe", .metadata),
            ("64:ff9b:1::169.254.169.254", .metadata), ("2002:a9fe:a9fe::1", .metadata), ("fd00:ec2::254", .metadata),
            ("100.100.100.200", .metadata), ("168.63.129.16", .metadata), ("fd20:ce::254", .metadata),
            ("169.254.1.1", .linkLocal), ("fe80::1", .linkLocal), ("febf::1", .linkLocal), ("0.0.0.0", .unspecified),
            ("::", .unspecified), ("0.1.2.3", .unspecified), ("224.0.0.1", .multicast), ("ff02::1", .multicast),
            ("255.255.255.255", .multicast), ("10.96.0.1", .apiServer), ("::ffff:10.96.0.1", .apiServer),
        ])
    func refused(text: String, refusal: HostRefusal) throws {
        let policy = HostPolicy(apiServer: [try #require(IPAddress("10.96.0.1"))])
        #expect(policy.refusal(of: try #require(IPAddress(text))) == refusal)
    }

    @Test(
        "Public and private addresses are let through",
        arguments: [
            "10.0.0.1", "192.168.1.1", "172.16.0.9", "8.8.8.8", "fd00::1", "2001:db8::1", "240.0.0.1", "::2:0:0:1",
        ])
    func allowed(text: String) throws {
        #expect(HostPolicy().refusal(of: try #require(IPAddress(text))) == nil)
    }

    @Test("Loopback allowed for development includes an API server there, and nothing else")
    func loopbackAllowed() throws {
        let local = try #require(IPAddress("127.0.0.1"))
        let policy = HostPolicy(apiServer: [local], loopback: .allowed)
        #expect(policy.refusal(of: local) == nil)
        #expect(policy.refusal(of: try #require(IPAddress("169.254.169.254"))) == .metadata)
    }

    @Test(
        "What is no address is read as none",
        arguments: [
            "", "redis", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.+4", "::1::", ":::", "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7::8", "12345::", "fe80::1%eth0", "::1.2.3.4:5", "[::1]", "+1::",
        ])
    func noAddress(text: String) { #expect(IPAddress(text) == nil) }

    @Test(
        "Forms of one IPv6 address are one",
        arguments: ["fd00:0:0:0:0:0:0:1", "FD00::1", "fd00::0001", "fd00::0.0.0.1", "fd00:0::0:1"])
    func forms(text: String) { #expect(IPAddress(text) == .v6([0xfd] + Array(repeating: 0, count: 14) + [1])) }

    @Test("Bytes that are no address are refused by length", arguments: [0, 3, 5, 15, 17])
    func lengths(count: Int) { #expect(IPAddress(bytes: Array(repeating: 1, count: count)) == nil) }
}
