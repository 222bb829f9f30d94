internal import KubernetesModel

/// Chunks of a job's output as text for people.
enum ChunkText {
    /// The text that a chunk adds to what was printed before, where it is text: a string, or what workers for language
    /// models wrap one in. Anything else is a line of JSON.
    static func text(_ chunk: JSONValue) -> String {
        if let text = plain(chunk) { return PlainText.safe(text) }
        return PlainText.safe(JSONText.line(chunk)) + "\n"
    }

    private static func plain(_ chunk: JSONValue) -> String? {
        if let text = chunk.string { return text }
        guard let choices = chunk["choices"]?.array, !choices.isEmpty else { return nil }
        // OpenAI's chunks, and worker-vllm's own (`tokens`). A chunk without text opens or closes the answer.
        let texts = choices.map { choice -> String? in
            if let text = choice["text"]?.string { return text }
            if let delta = choice["delta"] { return delta["content"]?.string ?? "" }
            return choice["tokens"]?.array.map { $0.compactMap(\.string).joined() }
        }
        guard texts.allSatisfy({ $0 != nil }) else { return nil }
        return texts.compactMap(\.self).joined()
    }
}
