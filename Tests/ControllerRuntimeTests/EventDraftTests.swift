import KubernetesModel
import Testing

@testable import ControllerRuntime

@Suite struct EventDraftTests {
    private func draft(
        message: String = "text", name: String = "a", namespace: String? = "ns", uid: String = "u",
        occurrence: String? = nil
    ) -> EventDraft {
        EventDraft(
            type: .normal, reason: "Scaled", message: message,
            about: ObjectReference(kind: "Thing", namespace: namespace, name: name, uid: uid), occurrence: occurrence)
    }

    @Test func `the same occurrence has the same name in every process`() {
        // The literal is the point: a name that changed with a release would tell everything twice.
        #expect(draft().key.description == "ns/a.91b3ace427083c88984aba9dce4e1c9d")
    }

    @Test func `object, message and occurrence each make another event`() {
        let drafts = [
            draft(), draft(message: "other"), draft(uid: "v"), draft(occurrence: "1"), draft(occurrence: "2"),
            draft(message: "tex", occurrence: "t"),
        ]
        #expect(Set(drafts.map(\.key)).count == drafts.count)
    }

    @Test(
        arguments: [
            String(repeating: "n", count: 253), "system:admin", "-.-", "", "Ünïcode",
            String(repeating: "a.", count: 126),
        ])
    func `its name is a DNS subdomain, whatever the object is called`(name: String) {
        let key = draft(name: name).key
        #expect(key.name.utf8.count <= 253)
        let label = /[a-z0-9]([-a-z0-9]*[a-z0-9])?/
        for part in key.name.split(separator: ".", omittingEmptySubsequences: false) {
            #expect(part.wholeMatch(of: label) != nil, "\(key.name)")
        }
    }

    @Test func `events on cluster-scoped objects live in default`() {
        #expect(draft(namespace: nil).key.namespace == "default")
        #expect(draft(namespace: "").key.namespace == "default")
    }

    @Test(arguments: ["x", "ä", "€", "👩‍👩‍👧‍👦"]) func `a message is cut to 1,024 bytes between characters`(character: String)
    {
        let message = draft(message: String(repeating: character, count: 1_025)).message
        #expect(message.utf8.count <= 1_024)
        #expect(message.utf8.count > 1_024 - character.utf8.count)
        #expect(message.allSatisfy { String($0) == character })
        #expect(draft(message: character).message == character)
    }
}
