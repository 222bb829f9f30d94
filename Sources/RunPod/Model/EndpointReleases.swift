package import FoundationEssentials

/// The releases of an endpoint, and how far its workers are with the latest.
package struct EndpointReleases: Sendable, Hashable, Decodable {
    package var endpointVersion: Int?
    package var rollout: Rollout?
    /// The newest first.
    package var releases: [EndpointRelease]

    private enum Fields: String, CodingKey { case endpointVersion, rollout, releases }

    /// Throws where there is no list.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        endpointVersion = fields.integer(.endpointVersion)
        rollout = fields.lenient(.rollout)
        releases = try fields.decode([EndpointRelease].self, forKey: .releases)
    }
}

/// How many workers run the latest release.
package struct Rollout: Sendable, Hashable, Decodable {
    package var inProgress: Bool?
    package var workersOnLatest: Int?
    package var workersTotal: Int?

    private enum Fields: String, CodingKey { case inProgress, workersOnLatest, workersTotal }

    /// Reads what is readable.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        inProgress = fields.lenient(.inProgress)
        workersOnLatest = fields.integer(.workersOnLatest)
        workersTotal = fields.integer(.workersTotal)
    }
}

/// A change of an endpoint that rolled its workers.
package struct EndpointRelease: Sendable, Hashable, Decodable {
    package var id: String
    package var version: Int?
    package var source: ReleaseSource?
    package var workerCount: Int?
    package var createdAt: Date?
    /// Which settings changed. Their old and new values are not read: they may be the environment's.
    package var changedFields: [String]

    private enum Fields: String, CodingKey { case id, version, source, workerCount, createdAt, diff }
    private struct Change: Decodable { var field: String }

    /// Throws only where the id is missing.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        id = try fields.decode(String.self, forKey: .id)
        version = fields.integer(.version)
        source = fields.lenient(.source)
        workerCount = fields.integer(.workerCount)
        createdAt = fields.date(.createdAt)
        changedFields = (fields.elements(Change.self, .diff) ?? []).map(\.field)
    }
}

/// What made a release.
package enum ReleaseSource: OpenEnum {
    case gitBuild
    case manual
    case unknown(String)

    package static let known: [ReleaseSource] = [.gitBuild, .manual]
    /// As on the wire.
    package var rawValue: String {
        switch self {
        case .gitBuild: "GIT_BUILD"
        case .manual: "MANUAL"
        case .unknown(let word): word
        }
    }
}
