internal import ControllerRuntime
internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions
internal import RunPod

/// Carries one step of a plan out, and tells what became of it.
struct EndpointActions: Sendable {
    let objects: any EndpointObjects
    let time: any TimeSource

    /// So many writers are never faster in a row.
    private static let attempts = 5

    /// Throws what the API server refuses or does not answer; what RunPod does is in the outcome. `isWithheld` of the
    /// answer: this process does not lead any more.
    func carryOut(
        _ step: EndpointStep, _ look: DriverLook, _ memory: inout DriverMemory
    ) async throws -> (outcome: StepOutcome, isWithheld: Bool) {
        switch step {
        case .hold: return (.done, false)
        case .mark:
            memory.write(try await objects.mark(look.endpoint), at: time.uptime)
            return (.done, false)
        case .release:
            try await objects.release(look.endpoint)
            return (.done, false)
        case .record(let record): return (try await write(record, look, &memory), false)
        case .abandon(let endpoint):
            try await objects.abandon(endpoint, of: look.endpoint.key)
            return (.done, false)
        case .retain(let endpoint):
            try await objects.retain(endpoint, of: look.endpoint.key)
            return (.done, false)
        case .readList, .create, .update, .readHealth, .delete, .verifyGone: break
        }
        guard let account = look.account else {
            return (.failed(CallProblem(.keyMissing, "There is no API key.")), false)
        }
        do throws(RunPodError) {
            return (try await call(step, account, look.translation), false)
        } catch {
            return (StepOutcome(error), error.isWithheld)
        }
    }

    private func call(
        _ step: EndpointStep, _ account: RunPodAccount, _ translation: EndpointTranslation
    ) async throws(RunPodError) -> StepOutcome {
        let unknown = StepOutcome.refused(CallProblem(.requestRefused, "The endpoint's id is none."))
        switch step {
        case .readList(let limit, let urgency):
            await account.list(after: limit, as: urgency.priority)
            return .done
        case .create(let draft):
            guard let body = translation.create(draft) else {
                return .failed(CallProblem(.secretNotFound, "The environment can't be read."))
            }
            return .created(id: try await account.control.create(body).id.rawValue)
        case .update(let id, let change, let urgency):
            guard let endpoint = EndpointID(id) else { return unknown }
            _ = try await account.control.asking(as: urgency.priority)
                .update(endpoint, translation.patch(change, over: account.listing?[id]))
            return .done
        case .readHealth(let id):
            guard let endpoint = EndpointID(id) else { return unknown }
            return await account.health(of: endpoint)
        case .delete(let id):
            guard let endpoint = EndpointID(id) else { return unknown }
            do throws(RunPodError) { try await account.control.delete(endpoint) } catch {
                guard error.isNotFound else { throw error }
                return .gone
            }
            return .done
        case .verifyGone(let id):
            guard let endpoint = EndpointID(id) else { return unknown }
            do throws(RunPodError) { _ = try await account.control.endpoint(endpoint) } catch {
                guard error.isNotFound else { throw error }
                return .gone
            }
            return .stillThere
        case .hold, .mark, .record, .abandon, .retain, .release: return .done
        }
    }

    /// A write of the record over the very record that was decided over. Other writers of the status are none of its
    /// business: against them it is repeated; against another record, a deletion or another object it is not.
    private func write(
        _ record: EndpointRecord, _ look: DriverLook, _ memory: inout DriverMemory
    ) async throws -> StepOutcome {
        var endpoint = look.endpoint
        for attempt in 1... {
            let patch = RunPodRecordPatch(
                endpointId: record.endpointID,
                intent: record.intent.map { RunPodIntent(name: $0.name, time: Timestamp($0.time)) },
                keyFingerprint: record.keyFingerprint, resourceVersion: endpoint.metadata.resourceVersion,
                uid: endpoint.metadata.uid)
            do throws(any Error) {
                memory.write(try await objects.write(patch, to: endpoint.key), at: time.uptime)
                return .done
            } catch let error as KubernetesError {
                guard error.isConflict || error.isNotFound, attempt < Self.attempts else { throw error }
            }
            guard let live = try await objects.live(endpoint.key), live.metadata.uid == endpoint.metadata.uid else {
                return .conflict
            }
            let isSame =
                live.record == endpoint.record
                && live.metadata.isBeingDeleted == endpoint.metadata.isBeingDeleted
            endpoint = live
            guard isSame else {
                memory.write(live, at: time.uptime)
                return .conflict
            }
        }
        return .conflict
    }
}

extension DriverMemory {
    /// Takes note of an object as a write left it.
    mutating func write(_ endpoint: InferenceEndpoint, at now: MonotonicInstant) {
        written = endpoint
        writtenAt = now
    }
}

extension CallUrgency {
    /// Where the key's rate limit has no room for all.
    var priority: CallPriority {
        switch self {
        case .closing: .closing
        case .opening: .opening
        case .correction: .correction
        case .observation: .observation
        }
    }
}
