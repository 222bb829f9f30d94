internal import MartletDecisions
internal import RunPod

/// Deletes one orphan for good: closes it, deletes it, and reads until RunPod says 404.
struct OrphanRemoval: Sendable {
    enum Outcome: Sendable, Equatable {
        /// A read said 404.
        case gone
        /// It is no orphan any more: an object owns it, or its marker has changed. Nothing was done.
        case spared
        /// RunPod took the deletion and still shows it; its workers are at 0.
        case lingering
        /// `isClosed`: its workers are at 0, so it costs nothing.
        case failed(RunPodError, isClosed: Bool)
    }

    let control: any ControlPlane
    var time = RunPodTime.system

    /// A deleted endpoint may be shown for a minute (F10).
    private static let longestVerification = Duration.seconds(90)
    private static let firstPause = Duration.seconds(1)
    private static let longestPause = Duration.seconds(10)

    /// `isOrphan` is asked with what RunPod says now, right before anything is changed.
    func remove(
        _ orphan: OrphanSearch.Orphan, isOrphan: @Sendable (RunPodEndpoint) async throws -> Bool
    ) async throws -> Outcome {
        let id = orphan.endpoint.id
        let endpoint: RunPodEndpoint
        do throws(RunPodError) { endpoint = try await control.endpoint(id) } catch {
            return error.isNotFound ? .gone : .failed(error, isClosed: false)
        }
        guard OrphanSearch.marker(of: endpoint) == orphan.marker, try await isOrphan(endpoint) else { return .spared }
        let isClosed = await close(endpoint)
        do throws(RunPodError) { try await control.delete(id) } catch {
            if error.isNotFound { return .gone }
            // In doubt it is read back all the same.
            guard error.mayHaveTakenEffect else { return .failed(error, isClosed: isClosed) }
        }
        return await verifyGone(id, isClosed: isClosed)
    }

    /// First, because a deletion that fails must not leave workers running. A failure does not stop the deletion.
    private func close(_ endpoint: RunPodEndpoint) async -> Bool {
        let bounds = WorkersBounds(min: 0, max: 0, idleTimeout: endpoint.workers?.idleTimeout)
        let patch = EndpointPatch(workers: bounds).admissible(for: endpoint)
        do throws(RunPodError) {
            return try await control.update(endpoint.id, patch).workers?.max == 0
        } catch {
            return error.isNotFound
        }
    }

    private func verifyGone(_ id: EndpointID, isClosed: Bool) async -> Outcome {
        let start = time.now()
        var pause = Self.firstPause
        var last: RunPodError?
        while true {
            do throws(RunPodError) {
                _ = try await control.endpoint(id)
                last = nil
            } catch {
                if error.isNotFound { return .gone }
                last = error
            }
            let slept = (try? await time.sleep(pause)) != nil
            guard slept, time.now() - start < Self.longestVerification else {
                return last.map { .failed($0, isClosed: isClosed) } ?? .lingering
            }
            pause = min(pause * 2, Self.longestPause)
        }
    }
}
