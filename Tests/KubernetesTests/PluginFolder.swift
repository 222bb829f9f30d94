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
        try add(file: "#!/bin/sh\n\(script)\n", as: name)
    }

    /// Writes an executable file; returns the path.
    func add(file text: String, as name: String) throws -> String {
        let file = "\(path)/\(name)"
        // By another process: a file that is open for writing in this one may be inherited by a plugin that is started at
        // the time, and cannot be executed until that one has become what it is to be.
        let writer = Process()
        writer.executableURL = URL(filePath: "/bin/sh")
        writer.arguments = [
            "-c", #"printf '%s' "$1" >"$2" && chmod 755 "$2""#, "sh", text, file,
        ]
        try writer.run()
        writer.waitUntilExit()
        guard writer.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
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
