import KubernetesModel
import MartletDecisions
import Testing

@testable import MartletOperator

private func deployment(_ name: String) -> TargetKey {
    TargetKey(kind: .deployment, object: ObjectKey(namespace: "dev", name: name))
}
private func endpoint(_ name: String) -> ObjectKey { ObjectKey(namespace: "dev", name: name) }
private func hpa(_ name: String, of target: String) -> HorizontalPodAutoscaler {
    HorizontalPodAutoscaler(
        metadata: ObjectMeta(name: name, namespace: "dev"),
        spec: HorizontalPodAutoscalerSpec(scaleTargetRef: ScaleTargetRef(kind: "Deployment", name: target)))
}

@Suite("Target index") struct TargetIndexTests {
    @Test("the endpoints that share a target hear of each other's coming and going")
    func rivals() {
        let index = TargetIndex()
        #expect(index.record(endpoint("a"), claims: deployment("w")) == [])
        #expect(index.record(endpoint("b"), claims: deployment("w")) == [endpoint("a")])
        #expect(index.endpoints(of: deployment("w")) == [endpoint("a"), endpoint("b")])
        #expect(index.record(endpoint("a"), claims: nil) == [endpoint("b")])
        #expect(index.endpoints(of: deployment("w")) == [endpoint("b")])
    }

    @Test("an endpoint that is pointed elsewhere wakes those on both targets")
    func moved() {
        let index = TargetIndex()
        _ = index.record(endpoint("a"), claims: deployment("w"))
        _ = index.record(endpoint("b"), claims: deployment("w"))
        _ = index.record(endpoint("c"), claims: deployment("v"))
        #expect(index.record(endpoint("b"), claims: deployment("v")) == [endpoint("a"), endpoint("c")])
        #expect(index.target(of: endpoint("b")) == deployment("v"))
    }

    @Test("an HPA wakes the endpoints of its target, when it comes and when it goes")
    func autoscaler() {
        let index = TargetIndex()
        _ = index.record(endpoint("a"), claims: deployment("w"))
        let scaler = hpa("h", of: "w")
        #expect(index.record(AutoscalerKey(scaler), scales: scaler.target) == [endpoint("a")])
        #expect(
            index.autoscalers(of: deployment("w")) == [ForeignAutoscaler(kind: "HorizontalPodAutoscaler", name: "h")])
        #expect(index.record(AutoscalerKey(scaler), scales: scaler.target) == [])
        #expect(index.record(AutoscalerKey(scaler), scales: nil) == [endpoint("a")])
        #expect(index.autoscalers(of: deployment("w")).isEmpty)
    }

    @Test("an HPA that KEDA made is named by its ScaledObject")
    func keda() {
        var scaler = hpa("keda-hpa-x", of: "w")
        scaler.metadata.ownerReferences = [
            OwnerReference(apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", name: "x", uid: "1", controller: true)
        ]
        #expect(AutoscalerKey(scaler).autoscaler.ownerName == "x")
    }

    @Test("a ScaledObject without a kind means a Deployment")
    func scaledObjectDefault() {
        let object = ScaledObject(
            metadata: ObjectMeta(name: "x", namespace: "dev"),
            spec: ScaledObject.Spec(scaleTargetRef: ScaledObject.Reference(kind: nil, name: "w")))
        #expect(object.target == deployment("w"))
    }
}
