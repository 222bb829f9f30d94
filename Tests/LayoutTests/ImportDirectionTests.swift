import Foundation
import Testing

/// The arrows of docs/architecture.md. What a target may import of our own modules and of the packages; the rest is refused.
private let allowed: [String: Set<String>] = [
    "HTTPTransport": ["CCurl"],
    "YAML": ["CYAML"],
    "KubernetesModel": [],
    "Kubernetes": ["HTTPTransport", "YAML", "KubernetesModel", "Logging"],
    "ControllerRuntime": [
        "Kubernetes", "KubernetesModel", "Logging", "Metrics", "DequeModule", "HeapModule",
    ],
    "Redis": ["NIOCore", "NIOPosix", "NIOSSL", "NIOConcurrencyHelpers", "Logging", "DequeModule"],
    // The model only for its JSON and its times.
    "RunPod": ["HTTPTransport", "KubernetesModel"],
    "MartletAPI": ["KubernetesModel"],
    "MartletDecisions": ["MartletAPI", "KubernetesModel"],
    "MartletOperator": [
        "ControllerRuntime", "HTTPTransport", "Kubernetes", "KubernetesModel", "MartletAPI", "MartletDecisions",
        "Redis", "RunPod",
        "Logging", "Metrics", "CoreMetrics", "DequeModule", "NIOCore", "NIOPosix",
    ],
    "RunPodSimulator": ["HTTPTransport"],
    "martlet": [
        "CMalloc", "MartletOperator", "MartletAPI", "MartletDecisions", "ControllerRuntime", "Kubernetes",
        "KubernetesModel",
        "HTTPTransport", "RunPod", "YAML", "Logging", "Metrics", "ArgumentParser", "Hummingbird", "ServiceLifecycle",
        "UnixSignals",
    ],
    "MartletLab": [
        "ControllerRuntime", "HTTPTransport", "Kubernetes", "KubernetesModel", "MartletAPI", "Redis", "YAML", "Logging",
        "RunPodSimulator", "ArgumentParser", "Hummingbird", "NIOCore", "ServiceLifecycle",
    ],
]

/// Part of the toolchain, open to all. Whole `Foundation` is not among them: it costs an operator 20 MiB of memory.
private let toolchain: Set<String> = ["FoundationEssentials", "Synchronization", "Glibc", "Dispatch", "Swift"]

private let sources = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources")

/// Every `import` of a target as (file, module).
private func imports(of target: String) throws -> [(file: String, module: String)] {
    let folder = sources.appendingPathComponent(target)
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? []
    return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.flatMap { file in
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
            var words = line.split(separator: " ").map(String.init)
            while let first = words.first,
                first.hasPrefix("@") || ["public", "package", "internal", "private"].contains(first)
            {
                words.removeFirst()
            }
            guard words.first == "import", var module = words.last else { return nil }
            module = String(module.split(separator: ".").first ?? "")
            return (file.lastPathComponent, module)
        }
    }
}

@Suite("Layout") struct ImportDirectionTests {
    @Test("a target imports only what the architecture allows", arguments: allowed.keys.sorted())
    func importsFollowTheArrows(target: String) throws {
        let found = try imports(of: target)
        #expect(!found.isEmpty || target == "KubernetesModel", "no source read: the test looks in the wrong place")
        for (file, module) in found {
            let mayImport = allowed[target, default: []].contains(module) || toolchain.contains(module)
            #expect(mayImport, "\(target)/\(file) imports \(module)")
        }
    }

    @Test("every target is under the rule")
    func everyTargetIsListed() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: sources.path)
        #expect(Set(folders).subtracting(["CCurl", "CYAML", "CMalloc"]) == Set(allowed.keys))
    }

    @Test("`martlet crds` prints what crds/ holds; scripts/embed-crds brings it up to date")
    func embeddedCRDs() throws {
        let root = sources.deletingLastPathComponent()
        let embedded = try String(
            contentsOf: sources.appendingPathComponent("martlet/CustomResourceDefinitions.swift"), encoding: .utf8)
        let files = try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("crds").path)
        #expect(files.contains { $0.hasSuffix(".yaml") })
        for file in files where file.hasSuffix(".yaml") {
            let yaml = try String(contentsOf: root.appendingPathComponent("crds/\(file)"), encoding: .utf8)
            #expect(embedded.contains(yaml), "\(file) has changed: run scripts/embed-crds")
        }
    }

    @Test("nothing below the executables reads the wall clock")
    func timeIsPassedIn() throws {
        for target in ["MartletAPI", "MartletDecisions", "KubernetesModel"] {
            let folder = sources.appendingPathComponent(target)
            for case let file as URL in FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
                ?? .init()
            {
                guard file.pathExtension == "swift" else { continue }
                let text = try String(contentsOf: file, encoding: .utf8)
                #expect(!text.contains("Date()") && !text.contains("Date.now"), "\(target)/\(file.lastPathComponent)")
            }
        }
    }
}
