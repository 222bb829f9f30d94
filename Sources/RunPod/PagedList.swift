/// What RunPod lists under a name of its own.
protocol Listed: Decodable, Sendable {
    /// The envelope's member.
    static var listName: String { get }
    var listIdentity: String { get }
}

extension RunPodEndpoint: Listed {
    static let listName = "endpoints"
    var listIdentity: String { id.rawValue }
}

extension RunPodTemplate: Listed {
    static let listName = "templates"
    var listIdentity: String { id.rawValue }
}

extension GPUType: Listed {
    static let listName = "gpus"
    var listIdentity: String { id }
}

/// A list that is whole, or is an error: a list with a gap would have endpoints deleted or created twice (F22).
///
/// RunPod's specification of August 2026 has no pages; later texts speak of opaque cursors without naming their
/// parameters. So every mark of a further page that is in use elsewhere is taken seriously: it is followed if it can be, and
/// whatever then looks as if the server had not understood is an error.
struct PagedList<Element: Listed> {
    /// More than any account has; a server that goes on for ever must not hold the caller.
    private static var mostPages: Int { 1000 }

    private var seen: Set<String> = []
    private var cursors: Set<String> = []
    private(set) var elements: [Element] = []

    /// Takes a page in; returns the parameters that ask for the following one, nil after the last.
    mutating func take(_ page: ListPage<Element>) throws(RunPodError.Cause) -> PageMarks.Next? {
        for element in page.elements {
            guard seen.insert(element.listIdentity).inserted else {
                throw .malformedAnswer("the list repeats an entry: its pages are not understood")
            }
            elements.append(element)
        }
        if let next = page.marks.next {
            guard cursors.insert(next.cursor).inserted, cursors.count < Self.mostPages else {
                throw .malformedAnswer("the list's pages go round in circles")
            }
            return next
        }
        guard !page.marks.announcesMore else {
            throw .malformedAnswer("the list announces a page that can't be asked for")
        }
        guard page.marks.total ?? 0 <= elements.count else {
            throw .malformedAnswer("the list is shorter than it says: entries are missing")
        }
        return nil
    }
}

/// One answer to a list call.
struct ListPage<Element: Listed>: Decodable {
    var elements: [Element]
    var marks: PageMarks

    /// Strict about entries: one that can't be identified makes the list incomplete.
    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: PageMarks.Key.self)
        elements = try fields.decode([Element].self, forKey: PageMarks.Key(Element.listName))
        marks = PageMarks(fields)
    }
}

/// What an envelope tells of further pages, in the spellings that are in use.
struct PageMarks: Sendable, Equatable {
    /// How to ask for the following page.
    struct Next: Sendable, Equatable {
        var parameter: String
        var cursor: String
    }

    struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    private(set) var next: Next?
    /// More is said to follow, or may.
    private(set) var announcesMore = false
    /// Entries on all pages together.
    private(set) var total: Int?

    private static let cursors = [
        ("nextCursor", "cursor"), ("next_cursor", "cursor"), ("nextPageToken", "pageToken"),
        ("next_page_token", "page_token"), ("endCursor", "after"), ("end_cursor", "after"), ("cursor", "cursor"),
    ]
    private static let flags = ["hasMore", "has_more", "hasNextPage", "has_next_page"]
    /// A page's number or address: what to do with it is not known.
    private static let pointers = ["next", "nextPage", "next_page", "nextUrl", "next_url"]
    private static let totals = ["total", "totalCount", "total_count"]
    private static let nests = [
        "pagination", "pageInfo", "page_info", "page", "paging", "metadata", "meta", "links", "_links",
    ]

    init(_ fields: KeyedDecodingContainer<Key>) {
        var layers = [fields]
        for name in Self.nests {
            if let nested = try? fields.nestedContainer(keyedBy: Key.self, forKey: Key(name)) { layers.append(nested) }
        }
        var flag: Bool?
        var pointsOn = false
        for layer in layers {
            for (name, parameter) in Self.cursors where next == nil {
                let cursor = layer.lenient(String.self, Key(name)) ?? layer.integer(Key(name)).map { "\($0)" }
                if let cursor, !cursor.isEmpty { next = Next(parameter: parameter, cursor: cursor) }
            }
            for name in Self.flags { flag = flag ?? layer.lenient(Bool.self, Key(name)) }
            for name in Self.pointers where layer.contains(Key(name)) {
                let isNothing = (try? layer.decodeNil(forKey: Key(name))) ?? false
                pointsOn = pointsOn || !(isNothing || layer.lenient(String.self, Key(name))?.isEmpty == true)
            }
            for name in Self.totals { total = total ?? layer.integer(Key(name)) }
        }
        // A cursor beside "nothing follows" is the page's own.
        if flag == false { next = nil }
        announcesMore = flag ?? (next != nil || pointsOn)
    }

    /// A `Link` header with `rel="next"`, which no text about RunPod speaks of, says that there is more.
    mutating func takeLink(_ header: String?) {
        guard let header, next == nil,
            header.lowercased().replacing(" ", with: "").contains("rel=\"next\"")
                || header.lowercased().replacing(" ", with: "").contains("rel=next")
        else { return }
        announcesMore = true
    }
}
