import KubernetesModel
import Testing

@testable import MartletOperator

private let target = TargetKey(kind: .deployment, object: ObjectKey(namespace: "dev", name: "w"))
private let selector = LabelSelector(matchLabels: ["app": "w"])

private func pod(_ name: String, app: String = "w", namespace: String = "dev") -> Pod {
    Pod(metadata: ObjectMeta(name: name, namespace: namespace, labels: ["app": app]), phase: .running)
}

@Suite("Worker Pods") struct WorkerPodsTests {
    @Test("a Pod that no target selects is not wanted, nor one of another namespace")
    func filter() {
        let pods = WorkerPods()
        pods.follow(target, selecting: selector, isComplete: true)
        #expect(pods.isWanted(pod("a")))
        #expect(!pods.isWanted(pod("a", app: "other")))
        #expect(!pods.isWanted(pod("a", namespace: "prod")))
    }

    @Test("a Pod comes, changes its label and goes, and its target hears each time")
    func life() {
        let pods = WorkerPods()
        pods.follow(target, selecting: selector, isComplete: true)
        #expect(pods.update(pod("a"), isGone: false) == [target])
        #expect(pods.pods(of: target).map(\.key.name) == ["a"])
        #expect(pods.update(pod("a", app: "other"), isGone: false) == [target])
        #expect(pods.pods(of: target).isEmpty)
        #expect(pods.update(pod("a"), isGone: true) == [])
    }

    @Test("a Pod that went while the list was on its way does not come back with it")
    func tombstone() {
        let pods = WorkerPods()
        pods.follow(target, selecting: selector, isComplete: false)
        #expect(!pods.isComplete(target))
        _ = pods.update(pod("gone"), isGone: true)
        _ = pods.update(pod("new"), isGone: false)
        pods.complete(target, with: [pod("gone"), pod("old"), pod("new")])
        #expect(pods.isComplete(target))
        #expect(pods.pods(of: target).map(\.key.name) == ["new", "old"])
    }

    @Test("a name that two namespaces share proves nothing about either")
    func ambiguity() {
        let pods = WorkerPods()
        let other = TargetKey(kind: .deployment, object: ObjectKey(namespace: "prod", name: "w"))
        pods.follow(target, selecting: selector, isComplete: true)
        pods.follow(other, selecting: selector, isComplete: true)
        _ = pods.update(pod("a"), isGone: false)
        #expect(pods.isUnambiguous("a"))
        _ = pods.update(pod("a", namespace: "prod"), isGone: false)
        #expect(!pods.isUnambiguous("a"))
        pods.stopFollowing(other)
        #expect(pods.isUnambiguous("a"))
        #expect(pods.targets(ofPodNamed: "a") == [target])
    }

    @Test("a changed selector starts over")
    func newSelector() {
        let pods = WorkerPods()
        pods.follow(target, selecting: selector, isComplete: true)
        _ = pods.update(pod("a"), isGone: false)
        pods.follow(target, selecting: LabelSelector(matchLabels: ["app": "v2"]), isComplete: false)
        #expect(pods.pods(of: target).isEmpty)
        #expect(!pods.isComplete(target))
    }
}
