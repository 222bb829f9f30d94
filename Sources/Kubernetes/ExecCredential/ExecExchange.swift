internal import FoundationEssentials
internal import KubernetesModel

/// What a plugin is told, in `KUBERNETES_EXEC_INFO`.
struct ExecRequest: Encodable {
    static let variable = "KUBERNETES_EXEC_INFO"

    var kind = "ExecCredential"
    var apiVersion: String
    var spec: Spec

    struct Spec: Encodable {
        var cluster: ExecCluster?
        /// Nobody sits in front of an operator.
        var interactive = false
    }
}

/// What a plugin hands out.
struct ExecCredential: Sendable, Equatable {
    var token: String?
    var certificate: ClientCertificate?
    /// By the wall clock; nil: it holds until the server refuses it.
    var expires: Timestamp?
}

/// A certificate to show with its key, both in PEM.
struct ClientCertificate: Sendable, Equatable {
    var certificate: [UInt8]
    var privateKey: [UInt8]
}

extension ExecPlugin {
    /// The variables of a run.
    func variables() throws(KubernetesError.Cause) -> [String: String] {
        let request = ExecRequest(apiVersion: version.rawValue, spec: ExecRequest.Spec(cluster: cluster))
        do {
            let text = String(decoding: try WireFormat.encode(request), as: UTF8.self)
            return environment.merging([ExecRequest.variable: text]) { _, new in new }
        } catch { throw .credential("\(self): what it is to be told cannot be encoded") }
    }

    /// Reads what the plugin wrote. The error repeats nothing of it.
    func credential(in output: [UInt8]) throws(KubernetesError.Cause) -> ExecCredential {
        let answer: Answer
        do { answer = try WireFormat.decode(Answer.self, from: Data(output)) } catch {
            throw .credential("\(self) wrote no ExecCredential: \(WireFormat.describe(error))")
        }
        guard answer.kind == "ExecCredential" else {
            throw .credential("\(self) wrote something that is no ExecCredential")
        }
        guard answer.apiVersion == version.rawValue else {
            throw .credential(
                "\(self) answered in another version than \(version.rawValue), which the kubeconfig names as its apiVersion"
            )
        }
        guard let status = answer.status else { throw .credential("\(self) gave no status, so no credential") }
        let credential = ExecCredential(
            token: status.token.flatMap { $0.isEmpty ? nil : $0 }, certificate: try status.certificate(of: self),
            expires: status.expirationTimestamp)
        guard credential.token != nil || credential.certificate != nil else {
            throw .credential("\(self) gave neither a token nor a certificate")
        }
        return credential
    }

    private struct Answer: Decodable {
        var kind: String?
        var apiVersion: String?
        var status: Status?
    }

    private struct Status: Decodable {
        var token: String?
        var clientCertificateData: String?
        var clientKeyData: String?
        var expirationTimestamp: Timestamp?

        func certificate(of plugin: ExecPlugin) throws(KubernetesError.Cause) -> ClientCertificate? {
            switch (clientCertificateData ?? "", clientKeyData ?? "") {
            case ("", ""): return nil
            case ("", _), (_, ""): throw .credential("\(plugin) gave a certificate without its key, or the reverse")
            case (let certificate, let key):
                return ClientCertificate(certificate: Array(certificate.utf8), privateKey: Array(key.utf8))
            }
        }
    }
}
