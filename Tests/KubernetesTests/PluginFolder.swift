import Foundation

@testable import Kubernetes

/// A folder of scripts that act as exec plugins, gone with the test.
final class PluginFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "martlet-plugin-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes `script` for the shell; returns the path.
    @discardableResult
    func add(_ script: String, as name: String = "plugin") throws -> String {
        let file = "\(path)/\(name)"
        try "#!/bin/sh\n\(script)\n".write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        return file
    }

    /// A script that hands out `status`.
    func add(status: String, version: ExecPlugin.Version = .v1, as name: String = "plugin") throws -> String {
        try add("cat <<'END'\n\(Self.answer(status, version))\nEND", as: name)
    }

    static func answer(_ status: String, _ version: ExecPlugin.Version = .v1) -> String {
        #"{"kind": "ExecCredential", "apiVersion": "\#(version.rawValue)", "status": \#(status)}"#
    }

    func text(_ name: String) -> String { (try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)) ?? "" }
}

extension ExecPlugin {
    /// A plugin that sees nothing but PATH.
    init(_ command: String, _ arguments: [String] = [], version: Version = .v1, hint: String? = nil) {
        self.init(
            command: command, arguments: arguments, environment: ["PATH": "/usr/bin:/bin"], version: version,
            installHint: hint)
    }
}
