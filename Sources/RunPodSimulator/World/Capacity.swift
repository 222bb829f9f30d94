extension RunPodWorld {
    /// What the hosts have free, by pool and data center. Everything, unless told otherwise.
    package struct Capacity: Sendable {
        /// How many GPUs of a pool this simulator rents out at once; a pool that is missing has no limit.
        package var limits: [String: Int] = [:]
        /// Places without any free GPU.
        package var closed: Set<Place> = []
        /// Pools for which a create or an update is refused with the capacity sentence unless it names another one too.
        package var refusedPools: Set<String> = []

        /// A pool in one data center, or in all of them.
        package struct Place: Hashable, Sendable {
            package let pool: String
            package let dataCenter: String?

            package init(pool: String, dataCenter: String? = nil) {
                self.pool = pool
                self.dataCenter = dataCenter
            }
        }

        package init() {}

        func isOpen(pool: String, dataCenter: String) -> Bool {
            limits[pool] != 0 && !closed.contains(Place(pool: pool))
                && !closed.contains(Place(pool: pool, dataCenter: dataCenter))
        }
    }
}
