/// Arithmetic on counts that foreign servers and users supply: it stops at the ends of the range, it never traps.
extension Int {
    func addingSaturated(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }

    /// This many tasks in groups of `size`, the last one perhaps not full. `size` of 0 or less counts as 1.
    func dividedRoundingUp(by size: Int) -> Int {
        let size = Swift.max(1, size)
        return self / size + (self % size > 0 ? 1 : 0)
    }

    /// Within the two; the upper bound wins over the lower.
    func clamped(from lower: Int, to upper: Int) -> Int { Swift.min(Swift.max(self, lower), upper) }
}
