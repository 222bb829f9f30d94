internal import ArgumentParser
internal import Kubernetes
internal import Logging

/// Which cluster a command speaks to, with kubectl's names for the flags.
struct ClusterOptions: ParsableArguments {
    @Option(help: "Path of the kubeconfig. Default: KUBECONFIG, in a cluster the ServiceAccount, else ~/.kube/config.")
    var kubeconfig: String?

    @Option(help: "Context of the kubeconfig.")
    var context: String?

    /// Throws a configuration error that says what to do.
    func configuration() throws -> KubernetesConfiguration {
        try KubernetesConfiguration.automatic(
            path: kubeconfig ?? EnvironmentTwin.text("kubeconfig"), context: context ?? EnvironmentTwin.text("context"))
    }

    /// A client for the commands that people type: quiet, without a rate limit.
    func client() throws -> KubernetesClient {
        var logger = Logger(label: "martlet")
        logger.logLevel = .error
        return KubernetesClient(configuration: try configuration(), logger: logger)
    }
}
