/// Asks before something that can't be undone.
enum Confirmation {
    /// True for y and yes. Throws where nobody can be asked.
    static func ask(_ question: String) throws(CommandFailure) -> Bool {
        guard Terminal.readsStdin else { throw CommandFailure("\(question) Nobody is there to ask: give --yes") }
        Stderr.write("\(question) [y/N] ")
        let answer = readLine() ?? ""
        return ["y", "yes"].contains(answer.lowercased())
    }
}
