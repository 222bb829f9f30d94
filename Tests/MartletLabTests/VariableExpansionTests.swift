import Testing

@testable import MartletLab

@Suite("Expansion of $(NAME)")
struct VariableExpansionTests {
    private let variables = ["POD_NAME": "worker-1", "EMPTY": "", "DOLLARS": "$(POD_NAME)"]

    @Test(
        "follows the rules of Kubernetes",
        arguments: [
            ("celery@$(POD_NAME)", "celery@worker-1"),
            ("$(POD_NAME)$(POD_NAME)", "worker-1worker-1"),
            ("a$(EMPTY)b", "ab"),
            ("an unknown $(NAME) stays", "an unknown $(NAME) stays"),
            ("$$(POD_NAME) is escaped", "$(POD_NAME) is escaped"),
            ("$$$(POD_NAME)", "$worker-1"),
            ("$POD_NAME and ${POD_NAME} are the shell's", "$POD_NAME and ${POD_NAME} are the shell's"),
            ("$(POD_NAME without an end", "$(POD_NAME without an end"),
            ("a last $", "a last $"),
            ("$()", "$()"),
            ("", ""),
        ])
    func rules(text: String, expected: String) {
        #expect(expandVariables(in: text, using: variables) == expected)
    }

    @Test("does not expand what it has put in")
    func noRecursion() {
        #expect(expandVariables(in: "$(DOLLARS)", using: variables) == "$(POD_NAME)")
    }
}
