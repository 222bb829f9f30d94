internal import Glibc

extension ExecPlugin {
    /// A plugin that takes longer waits for somebody.
    static let longestRun = Duration.seconds(60)
    /// Certificate chains reach some kilobytes, in bytes.
    private static let largestOutput = 1 << 20

    /// Runs the plugin and reads what it hands out. Blocks. The error repeats nothing that the plugin wrote; what it has
    /// to say to people it writes to its error output, which is ours.
    func run(timeout: Duration = longestRun) throws(KubernetesError.Cause) -> ExecCredential {
        let variables = try variables()
        let output: [UInt8]
        do throws(PluginProcess.Failure) {
            output = try PluginProcess.run(
                command, arguments, environment: variables, timeout: timeout, limit: Self.largestOutput)
        } catch { throw .credential("\(self) \(text(of: error, after: timeout))") }
        return try credential(in: output)
    }

    private func text(of failure: PluginProcess.Failure, after timeout: Duration) -> String {
        switch failure {
        case .notFound: "is not there, or may not be executed" + (installHint.map { ". \($0)" } ?? "")
        case .notStarted(let code): "did not start: \(String(cString: strerror(code)))"
        case .timedOut: "was ended after \(timeout): it ran on, or something that it started held its output open"
        case .tooMuchOutput: "was ended: it wrote more than \(Self.largestOutput) bytes"
        case .exited(let code): "failed with exit code \(code); its own words are in the error output of this process"
        case .signalled(let signal): "was ended by signal \(signal)"
        }
    }
}
