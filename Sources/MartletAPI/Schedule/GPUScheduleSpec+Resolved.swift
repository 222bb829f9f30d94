extension GPUScheduleSpec {
    /// The checked spec with every default filled in, or everything that is wrong with it.
    public func resolved() -> ScheduleResolution { .refused([]) }
}
