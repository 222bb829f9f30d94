/// Builds values of events: anchors, aliases, merge keys and the limits.
struct YAMLComposer {
    /// A value and what it counts for if it is repeated.
    private struct Node {
        var value: YAMLValue
        var weight: Int
    }

    private let parser: YAMLEventParser
    private var anchors: [String: Node] = [:]
    private var expansionLeft = YAMLLimits.expansion

    init(_ parser: YAMLEventParser) { self.parser = parser }

    mutating func documents() throws(YAMLError) -> [YAMLValue] {
        var documents: [YAMLValue] = []
        while case .documentStart = try parser.next().kind {
            anchors = [:]
            documents.append(try node(try parser.next(), depth: 0).value)
        }
        return documents
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> Node {
        switch event.kind {
        case .scalar(let scalar, let anchor):
            guard let value = scalar.resolved() else {
                throw event.mark.error("a tag that does not fit its value or has no meaning in JSON")
            }
            return remember(Node(value: value, weight: 1 + scalar.text.utf8.count), as: anchor)
        case .alias(let anchor): return try expand(anchor, event.mark)
        case .sequenceStart(let anchor):
            try check(depth, event.mark)
            return remember(try sequence(depth: depth + 1), as: anchor)
        case .mappingStart(let anchor):
            try check(depth, event.mark)
            return remember(try mapping(depth: depth + 1), as: anchor)
        case .documentStart, .streamEnd, .collectionEnd, .punctuation:
            throw event.mark.error("a value is missing")
        }
    }

    private func check(_ depth: Int, _ mark: YAMLMark) throws(YAMLError) {
        guard depth < YAMLLimits.depth else { throw mark.error("nested more than \(YAMLLimits.depth) deep") }
    }

    private mutating func remember(_ node: Node, as anchor: String?) -> Node {
        if let anchor { anchors[anchor] = node }
        return node
    }

    private mutating func expand(_ anchor: String, _ mark: YAMLMark) throws(YAMLError) -> Node {
        guard let node = anchors[anchor] else {
            throw mark.error("an alias without an anchor before it")
        }
        expansionLeft -= node.weight
        guard expansionLeft >= 0 else { throw mark.error("aliases expand to too much") }
        return node
    }

    private mutating func sequence(depth: Int) throws(YAMLError) -> Node {
        var elements: [YAMLValue] = []
        var weight = 1
        while true {
            let event = try parser.next()
            if case .collectionEnd = event.kind { return Node(value: .array(elements), weight: weight) }
            let element = try node(event, depth: depth)
            elements.append(element.value)
            weight += element.weight
        }
    }

    private mutating func mapping(depth: Int) throws(YAMLError) -> Node {
        var members: [String: YAMLValue] = [:]
        var merged: [String: YAMLValue] = [:]
        var weight = 1
        while true {
            let event = try parser.next()
            switch event.kind {
            case .collectionEnd:
                members.merge(merged) { own, _ in own }
                return Node(value: .object(members), weight: weight)
            case .scalar(let key, _) where key.isPlain && key.text == "<<":
                let source = try node(try parser.next(), depth: depth)
                try merge(source.value, into: &merged, event.mark)
                weight += source.weight
            case .scalar(let key, let anchor):
                _ = remember(Node(value: .string(key.text), weight: 1 + key.text.utf8.count), as: anchor)
                weight += try add(key.text, event.mark, to: &members, depth: depth)
            case .alias(let anchor):
                guard case .string(let key) = try expand(anchor, event.mark).value else {
                    throw event.mark.error("a key that is no string")
                }
                weight += try add(key, event.mark, to: &members, depth: depth)
            case .sequenceStart, .mappingStart, .documentStart, .streamEnd, .punctuation:
                throw event.mark.error("a key that is no string")
            }
        }
    }

    private mutating func add(
        _ key: String, _ mark: YAMLMark, to members: inout [String: YAMLValue], depth: Int
    ) throws(YAMLError) -> Int {
        let member = try node(try parser.next(), depth: depth)
        guard members.updateValue(member.value, forKey: key) == nil else {
            throw mark.error("a key that the mapping has already")
        }
        return key.utf8.count + member.weight
    }

    /// https://yaml.org/type/merge.html: what comes first wins, and the mapping's own keys win over all.
    private func merge(
        _ source: YAMLValue, into merged: inout [String: YAMLValue], _ mark: YAMLMark
    ) throws(YAMLError) {
        switch source {
        case .object(let members): merged.merge(members) { first, _ in first }
        case .array(let sources):
            for source in sources {
                guard case .object = source else { throw mark.error("only mappings can be merged") }
                try merge(source, into: &merged, mark)
            }
        case .null, .bool, .int, .double, .string: throw mark.error("only mappings can be merged")
        }
    }
}
