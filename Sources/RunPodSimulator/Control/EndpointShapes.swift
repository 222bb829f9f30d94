extension BodyShape {
    private static let container: [String: Member] = [
        "args": .text(nonEmpty: false), "disk": .integer(1...Int.max), "env": .textMap,
        "image": .text(nonEmpty: false), "ports": .list(.text(nonEmpty: false), atLeast: 0, unique: false),
        "registry": .textOrNull,
    ]

    private static let workers = BodyShape(members: [
        "min": .integer(0...Int.max), "max": .integer(0...Int.max), "idleTimeout": .integer(1...3600),
    ])

    private static let cpus = Member.list(
        .object(
            BodyShape(
                members: ["id": .text(nonEmpty: true), "vcpuCount": .integer(2...Int.max)],
                required: ["id", "vcpuCount"])), atLeast: 1, unique: true)

    private static func gpu(isUpdate: Bool) -> Member {
        .object(
            BodyShape(
                members: [
                    "pools": .list(.text(nonEmpty: false), atLeast: 1, unique: false),
                    "excludedTypes": .list(.excludedType, atLeast: 0, unique: true),
                    "count": .integer(1...Int.max),
                    "allowedCudaVersions": .list(.version(mayBeEmpty: false), atLeast: 0, unique: false),
                    "minCudaVersion": .version(mayBeEmpty: isUpdate),
                ], required: isUpdate ? [] : ["pools"]))
    }

    private static func endpointMembers(isUpdate: Bool) -> [String: Member] {
        [
            "name": .text(nonEmpty: true), "gpu": gpu(isUpdate: isUpdate), "cpu": cpus, "scaling": .scaling,
            "dataCenterIds": .list(.text(nonEmpty: false), atLeast: 0, unique: false),
            "flashboot": .word(["OFF", "FLASHBOOT", "PRIORITY_FLASHBOOT"]),
            "networkVolumes": .list(.text(nonEmpty: false), atLeast: 0, unique: false),
            "templateId": .text(nonEmpty: !isUpdate), "timeout": .integer(Int.min...Int.max),
            "workers": .object(workers),
        ]
    }

    /// `CreateEndpointRequest`
    static let createEndpoint: BodyShape = {
        var own = endpointMembers(isUpdate: false)
        own["type"] = .word(["QUEUE", "LOAD_BALANCER"])
        return BodyShape(
            members: own.merging(container) { $1 }, required: ["name", "type", "scaling"], branch: Set(own.keys))
    }()

    /// `UpdateEndpointRequest`
    static let updateEndpoint = BodyShape(members: endpointMembers(isUpdate: true).merging(container) { $1 })

    private static let templateMembers: [String: Member] = [
        "name": .text(nonEmpty: true), "category": .word(["CPU", "NVIDIA", "AMD"]),
        "allowedCudaVersions": .list(.version(mayBeEmpty: false), atLeast: 0, unique: false),
        "mounts": .object(
            BodyShape(members: [
                "persistent": .object(
                    BodyShape(
                        members: ["size": .integer(10...Int.max), "path": .text(nonEmpty: true)],
                        required: ["size", "path"]))
            ])),
        "public": .flag, "serverless": .flag, "startJupyter": .flag, "startSsh": .flag,
    ]

    /// `CreateTemplateRequest`
    static let createTemplate = BodyShape(
        members: templateMembers.merging(container) { $1 }, required: ["name", "image"],
        branch: Set(templateMembers.keys))

    /// `UpdateTemplateRequest`
    static let updateTemplate = BodyShape(members: templateMembers.merging(container) { $1 })
}
