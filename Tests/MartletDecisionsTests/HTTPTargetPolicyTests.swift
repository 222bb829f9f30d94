import Testing

@testable import MartletDecisions

@Suite("HTTP targets that tenants name")
struct HTTPTargetPolicyTests {
    private func refusal(
        _ address: String, host: String = "db.example", port: Int = 443, encrypted: Bool = true,
        allowing: [String] = [], apiServer: [String] = []
    ) throws -> String? {
        HTTPTargetPolicy(
            apiServer: apiServer.compactMap { IPAddress($0) }, allowing: allowing.compactMap { HTTPHostPattern($0) }
        ).refusal(host: host, port: port, address: try #require(IPAddress(address)), isEncrypted: encrypted)
    }

    @Test(
        "https to a public address is allowed, whichever it is",
        arguments: ["104.18.38.10", "8.8.8.8", "172.32.0.1", "100.63.0.1", "2606:4700::1", "2a05:d014::1"])
    func publicAddresses(address: String) throws {
        #expect(try refusal(address) == nil)
        #expect(try refusal(address, encrypted: false)?.contains("not https") == true)
    }

    @Test(
        "private, shared, reserved and tunnelled addresses are refused unless the operator's flag names the host",
        arguments: [
            "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "127.0.0.1", "198.18.0.1",
            "192.0.2.1", "240.0.0.1", "fd00::1", "fc00::1", "::1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1",
            "2002:a00:1::",
            "2001:0:a00:1::", "2001:db8::1", "4000::1", "3fff::1",
        ])
    func privateAddresses(address: String) throws {
        let message = try #require(try refusal(address))
        #expect(message.contains("--allow-http-hosts"))
        #expect(!message.contains(address) && !message.contains("db.example"))
        #expect(try refusal(address, encrypted: false, allowing: ["DB.example"]) == nil)
        #expect(try refusal(address, allowing: ["other.example"]) != nil)
    }

    @Test(
        "the metadata service, link-local addresses and the API server stay refused to hosts that the flag names",
        arguments: [
            "169.254.169.254", "169.254.1.1", "100.100.100.200", "fd00:ec2::254", "fe80::1", "0.0.0.0", "224.0.0.1",
            "255.255.255.255", "34.1.2.3",
        ])
    func alwaysRefused(address: String) throws {
        #expect(try refusal(address, apiServer: ["34.1.2.3"]) != nil)
        #expect(try refusal(address, allowing: ["db.example"], apiServer: ["34.1.2.3"]) != nil)
    }

    @Test("a host that is named with a port is allowed at that port only")
    func ports() throws {
        #expect(try refusal("10.0.0.1", port: 3000, allowing: ["db.example:3000"]) == nil)
        #expect(try refusal("10.0.0.1", port: 3001, allowing: ["db.example:3000"]) != nil)
        #expect(try refusal("fd00::7", host: "fd00::7", port: 80, allowing: ["[fd00::7]"]) == nil)
        #expect(try refusal("10.0.0.7", host: "10.0.0.7", port: 80, allowing: ["10.0.0.7"]) == nil)
    }

    @Test(
        "what is no host is no pattern",
        arguments: ["", "http://db.example", "db.example:0", "a b", "db.example/x", "*"])
    func malformed(text: String) { #expect(HTTPHostPattern(text) == nil) }
}
