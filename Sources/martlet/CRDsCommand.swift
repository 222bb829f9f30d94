internal import ArgumentParser

/// Prints the CustomResourceDefinitions, for `martlet crds | kubectl apply -f -`.
struct CRDsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crds", abstract: "Print the CustomResourceDefinitions of this version.",
        discussion: "martlet crds | kubectl apply --server-side -f -")

    func run() { print(CustomResourceDefinitions.yaml, terminator: "") }
}
