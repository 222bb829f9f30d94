internal import FoundationEssentials

/// Reads the small files of a configuration; tests put their own in place.
struct FileReading: Sendable {
    /// The bytes of the file at `path`; nil if it cannot be read or is larger than any such file is.
    var read: @Sendable (_ path: String) -> [UInt8]?

    /// Bundles of authorities reach some hundred kilobytes.
    private static let largestFile = 16 << 20

    static let system = FileReading { path in
        guard let data = FileManager.default.contents(atPath: path), data.count <= largestFile else { return nil }
        return [UInt8](data)
    }
}
