import Foundation
import Testing

/// Tests/Mutants/mutants.toml must fit the sources: a bug that can't be seeded any more proves nothing about the test it names.
@Suite struct MutantsTests {
    private let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The fields of each entry. Reads the three kinds of strings that the file uses.
    private var mutants: [[String: String]] {
        get throws {
            let field = /^(\w+) = (?:'''\n?([\s\S]*?)'''|"((?:[^"\\]|\\.)*)"|'([^'\n]*)')$/.anchorsMatchLineEndings()
            return try text("Tests/Mutants/mutants.toml").components(separatedBy: "[[mutant]]\n").dropFirst().map {
                var fields: [String: String] = [:]
                for match in $0.matches(of: field) {
                    fields[String(match.1)] = match.3.map(unescaped) ?? String(match.2 ?? match.4 ?? "")
                }
                return fields
            }
        }
    }

    private func unescaped(_ text: Substring) -> String {
        String(text.replacing(#"\n"#, with: "\n").replacing(#"\""#, with: "\"").replacing(#"\\"#, with: #"\"#))
    }

    @Test("each bug has a name of its own, and its text stands exactly once in its file")
    func anchors() throws {
        let mutants = try mutants
        #expect(mutants.count > 75, "too few bugs found: the file is not read rightly")
        #expect(Set(mutants.map { $0["name"] }).count == mutants.count, "a name is used twice: the verdicts would mix")
        for mutant in mutants {
            let name = mutant["name"] ?? "?"
            let (file, find) = (try #require(mutant["file"], "\(name)"), try #require(mutant["find"], "\(name)"))
            let count = try text(file).components(separatedBy: find).count - 1
            #expect(count == 1, "\(name): its text stands \(count) times in \(file)")
            #expect(mutant["replace"] != find, "\(name) changes nothing")
        }
    }

    @Test("each bug names a test that exists")
    func tests() throws {
        for mutant in try mutants {
            let target = try #require(mutant["target"])
            let (suite, name) = try #require(
                mutant["test"]?.wholeMatch(of: /(\w+)\/(.+)/).map { (String($0.1), String($0.2)) })
            let folder = root.appendingPathComponent("Tests/\(target)")
            let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? []
            let exists = files.contains { file in
                guard let file = file as? URL, file.pathExtension == "swift",
                    let text = try? String(contentsOf: file, encoding: .utf8)
                else { return false }
                return text.contains("struct \(suite) ") && (text.contains("func \(name)(") || text.contains("func `\(name)`("))
            }
            #expect(exists, "\(mutant["name"] ?? "?"): there is no test \(target).\(suite)/\(name)")
        }
    }
}
