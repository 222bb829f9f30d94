import FoundationEssentials
import KubernetesModel
import Testing

@Suite struct LabelSelectorTests {
    private func selector(_ json: String) throws -> LabelSelector {
        try JSONDecoder().decode(LabelSelector.self, from: Data(json.utf8))
    }

    @Test("An empty selector selects everything")
    func empty() throws {
        let selector = try selector("{}")
        #expect(selector.isEmpty)
        #expect(selector.matches(nil))
        #expect(selector.matches(["a": "b"]))
        #expect(selector.description == "")
    }

    @Test("Every label and every expression must hold")
    func conjunction() throws {
        let selector = try selector(
            #"{"matchLabels": {"app": "worker"}, "matchExpressions": [{"key": "gpu", "operator": "Exists"}]}"#)
        #expect(selector.matches(["app": "worker", "gpu": "a100"]))
        #expect(!selector.matches(["app": "worker"]))
        #expect(!selector.matches(["app": "web", "gpu": "a100"]))
        #expect(!selector.matches(nil))
    }

    @Test(
        "Each operator means what the API server makes of it",
        arguments: [
            (LabelRequirement.Operator.isIn, ["x": "1"], true), (.isIn, ["x": "3"], false), (.isIn, [:], false),
            (.isNotIn, ["x": "1"], false), (.isNotIn, ["x": "3"], true), (.isNotIn, [:], true),
            (.exists, ["x": ""], true), (.exists, [:], false), (.doesNotExist, ["x": ""], false),
            (.doesNotExist, [:], true),
        ])
    func operators(comparison: LabelRequirement.Operator, labels: [String: String], holds: Bool) {
        let requirement = LabelRequirement(key: "x", operator: comparison, values: ["1", "2"])
        #expect(requirement.matches(labels) == holds)
    }

    @Test("The query names everything in a stable order")
    func query() throws {
        let selector = LabelSelector(
            matchLabels: ["b": "2", "a": "1"],
            matchExpressions: [
                LabelRequirement(key: "t", operator: .isIn, values: ["x", "y"]),
                LabelRequirement(key: "u", operator: .isNotIn, values: ["z"]),
                LabelRequirement(key: "v", operator: .exists), LabelRequirement(key: "w", operator: .doesNotExist),
            ])
        #expect(selector.description == "a=1,b=2,t in (x,y),u notin (z),v,!w")
    }

    @Test("An operator that does not exist is refused")
    func unknownOperator() {
        #expect(throws: DecodingError.self) {
            try selector(#"{"matchExpressions": [{"key": "a", "operator": "Like"}]}"#)
        }
    }
}
