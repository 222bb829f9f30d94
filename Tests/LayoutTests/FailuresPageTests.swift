import Foundation
import Testing

/// docs/runpod-failures.md must name tests that exist, for each failure.
@Suite struct FailuresPageTests {
    private let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private var rows: [(number: Int, tests: [String])] {
        get throws {
            let page = try String(
                contentsOf: root.appendingPathComponent("docs/runpod-failures.md"), encoding: .utf8)
            return page.matches(of: /^\| F(\d+) \|.*\|([^|]*)\|$/.anchorsMatchLineEndings()).compactMap { row in
                Int(row.1).map { ($0, row.2.matches(of: /`([^`]+)`/).map { String($0.1) }) }
            }
        }
    }

    /// Every test as `Suite/function`.
    private var tests: Set<String> {
        get throws {
            let folder = root.appendingPathComponent("Tests")
            let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? []
            var found: Set<String> = []
            for case let file as URL in files where file.pathExtension == "swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                var suite: Substring = ""
                var isTest = false
                for word in text.matches(of: /(?:struct|class|extension) (\w+Tests)\b|\bfunc (\w+)\(|@Test/) {
                    if let name = word.1 {
                        suite = name
                    } else if let name = word.2 {
                        if isTest { found.insert("\(suite)/\(name)") }
                        isTest = false
                    } else {
                        isTest = true
                    }
                }
            }
            return found
        }
    }

    @Test("each failure of F1 to F28 has its row, in order")
    func rowsAreComplete() throws {
        #expect(try rows.map(\.number) == Array(1...28))
    }

    @Test("each row names a test, but the one that says why it does not apply")
    func rowsHaveTests() throws {
        for (number, tests) in try rows { #expect(tests.isEmpty == (number == 17), "F\(number)") }
    }

    @Test("every test that the page names exists")
    func testsExist() throws {
        let tests = try tests
        #expect(tests.count > 500, "too few tests found: the sources are not read rightly")
        for (number, named) in try rows {
            for test in named { #expect(tests.contains(test), "F\(number): there is no test \(test)") }
        }
    }
}
