/// Rows as text, columns aligned to the left, the last one as long as it is.
enum TextTable {
    /// Between two columns.
    private static let gap = 3

    /// The first row is the heading; a row may be shorter than it.
    static func text(_ rows: [[String]]) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            row.enumerated().map { column, cell in
                column == row.count - 1
                    ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + gap)
            }.joined()
        }.joined(separator: "\n")
    }
}
