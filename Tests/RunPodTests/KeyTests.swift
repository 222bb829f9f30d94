import Testing

@testable import RunPod

@Suite struct KeyTests {
    @Test("a key's description, reflection and dump show its fingerprint, never the key")
    func keyIsHidden() throws {
        let key = try #require(RunPodKey("test-key-0123456789abcdef"))
        var dumped = ""
        dump(["key": key], to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped, "\(Optional(key) as Any)"] {
            #expect(!text.contains("0123456789"))
        }
        #expect("\(key)".contains(key.fingerprint.rawValue))
        #expect(key.fingerprint.rawValue.count == 12)
    }

    @Test("white space around a key is dropped; what can't be a header's value is no key")
    func keyIsChecked() throws {
        #expect(RunPodKey(" abc\n") == RunPodKey("abc"))
        for text in ["", " \n", "a b", "a\nb", "a\u{0}b", "schlüssel", String(repeating: "a", count: 4097)] {
            #expect(RunPodKey(text) == nil)
        }
    }

    @Test("keys have different fingerprints, the same key the same")
    func fingerprintsDiffer() throws {
        let prints = Set((0..<1000).compactMap { RunPodKey("key-\($0)")?.fingerprint })
        #expect(prints.count == 1000)
        #expect(RunPodKey("key-1")?.fingerprint == RunPodKey("key-1 ")?.fingerprint)
    }

    @Test(
        "the digest is SHA-256",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (String(repeating: "a", count: 1_000), "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"),
        ])
    func digestIsSHA256(text: String, digest: String) {
        #expect(SHA256.hex(of: Array(text.utf8)) == digest)
    }
}

@Suite struct HostTests {
    @Test("hosts are the vendor's own unless flags name others")
    func defaults() throws {
        #expect(try RunPodHosts() == .runPod)
        let lab = try RunPodHosts(controlURL: "http://127.0.0.1:8080/v2/", jobsURL: "http://localhost:8081/v2")
        #expect(lab.controlURL == "http://127.0.0.1:8080/v2")
    }

    @Test(
        "a base URL that would expose a key is refused, without being repeated",
        arguments: [
            "", "api.runpod.io", "ftp://api.runpod.io", "http://api.runpod.io/v2", "https://",
            "https://user:pw@host/v2",
            "https://host/v2?key=1", "https://host/v2#x", "https://host:port/v2", "https://ho st/",
            "http://127.0.0.1.example/",
            "http://localhost.example/", "https://host\\@other/", "https://ho\nst", "http://127.0.0.300/",
        ])
    func refused(url: String) {
        #expect(throws: RunPodHostsError.self) { try RunPodHosts(controlURL: url) }
        do { _ = try RunPodHosts(jobsURL: url) } catch { #expect(!"\(error)".contains("pw")) }
    }

    @Test(
        "only what lies under a base URL is covered",
        arguments: [
            ("https://api.runpod.ai/v2/abc/run", true), ("https://api.runpod.io/v2", true),
            ("https://api.runpod.io/v2?cursor=1", true), ("https://api.runpod.io/v2evil/x", false),
            ("https://api.runpod.io.evil/v2/x", false), ("https://api.runpod.io/v2/../graphql", false),
            ("https://api.runpod.io/v2/%2e%2E/graphql", false), ("http://api.runpod.io/v2/x", false),
            ("https://evil/?https://api.runpod.io/v2/", false), ("https://api.runpod.io/v2/..\\x", false), ("", false),
        ])
    func covers(url: String, isCovered: Bool) {
        #expect(RunPodHosts.runPod.covers(url) == isCovered)
    }
}
