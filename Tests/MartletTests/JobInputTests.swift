import FoundationEssentials
import KubernetesModel
import Testing

@testable import martlet

@Suite struct JobInputTests {
    @Test("pairs are texts with = and JSON with :=")
    func pairs() throws {
        let source = try JobInput.source(text: nil, file: nil, words: ["prompt=a=b", "steps:=20", "size:=[1,2]", "x="])
        #expect(try JobInput.read(source) == ["prompt": "a=b", "steps": 20, "size": [1, 2], "x": ""])
    }

    @Test("input comes from one place", arguments: [["-"], ["a=1"]])
    func onePlace(words: [String]) throws {
        #expect(throws: CommandFailure.self) { try JobInput.source(text: "{}", file: nil, words: words) }
        #expect(throws: CommandFailure.self) { try JobInput.source(text: nil, file: "f", words: words) }
        #expect(throws: CommandFailure.self) { try JobInput.source(text: nil, file: nil, words: []) }
        #expect(try JobInput.source(text: nil, file: "-", words: []) == .stdin)
        #expect(try JobInput.source(text: nil, file: nil, words: ["-"]) == .stdin)
    }

    @Test("bad pairs and bad JSON are refused", arguments: ["novalue", "=x", "a:=not json", ":=1"])
    func badPairs(word: String) {
        #expect(throws: CommandFailure.self) { try JobInput.read(.pairs([word])) }
        #expect(throws: CommandFailure.self) { try JobInput.read(.pairs(["a=1", "a=2"])) }
        #expect(throws: CommandFailure.self) { try JobInput.read(.text("{")) }
        #expect(throws: CommandFailure.self) { try JobInput.read(.file("/nowhere/at/all")) }
    }

    @Test("an input larger than RunPod takes is refused before it is sent")
    func tooLarge() {
        let text = "\"" + String(repeating: "x", count: JobInput.largest) + "\""
        #expect(throws: CommandFailure.self) { try JobInput.read(.text(text)) }
    }

    @Test("inputs that workers choke on are warned of")
    func warnings() {
        #expect(JobInput.warning([:])?.contains("empty") == true)
        #expect(JobInput.warning(["input": ["prompt": "hi"]])?.contains("level") == true)
        #expect(JobInput.warning([1]) != nil)
        #expect(JobInput.warning(["prompt": "hi"]) == nil)
        #expect(JobInput.warning(["input": "hi"]) == nil)
    }
}
