import Testing
import YAML

private func parse(_ text: String) throws -> YAMLValue {
    let documents = try YAMLValue.documents(in: Array(text.utf8))
    return try #require(documents.first)
}

struct YAMLValueTests {
    @Test(
        arguments: [
            ("null", .null), ("~", .null), ("", .null), ("true", .bool(true)), ("FALSE", .bool(false)),
            ("yes", .string("yes")), ("on", .string("on")), ("tRue", .string("tRue")), ("'true'", .string("true")),
            ("0", .int(0)), ("-12", .int(-12)), ("+3", .int(3)), ("010", .int(10)), ("0x1F", .int(31)),
            ("0o17", .int(15)),
            ("0x-1", .string("0x-1")), ("1_000", .string("1_000")), ("1e3", .double(1000)), ("-.5", .double(-0.5)),
            ("1.", .double(1)), (".", .string(".")), ("e3", .string("e3")), ("1e", .string("1e")),
            ("nan", .string("nan")),
            (".inf", .double(.infinity)), ("infinity", .string("infinity")), ("0x1p3", .string("0x1p3")),
            ("9223372036854775807", .int(.max)), ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            ("2026-11-20", .string("2026-11-20")), ("10.0.0.1", .string("10.0.0.1")), ("!!str 12", .string("12")),
            ("!!float 12", .double(12)), ("! 12", .string("12")), ("\"\"", .string("")),
            ("|\n a\n b\n", .string("a\nb\n")),
        ] as [(String, YAMLValue)])
    func `a scalar is what the core schema says`(text: String, value: YAMLValue) throws {
        #expect(try parse("- \(text)\n") == .array([value]))
    }

    @Test func `blocks and flows nest`() throws {
        let value = try parse("a:\n  - b: [1, {c: d}]\n  - |\n    text\ne: >-\n  folded\n  line\n")
        #expect(
            value
                == .object([
                    "a": .array([
                        .object(["b": .array([.int(1), .object(["c": .string("d")])])]), .string("text\n"),
                    ]),
                    "e": .string("folded line"),
                ]))
    }

    @Test func `an alias repeats its anchor, in its own document only`() throws {
        #expect(try parse("- &a [1]\n- *a\n") == .array([.array([.int(1)]), .array([.int(1)])]))
        #expect(throws: YAMLError.self) { try YAMLValue.documents(in: Array("&a 1\n---\n*a\n".utf8)) }
    }

    @Test func `merged keys give way to the mapping's own and to earlier ones`() throws {
        let value = try parse(
            """
            base: &base {a: 1, b: 1}
            more: &more {b: 2, c: 2}
            it: {<<: [*base, *more], a: 0}
            """)
        guard case .object(let members) = value else {
            Issue.record("no mapping")
            return
        }
        #expect(members["it"] == .object(["a": .int(0), "b": .int(1), "c": .int(2)]))
    }

    @Test func `every document of a stream is read`() throws {
        let documents = try YAMLValue.documents(in: Array("a: 1\n---\n---\nb: 2\n...\n".utf8))
        #expect(documents == [.object(["a": .int(1)]), .null, .object(["b": .int(2)])])
        #expect(try YAMLValue.documents(in: []) == [])
        #expect(try YAMLValue.documents(in: Array("# nothing\n".utf8)) == [])
    }

    @Test func `a byte order mark is skipped`() throws {
        #expect(try parse("\u{FEFF}a: 1\n") == .object(["a": .int(1)]))
    }

    @Test func `JSON text escapes what JSON demands`() throws {
        let value = YAMLValue.array([
            .string("a\"\\\n\u{1}é"), .double(.nan), .double(1e300), .bool(true), .object(["k": .null]),
        ])
        #expect(String(decoding: value.json(), as: UTF8.self) == #"["a\"\\\u000a\u0001é",null,1e+300,true,{"k":null}]"#)
    }
}

struct YAMLErrorTests {
    private func failure(of text: String) -> YAMLError? {
        do throws(YAMLError) {
            _ = try YAMLValue.documents(in: Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test func `an error names its place`() throws {
        let error = try #require(failure(of: "a: 1\nb: [2\nc: 3\n"))
        #expect(error.line == 3)
        #expect(error.description.hasPrefix("line 3, column "))
    }

    @Test func `a duplicate key is an error at the second one`() throws {
        let error = try #require(failure(of: "a: 1\nb:\n  x: 1\n  x: 2\n"))
        #expect(error.line == 4 && error.column == 3)
    }

    @Test(arguments: [
        "a: b: c", "\tx", "'open", "[1, 2", "{a: 1", "*nowhere", "a: *a", "&a [*a]", "[1, 2]: x", "{a: 1}: x",
        "? {a: 1}",
        "!custom x", "!!int x", "!!set {a}", "<<: 1", "<<: [1]", "%YAML 9.9\n--- a", "@a", "`a`", "a: \u{0}", "\u{1}",
    ])
    func `malformed text is refused`(text: String) throws {
        #expect(failure(of: text) != nil)
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        #expect(throws: YAMLError.self) { try YAMLValue.documents(in: [0x61, 0x3A, 0x20, 0xFF, 0xFE, 0x80]) }
    }

    @Test func `an error repeats nothing of the text`() throws {
        for text in ["token: hunter2: x", "hunter2: 1\nhunter2: 2", "a: !hunter2 hunter2", "a: *hunter2", "[hunter2"] {
            let error = try #require(failure(of: text))
            #expect(!error.description.contains("hunter2"))
        }
    }

    @Test func `nesting has a limit`() {
        #expect(failure(of: String(repeating: "[", count: 100) + String(repeating: "]", count: 100)) == nil)
        #expect(failure(of: String(repeating: "[", count: 101) + String(repeating: "]", count: 101)) != nil)
        #expect(failure(of: String(repeating: "[", count: 1_000_000)) != nil)
    }

    @Test func `aliases that would expand exponentially are refused`() throws {
        var text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(try #require(failure(of: text)).reason == "aliases expand to too much")
    }
}
