internal import FoundationEssentials
internal import KubernetesModel

extension JobFailure: Decodable {
    private struct WorkerReport: Decodable {
        var error_type: String?
        var error_message: String?
        var error_traceback: String?
    }

    /// Reads a text, a text that is itself JSON (as the Python worker sends it), or an object.
    package init(from decoder: any Decoder) throws {
        let report: WorkerReport?
        let text: String
        if let string = try? decoder.singleValueContainer().decode(String.self) {
            text = string
            report = try? JSONDecoder().decode(WorkerReport.self, from: Data(string.utf8))
        } else {
            report = try? WorkerReport(from: decoder)
            let value = try JSONValue(from: decoder)
            text =
                value["message"]?.string ?? value["error"]?.string ?? "the worker reported an error without a message"
        }
        self.init(
            message: report?.error_message ?? text, type: report?.error_type, traceback: report?.error_traceback)
    }
}

extension JobStreamPage: Decodable {
    private enum Fields: String, CodingKey { case status, stream }
    private struct Chunk: Decodable { var output: JSONValue? }

    /// Reads `{status, stream: [{output}]}`, and the bare list of an old worker. Throws where there is no list.
    package init(from decoder: any Decoder) throws {
        if let bare = try? decoder.singleValueContainer().decode([Chunk].self) {
            self.init(status: nil, chunks: bare.compactMap(\.output))
            return
        }
        let fields = try decoder.container(keyedBy: Fields.self)
        self.init(
            status: fields.lenient(.status),
            chunks: try fields.decode([Chunk].self, forKey: .stream).compactMap(\.output))
    }
}
