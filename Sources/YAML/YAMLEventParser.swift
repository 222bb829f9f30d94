internal import CYAML

/// A place in the text, from 1.
struct YAMLMark {
    var line: Int
    var column: Int

    init(_ mark: yaml_mark_t) {
        line = mark.line + 1
        column = mark.column + 1
    }

    func error(_ reason: String) -> YAMLError { YAMLError(reason: reason, line: line, column: column) }
}

/// What libyaml reports, without its memory.
struct YAMLEvent {
    enum Kind {
        case documentStart
        case streamEnd
        case alias(anchor: String)
        case scalar(YAMLScalar, anchor: String?)
        case sequenceStart(anchor: String?)
        case mappingStart(anchor: String?)
        case collectionEnd
        /// Starts and ends that say nothing.
        case punctuation
    }

    var kind: Kind
    var mark: YAMLMark
}

/// The one door to libyaml. Lives no longer than the bytes it was given.
final class YAMLEventParser {
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    init(_ bytes: UnsafeRawBufferPointer) {
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else { fatalError("out of memory") }
        let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        // libyaml insists on a pointer even when there is nothing behind it.
        yaml_parser_set_input_string(parser, start ?? UnsafePointer(bitPattern: 1), bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event that says something.
    func next() throws(YAMLError) -> YAMLEvent {
        while true {
            let event = try read()
            if case .punctuation = event.kind { continue }
            return event
        }
    }

    private func read() throws(YAMLError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw error() }
        defer { yaml_event_delete(&event) }
        let mark = YAMLMark(event.start_mark)
        return YAMLEvent(kind: try Self.kind(of: event, mark), mark: mark)
    }

    private static func kind(of event: yaml_event_t, _ mark: YAMLMark) throws(YAMLError) -> YAMLEvent.Kind {
        switch event.type {
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_ALIAS_EVENT: return .alias(anchor: text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let value = YAMLScalar(
                text: String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
                tag: text(scalar.tag))
            return .scalar(value, anchor: text(scalar.anchor))
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            try check(tag: text(start.tag), is: "tag:yaml.org,2002:seq", mark)
            return .sequenceStart(anchor: text(start.anchor))
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            try check(tag: text(start.tag), is: "tag:yaml.org,2002:map", mark)
            return .mappingStart(anchor: text(start.anchor))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .collectionEnd
        default: return .punctuation
        }
    }

    private static func check(tag: String?, is expected: String, _ mark: YAMLMark) throws(YAMLError) {
        guard tag == nil || tag == "!" || tag == expected else {
            throw mark.error("a tag that has no meaning in JSON")
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? { pointer.map { String(cString: $0) } }

    private func error() -> YAMLError {
        // libyaml's texts are constants; none quotes the input.
        let reason = parser.pointee.problem.map { String(cString: $0) } ?? "malformed"
        guard parser.pointee.error == YAML_READER_ERROR else {
            return YAMLMark(parser.pointee.problem_mark).error(reason)
        }
        // The reader fails ahead of the scanner and knows an offset only.
        return YAMLMark(parser.pointee.mark).error("\(reason) at byte \(parser.pointee.problem_offset)")
    }
}
