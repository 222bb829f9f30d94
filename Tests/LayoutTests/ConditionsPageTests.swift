import Foundation
import Testing

/// docs/conditions.md must have a line for each reason that the operator can give.
@Suite struct ConditionsPageTests {
    private let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private func sources(of target: String) throws -> String {
        let folder = root.appendingPathComponent("Sources/\(target)")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? []
        return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined(separator: "\n")
    }

    /// Reasons as they stand in the code: raw values of the enums, and literals of conditions, refusals and events.
    private func reasonsInCode() throws -> Set<String> {
        var reasons: Set<String> = []
        let enums = [
            "Sources/MartletAPI/SpecProblem.swift", "Sources/MartletOperator/Queue/QueueObservation.swift",
            "Sources/MartletDecisions/RunPod/RunPodReason.swift",
        ]
        for path in enums {
            reasons.formUnion(try text(path).matches(of: /case \w+ = "(\w+)"/).map { String($0.1) })
        }
        let code = try sources(of: "MartletOperator") + sources(of: "MartletDecisions")
        reasons.formUnion(code.matches(of: /reason: "([A-Z]\w+)"/).map { String($0.1) })
        reasons.formUnion(code.matches(of: /Finding\(\s*"\w+", \.\w+, "(\w+)"/).map { String($0.1) })
        reasons.formUnion(code.matches(of: /case \.\w+: "([A-Z]\w+)"/).map { String($0.1) })
        return reasons
    }

    @Test("every reason of a condition or event has its line in docs/conditions.md")
    func everyReasonIsExplained() throws {
        let page = try text("docs/conditions.md")
        let reasons = try reasonsInCode()
        #expect(reasons.count > 40, "too few reasons found: the test reads the wrong places")
        for reason in reasons.sorted() where reason != "Ready" {
            #expect(page.contains("`\(reason)`"), "\(reason) is missing in docs/conditions.md")
        }
    }

    @Test("docs/conditions.md explains no reason that does not exist")
    func nothingIsInvented() throws {
        let first = /^\| (`[^|]+`)[^|]*\|/.anchorsMatchLineEndings()
        let code = try sources(of: "MartletOperator") + sources(of: "MartletDecisions") + sources(of: "MartletAPI")
        let cells = try text("docs/conditions.md").matches(of: first)
        #expect(cells.count > 30)
        for cell in cells {
            for reason in cell.1.matches(of: /`([A-Z]\w+)`/) where reason.1 != "True" {
                let isReal = code.contains("\"\(reason.1)\"")
                #expect(isReal, "\(reason.1) is not in the code")
            }
        }
    }
}
