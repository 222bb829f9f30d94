import FoundationEssentials
import KubernetesModel
import MartletAPI

@testable import HTTPTransport
@testable import Kubernetes

extension FuzzTarget {
    /// The first byte decides how the rest is cut.
    static let watch = FuzzTarget(
        "watch",
        seeds: [
            "a{\"type\": \"ADDED\", \"object\": {\"metadata\": {\"name\": \"a\", \"resourceVersion\": \"1\"}}}\n",
            "b{\"type\": \"BOOKMARK\", \"object\": {\"metadata\": {\"resourceVersion\": \"12\"}}}\n\r\n \n",
            "c{\"type\": \"ERROR\", \"object\": {\"kind\": \"Status\", \"code\": 410, \"reason\": \"Expired\"}}\n",
            "d{\"type\": \"DELETED\", \"object\": {\"metadata\": {\"name\": \"a\"}, \"spec\": 1, \"status\": []}}\n",
            "e{\"type\": \"MODIFIED\", \"object\": {\"metadata\": {\"name\": \"p\", \"namespace\": \"n\", \"labels\": {\"a\": \"b\"}, "
                + "\"deletionTimestamp\": \"2026-11-20T21:00:00Z\"}, \"spec\": {\"nodeName\": \"x\"}, \"status\": {\"phase\": "
                + "\"Running\", \"conditions\": [{\"type\": \"Ready\", \"status\": \"True\"}]}}}\n",
        ]
    ) { bytes in
        guard let seed = bytes.first else { return }
        let whole = events([bytes.dropFirst()])
        let cut = events(pieces(bytes.dropFirst(), seed: seed))
        promise(whole == cut, "read at once \(whole), in pieces \(cut)")
    }

    private static func events(_ pieces: [ArraySlice<UInt8>]) -> [String] {
        var lines = LineFraming(largestLine: 512)
        var seen: [String] = []
        do {
            for piece in pieces {
                lines.append(Array(piece))
                while let line = try lines.next() {
                    seen.append(text { () throws(KubernetesError.Cause) in try WatchLine<Pod>.event(in: line) })
                    seen.append(
                        text { () throws(KubernetesError.Cause) in try WatchLine<InferenceEndpoint>.event(in: line) })
                }
            }
            seen.append("\(lines.isAtBorder)")
        } catch { seen.append("\(error)") }
        return seen
    }

    /// What can be said of an event without regard to the order of a dictionary.
    private static func text<O: KubernetesObject>(
        of event: () throws(KubernetesError.Cause) -> WatchEvent<O>
    ) -> String {
        do throws(KubernetesError.Cause) {
            return switch try event() {
            case .added(let object): "added \(object.key)"
            case .modified(let object): "modified \(object.key)"
            case .deleted(let object): "deleted \(object.key)"
            case .bookmark(let version): "bookmark \(version)"
            case .unreadable(let object): "unreadable \(object.problem)"
            case .unreadableDeleted(let object): "unreadable, deleted \(object.problem)"
            }
        } catch { return "\(error)" }
    }

    static let kubeconfig = FuzzTarget(
        "kubeconfig",
        seeds: [
            "current-context: c\nclusters: [{name: a, cluster: {server: \"https://h:1\", proxy-url: \"http://u:p@q\"}}]\n"
                + "contexts: [{name: c, context: {cluster: a, user: u}}]\nusers: [{name: u, user: {token: t}}]\n",
            "current-context: c\nclusters:\n- name: a\n  cluster: &c\n    server: http://[::1]:8080\n"
                + "    certificate-authority-data: Q0E=\n    tls-server-name: n\n- name: b\n  cluster: *c\n"
                + "contexts: [{name: c, context: {cluster: b, user: u, namespace: n}}]\nusers:\n- name: u\n  user:\n    exec:\n"
                + "      apiVersion: client.authentication.k8s.io/v1\n      command: ./x\n      interactiveMode: Never\n"
                + "      args: [a]\n      env: [{name: A, value: b}]\n      provideClusterInfo: true\n",
            "current-context: c\nclusters: [{name: a, cluster: {server: \"https://h\", insecure-skip-tls-verify: true}}]\n"
                + "contexts: [{name: c, context: {cluster: a, user: u}}]\nusers: [{name: u, user: {client-certificate-data: Q0E=, "
                + "client-key-data: Q0E=, auth-provider: {name: gcp}}}]\n",
        ]
    ) { bytes in
        let files = FileReading { path in path == "/k/config" ? bytes : Array("file".utf8) }
        let environment = ["HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "10.0.0.0/8,.local", "PATH": "/bin"]
        let loader = KubeconfigLoader(files: files, environment: environment)
        do {
            let configuration = try loader.load(["/k/config"], context: nil)
            promise(!"\(configuration)".contains("@"), "credentials of a URL in a description")
            if case .exec(let plugin) = configuration.credential {
                promise((try? plugin.variables())?[ExecRequest.variable] != nil, "no variables for a plugin")
                _ = try? plugin.credential(in: bytes)
            }
        } catch { _ = "\(error)" }
    }

    /// `NO_PROXY` entries on all lines but the first, which is a server's URL and a proxy's.
    static let proxy = FuzzTarget(
        "proxy",
        seeds: [
            "https://a.example:6443\n*", "https://[fd00::1]/x\n[fd00::1]:443\nfd00::/8\n::/0",
            "http://10.0.0.1\n10.0.0.0/8",
            "http://user:p%20w@proxy.example:3128\nb.example:80\n.example\n*.example",
            "socks5://[::1]\n127.0.0.1:443\n1.2.3.4/33",
        ]
    ) { bytes in
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let url = String(lines.first ?? "")
        if let proxy = try? HTTPProxy(url) {
            let again = try? HTTPProxy("\(proxy)")
            promise(again.map { "\($0)" } == "\(proxy)", "\(proxy) is not what it prints")
            promise(!"\(proxy)".contains("@"), "credentials in \(proxy)")
        }
        guard let server = ServerAddress(url) else { return }
        for line in lines.dropFirst() { _ = ProxyExemption(String(line))?.covers(server) }
        _ = try? ProxyEnvironment(["HTTPS_PROXY": "p", "NO_PROXY": lines.dropFirst().joined(separator: ",")])
            .proxy(for: server)
    }

    static let responseHead = FuzzTarget(
        "response-head",
        seeds: [
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX: \t y \r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 429 Slow\r\nRetry-After: 1\r\n\r\nTrailer: x\r\n",
            "HTTP/2 204\r\n\r\n",
        ]
    ) { bytes in
        var parser = ResponseHeadParser()
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let outcome = (Array(line) + [0x0A]).withUnsafeBytes { parser.receive($0) }
            switch outcome {
            case .more: break
            case .malformed: return
            case .head(let head): promise((100...999).contains(head.status), "a status of \(head.status)")
            }
        }
    }
}
