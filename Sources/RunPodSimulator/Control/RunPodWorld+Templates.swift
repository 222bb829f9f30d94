extension RunPodWorld {
    mutating func createTemplate(in account: Account, _ request: SimulatedRequest) throws(Refusal) -> SimulatedResponse
    {
        let body = try checkedBody(request, .createTemplate)
        try checkTemplateName(body, in: account, except: nil)
        var template = Template(
            id: TemplateID(random.identifier(length: 10)), name: "", container: Container(), isServerless: false)
        template.apply(body)
        accounts[account.id]?.templates.insert(template, for: template.id)
        return .json(201, view(of: template))
    }

    mutating func updateTemplate(
        _ id: TemplateID, in account: Account, _ request: SimulatedRequest
    ) throws(Refusal) -> SimulatedResponse {
        guard var template = account.templates[id] else { throw Refusal(Problem.notFound) }
        let body = try checkedBody(request, .updateTemplate)
        try checkTemplateName(body, in: account, except: id)
        template.apply(body)
        accounts[account.id]?.templates[id] = template
        return .json(200, view(of: template))
    }

    mutating func deleteTemplate(_ id: TemplateID, in account: Account) throws(Refusal) -> SimulatedResponse {
        guard account.templates[id] != nil else { throw Refusal(Problem.notFound) }
        accounts[account.id]?.templates.remove(id)
        return SimulatedResponse(status: 204)
    }

    /// Names of templates are unique in an account, those of endpoints are not.
    private func checkTemplateName(
        _ body: [String: WireJSON], in account: Account, except id: TemplateID?
    ) throws(Refusal) {
        guard let name = body["name"]?.string else { return }
        guard !account.templates.values.contains(where: { $0.name == name && $0.id != id }) else {
            throw Refusal(400, "template name must be unique")
        }
    }

    /// Puts a template there as if somebody had made it in the console.
    @discardableResult
    package mutating func addTemplate(
        _ id: TemplateID, to account: AccountID, container: Container, isServerless: Bool = true
    ) -> TemplateID {
        let template = Template(id: id, name: id.text, container: container, isServerless: isServerless)
        accounts[account]?.templates.insert(template, for: id)
        return id
    }

    /// Takes a template away as if somebody had deleted it in the console (F27).
    package mutating func removeTemplate(_ id: TemplateID, from account: AccountID) {
        accounts[account]?.templates.remove(id)
    }

    func view(of template: Template) -> WireJSON {
        var members = view(of: template.container)
        members["id"] = .string(template.id.text)
        members["name"] = .string(template.name)
        members["serverless"] = WireJSON(template.isServerless)
        members["public"] = WireJSON(template.isPublic)
        members["category"] = .string(template.category)
        members["startSsh"] = WireJSON(template.startSSH)
        members["startJupyter"] = WireJSON(template.startJupyter)
        members["allowedCudaVersions"] = WireJSON(template.allowedCudaVersions)
        members["mounts"] =
            template.persistentMount.map { ["persistent": ["size": WireJSON($0.size), "path": .string($0.path)]] }
            ?? [:]
        return .object(members)
    }
}

extension RunPodWorld.Template {
    fileprivate mutating func apply(_ body: [String: WireJSON]) {
        container.apply(body, mergesEnvironment: false)
        name = body["name"]?.string ?? name
        isServerless = body["serverless"]?.bool ?? isServerless
        isPublic = body["public"]?.bool ?? isPublic
        category = body["category"]?.string ?? category
        startSSH = body["startSsh"]?.bool ?? startSSH
        startJupyter = body["startJupyter"]?.bool ?? startJupyter
        allowedCudaVersions = body["allowedCudaVersions"]?.strings ?? allowedCudaVersions
        if let mount = body["mounts"]?["persistent"], let size = mount["size"]?.integer,
            let path = mount["path"]?.string
        {
            persistentMount = (size, path)
        }
    }
}
