internal import KubernetesModel

extension KubernetesClient {
    /// Asks what the server offers. A group that cannot be listed is left out and named in `broken`; only when the
    /// version, the core group or the list of groups cannot be had does it throw.
    public func discover() async throws(KubernetesError) -> Discovery {
        let server = try await serverVersion()
        let core: APIVersions = try await self.core.json(APIRequest(discovering: "/api"))
        let groups: APIGroupList = try await self.core.json(APIRequest(discovering: "/apis"))
        var discovery = Discovery(server: server, broken: [:], served: [])
        for version in core.versions {
            let list: APIResourceList = try await self.core.json(APIRequest(discovering: "/api/\(encode(version))"))
            discovery.served += list.served(group: "", version: version)
        }
        for group in groups.groups {
            for version in group.versionsPreferredFirst {
                let path = "/apis/\(encode(group.name))/\(encode(version))"
                do throws(KubernetesError) {
                    let list: APIResourceList = try await self.core.json(APIRequest(discovering: path))
                    discovery.served += list.served(group: group.name, version: version)
                } catch {
                    if error.isCancelled { throw error }
                    // A version that went away between the two requests is no failure.
                    if !error.isNotFound { discovery.broken[group.name] = error }
                }
            }
        }
        return discovery
    }

    /// The server's version: the cheapest request there is.
    public func serverVersion() async throws(KubernetesError) -> ServerVersion {
        let answer: VersionInfo = try await core.json(APIRequest(discovering: "/version"))
        return answer.version
    }

    private func encode(_ component: String) -> String { PercentEncoding.encode(component) }
}

private struct VersionInfo: Decodable {
    var major: String
    var minor: String
    var gitVersion: String

    /// Managed clusters write a minor of `27+`.
    var version: ServerVersion {
        func number(_ text: String) -> Int { Int(text.prefix { $0.isASCII && $0.isNumber }) ?? 0 }
        return ServerVersion(major: number(major), minor: number(minor), description: gitVersion)
    }
}

private struct APIVersions: Decodable { var versions: [String] }

private struct APIGroupList: Decodable {
    struct Group: Decodable {
        struct Version: Decodable { var version: String }
        var name: String
        var versions: [Version]
        var preferredVersion: Version?

        var versionsPreferredFirst: [String] {
            let all = versions.map(\.version)
            guard let preferred = preferredVersion?.version, all.contains(preferred) else { return all }
            return [preferred] + all.filter { $0 != preferred }
        }
    }
    var groups: [Group]
}

private struct APIResourceList: Decodable {
    struct Resource: Decodable {
        var name: String
        var kind: String
        var namespaced: Bool
    }
    var resources: [Resource]?

    func served(group: String, version: String) -> [ServedResource] {
        var subresources: [String: Set<Subresource>] = [:]
        for resource in resources ?? [] {
            guard let slash = resource.name.firstIndex(of: "/") else { continue }
            let name = String(resource.name[resource.name.index(after: slash)...])
            subresources[String(resource.name[..<slash]), default: []].insert(Subresource(rawValue: name))
        }
        return (resources ?? []).filter { !$0.name.contains("/") }.map { resource in
            ServedResource(
                type: ResourceType(
                    group: group, version: version, plural: resource.name, kind: resource.kind,
                    isNamespaced: resource.namespaced),
                subresources: subresources[resource.name] ?? [])
        }
    }
}
