import Redis

/// A node among others: a cluster's master.
extension QueueNode {
    /// Which keys one `EXISTS` of the safety poll may name.
    enum Sweeps {
        case together
        /// A cluster's node refuses a command whose keys are in several slots.
        case bySlot
    }

    /// An answer said that a slot moves: the next retry comes soon.
    mutating func noticedMove() { sawMove = true }

    /// Refused keys that stayed here are asked again: the slots moved, which may have been why.
    mutating func retryRefused(at now: Instant) {
        keys.retryRefused(nil)
        for (key, tasks) in unacked { if case .refused = tasks.value { unacked[key]?.markDirty(at: now) } }
    }

    /// An answer that another node was to give is not coming.
    mutating func askAgain(_ key: RedisKey, at now: Instant) {
        keys.askAgain(key)
        unacked[key]?.restart(at: now)
    }

    /// Keys that were empty when last read are read again.
    mutating func pollEmpty(where isMeant: (RedisKey) -> Bool, at now: Instant) {
        for subject in keys.subjects where isMeant(subject.key) && keys[subject]?.count?.isAbsent == true {
            keys.markDirty(subject, pushedAt: nil)
        }
        for key in unacked.keys where isMeant(key) { unacked[key]?.markDirty(at: now) }
    }
}
