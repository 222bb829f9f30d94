internal import ArgumentParser

/// Why a command did nothing, with what to do. Never holds a key or a value of the environment.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Runs a command's body; a failure is told on stderr and becomes the exit code of "nothing was done", so that 1 is left
/// for jobs that failed.
func reportingFailures(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let code as ExitCode {
        throw code
    } catch {
        Stderr.line("Error: \(PlainText.safe("\(error)"))")
        throw ExitCode(ExitCodes.nothingDone)
    }
}
