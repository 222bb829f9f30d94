internal import ArgumentParser
internal import KubernetesModel
internal import RunPod

/// Shows the account's templates.
struct TemplatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "templates", abstract: "Show the templates of the RunPod account.",
        discussion: "Only serverless templates suit spec.runpod.templateId.")

    @OptionGroup var options: AccountOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reportingFailures {
            let templates = try await options.account().control.templates()
            switch output.format {
            case .json: Stdout.line(JSONText.pretty(.array(templates.map(TemplateText.json))))
            case .text: Stdout.line(PlainText.safe(TemplateText.table(templates)))
            }
        }
    }
}

/// Templates as text.
enum TemplateText {
    static func table(_ templates: [RunPodTemplate]) -> String {
        guard !templates.isEmpty else { return "The account has no templates." }
        let sorted = templates.sorted { ($0.name ?? "", $0.id.rawValue) < ($1.name ?? "", $1.id.rawValue) }
        return TextTable.text(
            [["ID", "NAME", "SERVERLESS", "CATEGORY", "DISK", "IMAGE"]]
                + sorted.map { template in
                    [
                        template.id.rawValue, template.name ?? "-",
                        template.isServerless.map { $0 ? "yes" : "no" } ?? "-", template.category ?? "-",
                        template.disk.map { "\($0) GB" } ?? "-", template.image ?? "-",
                    ]
                })
    }

    static func json(_ template: RunPodTemplate) -> JSONValue {
        .members([
            "id": .string(template.id.rawValue), "name": .text(template.name), "image": .text(template.image),
            "disk": .number(template.disk), "serverless": template.isServerless.map { .bool($0) },
            "public": template.isPublic.map { .bool($0) }, "category": .text(template.category),
        ])
    }
}
