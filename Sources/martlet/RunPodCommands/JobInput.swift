internal import Glibc
internal import KubernetesModel

/// The input of a job as a command line gives it: one of JSON text, a file, stdin, or pairs.
enum JobInput {
    /// RunPod takes 10 MB at `/run`, the whole request.
    static let largest = 10_000_000

    /// Where the input comes from.
    enum Source: Equatable {
        case text(String)
        case file(String)
        case stdin
        case pairs([String])
    }

    /// The one source that was given. Throws what to do if there are none or several.
    static func source(text: String?, file: String?, words: [String]) throws(CommandFailure) -> Source {
        switch (text, file, words) {
        case (let text?, nil, []): return .text(text)
        case (nil, "-", []), (nil, nil, ["-"]): return .stdin
        case (nil, let file?, []): return .file(file)
        case (nil, nil, let words) where !words.isEmpty: return .pairs(words)
        case (nil, nil, _):
            throw CommandFailure(
                "the job has no input: give --input JSON, --input-file FILE, - for stdin, or key=value pairs")
        default:
            throw CommandFailure("the job's input comes from one of --input, --input-file, - and key=value pairs")
        }
    }

    /// The input itself. Throws what is wrong with it, without repeating it.
    static func read(_ source: Source) throws(CommandFailure) -> JSONValue {
        switch source {
        case .text(let text): try parse(Array(text.utf8), "--input")
        case .file(let path): try parse(try contents(of: path), path)
        case .stdin: try parse(try contents(of: nil), "stdin")
        case .pairs(let words): try pairs(words)
        }
    }

    /// What is odd about an input that RunPod takes and its workers do not; nil: nothing.
    static func warning(_ input: JSONValue) -> String? {
        guard case .object(let members) = input else {
            return "the input is no JSON object; most handlers expect one"
        }
        if members.isEmpty { return "the input is empty: RunPod's Python worker never answers such a job" }
        if members.count == 1, case .object = members["input"] {
            return "the input holds nothing but \"input\": martlet puts that level around it by itself"
        }
        return nil
    }

    private static func parse(_ bytes: [UInt8], _ origin: String) throws(CommandFailure) -> JSONValue {
        guard bytes.count <= largest else {
            throw CommandFailure("\(origin): larger than the \(largest / 1_000_000) MB that RunPod takes")
        }
        guard let value = JSONText.parse(bytes) else { throw CommandFailure("\(origin): not JSON") }
        return value
    }

    /// `key=text` and `key:=json`.
    private static func pairs(_ words: [String]) throws(CommandFailure) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for word in words {
            guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
                throw CommandFailure("'\(word.prefix(40))' is neither key=value nor key:=json")
            }
            var key = word[..<equals]
            let text = String(word[word.index(after: equals)...])
            var value = JSONValue.string(text)
            if key.last == ":" {
                key.removeLast()
                guard let json = JSONText.parse(Array(text.utf8)) else {
                    throw CommandFailure("\(key): what follows := is not JSON; key=value takes plain text")
                }
                value = json
            }
            guard !key.isEmpty, members.updateValue(value, forKey: String(key)) == nil else {
                throw CommandFailure("\(key.isEmpty ? "a pair without a key" : "\(key): given twice")")
            }
        }
        return .object(members)
    }

    /// Nil for stdin. Reads no more than a byte beyond what RunPod takes.
    private static func contents(of path: String?) throws(CommandFailure) -> [UInt8] {
        let file = path.map { open($0, O_RDONLY | O_CLOEXEC) } ?? STDIN_FILENO
        guard file >= 0 else { throw CommandFailure("\(path ?? "stdin"): \(String(cString: strerror(errno)))") }
        defer { if path != nil { close(file) } }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= largest {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count == 0 { break }
            if count > 0 {
                bytes += buffer[..<count]
            } else if errno != EINTR {
                throw CommandFailure("\(path ?? "stdin"): \(String(cString: strerror(errno)))")
            }
        }
        return bytes
    }
}
