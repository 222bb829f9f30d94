internal import ControllerRuntime
internal import FoundationEssentials
internal import KubernetesModel
internal import Logging
internal import MartletAPI
internal import MartletDecisions
internal import RunPod

/// Looks a minute after this process took the lead, and then once an hour, for endpoints of this cluster that no object owns;
/// tells of them, and deletes them if that is wanted.
///
/// Deleted is only what bears this cluster's marker, of a namespace that the operator works in, whose object a live read
/// does not find, in two complete lists at least an hour apart. A list that was not complete counts for nothing.
actor OrphanSweep {
    /// How long an endpoint must have been without an object before it is deleted.
    static let proof = 3600.0
    private static let interval = Duration.seconds(3600)
    /// The driver's first round comes before: it brings the accounts to look at.
    private static let firstRound = Duration.seconds(60)

    /// What the sweep knows of one endpoint.
    private struct Suspect {
        var firstSeen: Date
        /// Whose list showed it: another account's says nothing about it.
        let account: KeyFingerprint
        var isTold = false
    }

    private let accounts: RunPodAccounts
    private let objects: any EndpointObjects
    private let keys: RunPodKeys
    private let memories: DriverMemories
    /// Nil in tests that have none.
    private let ledger: EndpointLedger?
    private let clusterID: String
    /// Empty: all.
    private let namespaces: Set<String>
    private let deletes: Bool
    private let metrics: RunPodMetrics
    private let leads: @Sendable () -> Bool
    private let time: any TimeSource
    private let logger: Logger
    private var suspects: [String: Suspect] = [:]

    init(
        accounts: RunPodAccounts, objects: any EndpointObjects, keys: RunPodKeys, memories: DriverMemories,
        ledger: EndpointLedger?, clusterID: String, namespaces: [String], deletes: Bool,
        metrics: RunPodMetrics, leads: @escaping @Sendable () -> Bool, time: any TimeSource, logger: Logger
    ) {
        self.accounts = accounts
        self.objects = objects
        self.keys = keys
        self.memories = memories
        self.ledger = ledger
        self.clusterID = clusterID
        self.namespaces = Set(namespaces)
        self.deletes = deletes
        self.metrics = metrics
        self.leads = leads
        self.time = time
        self.logger = logger
    }

    /// Sweeps until the task is cancelled.
    func run() async throws {
        var pause = Self.firstRound
        while true {
            try await time.sleep(for: pause)
            guard leads() else {
                suspects = [:]
                pause = Self.firstRound
                continue
            }
            pause = Self.interval
            let standby = await keys.standby()
            accounts.keep(memories.keys.union([standby].compactMap { $0 }))
            if let standby { _ = accounts[standby] }
            await sweep()
            await clearLedger()
        }
    }

    /// Deletes what had to be given up before, where a key reaches it now. What an object has taken over since, and what
    /// somebody else deleted, is only crossed out.
    func clearLedger() async {
        guard let ledger, let entries = try? await ledger.entries() else { return }
        for entry in entries {
            for account in accounts.all {
                guard leads() else { return }
                guard await isSettled(entry, in: account) else { continue }
                try? await ledger.remove(entry)
                break
            }
        }
    }

    /// Whether nothing of the entry is left to be done.
    private func isSettled(_ entry: EndpointLedger.Entry, in account: RunPodAccount) async -> Bool {
        if let id = entry.id, objects.all.contains(where: { $0.record.endpointID == id }) { return true }
        if let found = reach(entry, in: account) { return await delete(found, in: account) }
        // Only the key that it was last seen with can tell that it is gone.
        guard account.fingerprint.rawValue == entry.keyFingerprint, let id = entry.id.flatMap({ EndpointID($0) })
        else {
            return false
        }
        do throws(RunPodError) {
            _ = try await account.control.endpoint(id)
            return false
        } catch { return error.isNotFound }
    }

    /// The endpoint of an entry, if this account has it and no object uses it. A lost create is known by its name only,
    /// which its object's next endpoint bears as well: that one is younger.
    private func reach(_ entry: EndpointLedger.Entry, in account: RunPodAccount) -> EndpointID? {
        // Halfway between the latest that a lost create takes effect and the earliest that the next one is sent.
        let last = entry.since.date.addingTimeInterval(EndpointTiming.abandonAfter / 2)
        let found =
            if let id = entry.id {
                account.listing?[id]
            } else {
                account.listing?.endpoints(named: entry.name, or: []).first {
                    $0.env?[RunPodSpec.ownerVariable].flatMap(OwnerMarker.init)?.cluster == clusterID
                        && $0.createdAt.map { $0 <= last } ?? false
                }
            }
        guard let found, !objects.all.contains(where: { $0.uses(found.id.rawValue) }) else { return nil }
        return found.id
    }

    /// Looks at every account once. Returns the ids of the orphans.
    @discardableResult
    func sweep() async -> [String] {
        var found: [String: Suspect] = [:]
        guard let retained = try? await objects.retained() else {
            logger.warning("what is retained can't be read, so no orphan is looked for")
            return suspects.keys.sorted()
        }
        for account in accounts.all {
            let asked = time.now
            await account.list(after: asked, as: .observation)
            // Only a list that began now: an older one, or none, proves nothing.
            guard let listing = account.listing, listing.began >= asked || listing.began > asked.addingTimeInterval(-1)
            else {
                for (id, suspect) in suspects where suspect.account == account.fingerprint {
                    found[id] = found[id] ?? suspect
                }
                continue
            }
            for endpoint in listing.endpoints {
                guard !retained.contains(where: { $0.describes(endpoint) }), let marker = await orphaned(endpoint)
                else { continue }
                var suspect =
                    suspects[endpoint.id.rawValue]
                    ?? Suspect(firstSeen: listing.began, account: account.fingerprint)
                tell(endpoint, marker, &suspect)
                let isProved = listing.began.timeIntervalSince(suspect.firstSeen) >= Self.proof
                if deletes, isProved, leads(), await delete(endpoint.id, in: account) {
                    announce(.deleted, endpoint, marker)
                    continue
                }
                found[endpoint.id.rawValue] = suspect
            }
        }
        suspects = found
        metrics.show(orphans: found.count)
        return found.keys.sorted()
    }

    /// The marker of an endpoint that nobody owns; nil: somebody does, or it is none of this operator's business.
    private func orphaned(_ endpoint: RunPodEndpoint) async -> OwnerMarker? {
        guard let text = endpoint.env?[RunPodSpec.ownerVariable], let marker = OwnerMarker(text),
            marker.cluster == clusterID, namespaces.isEmpty || namespaces.contains(marker.namespace)
        else { return nil }
        let owners = objects.all.filter { $0.metadata.uid == marker.uid && $0.key.namespace == marker.namespace }
        for owner in owners { if await isAlive(owner.key, marker.uid) ?? true { return nil } }
        // An object that adopted it owns it, whatever its marker.
        let users = objects.all.filter { $0.record.endpointID == endpoint.id.rawValue }
        for user in users { if await isAlive(user.key, user.metadata.uid) ?? true { return nil } }
        guard owners.isEmpty else { return marker }
        // The cache may be behind. The name tells which object it was; one that can't be read may be there.
        guard let isAlive = await isAliveByList(marker) else { return nil }
        return isAlive ? nil : marker
    }

    /// Nil: it can't be read.
    private func isAlive(_ key: ObjectKey, _ uid: String?) async -> Bool? {
        do { return try await objects.live(key).map { $0.metadata.uid == uid } ?? false } catch { return nil }
    }

    private func isAliveByList(_ marker: OwnerMarker) async -> Bool? {
        do { return try await objects.exists(uid: marker.uid, in: marker.namespace) } catch { return nil }
    }

    private func tell(_ endpoint: RunPodEndpoint, _ marker: OwnerMarker, _ suspect: inout Suspect) {
        guard !suspect.isTold else { return }
        suspect.isTold = true
        logger.warning(
            "a RunPod endpoint of this cluster belongs to no object",
            metadata: [
                "endpoint": "\(endpoint.id)", "name": "\(endpoint.name ?? "")", "namespace": "\(marker.namespace)",
                "uid": "\(marker.uid)",
            ])
        announce(.found(isDeletedNext: deletes), endpoint, marker)
    }

    private func announce(_ event: OrphanEvent, _ endpoint: RunPodEndpoint, _ marker: OwnerMarker) {
        objects.announce(event, about: endpoint.id.rawValue, named: endpoint.name, of: marker)
    }

    private func delete(_ id: EndpointID, in account: RunPodAccount) async -> Bool {
        do throws(RunPodError) {
            _ = try await account.control.asking(as: .closing).update(id, EndpointPatch(workers: .init(min: 0, max: 0)))
        } catch { logger.warning("an orphan's workers can't be taken", metadata: ["error": "\(error)"]) }
        do throws(RunPodError) {
            try await account.control.delete(id)
            _ = try await account.control.endpoint(id)
            return false
        } catch {
            if error.isNotFound {
                logger.notice("an orphan was deleted", metadata: ["endpoint": "\(id)"])
                return true
            }
            logger.warning("an orphan can't be deleted yet", metadata: ["error": "\(error)"])
            return false
        }
    }
}

extension UnmanagedEndpoint {
    /// By its id, or where that was never known by the name that only its object's endpoints bear.
    fileprivate func describes(_ endpoint: RunPodEndpoint) -> Bool {
        id.map { $0 == endpoint.id.rawValue } ?? (endpoint.name.map(OwnedName.normalised) == name)
    }
}
