internal import Kubernetes
internal import KubernetesModel

/// The Pods of a target, complete: from the watch where it has seen them all, with one list where it began too late.
struct WorkerPodLoader: Sendable {
    let pods: WorkerPods
    let resources: Resources<Pod>
    let cache: Cache<Pod>

    /// Follows the target's Pods from now on and returns those that are there.
    func pods(of target: ScaleTarget) async throws(KubernetesError) -> [Pod] {
        pods.follow(target.key, selecting: target.selector, isComplete: false)
        if !pods.isComplete(target.key) {
            var listed: [Pod] = []
            var next: PageToken?
            repeat {
                let page = try await resources.page(
                    in: target.key.object.namespace, selecting: .labels(target.selector), after: next)
                listed += page.items
                next = page.next
            } while next != nil
            pods.complete(target.key, with: listed)
            // The watch must hold these Pods too, or it would not tell of one that is deleted without notice.
            cache.relist()
        }
        return pods.pods(of: target.key)
    }

    func stopFollowing(_ target: TargetKey) { pods.stopFollowing(target) }
}
