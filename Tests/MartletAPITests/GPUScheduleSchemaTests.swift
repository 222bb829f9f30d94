import FoundationEssentials
import KubernetesModel
import Testing

@testable import MartletAPI

@Suite("The CRD of schedules says what the code says")
struct GPUScheduleSchemaTests {
    private let file: CRDFile

    init() throws { file = try CRDFile("gpuschedules.martlet.dev") }

    @Test("It is the kind that the code asks for")
    func kind() {
        let (type, spec) = (GPUSchedule.resourceType, file.definition.spec)
        #expect(spec.group == type.group)
        #expect(spec.names.kind == type.kind)
        #expect(spec.names.plural == type.plural)
        #expect(spec.versions.map(\.name) == [type.version])
        #expect(spec.names.shortNames == ["gsch"])
        #expect(spec.names.categories == ["martlet"])
        let columns = spec.versions[0].additionalPrinterColumns
        #expect(columns.map(\.name) == ["Open", "Window", "Next", "NextAt", "Ready", "Age"])
        #expect(
            columns.map(\.jsonPath).prefix(4) == [
                ".status.open", ".status.window", ".status.nextTransition", ".status.nextTransitionTime",
            ])
    }

    @Test("Every field has a description, every leaf bounds, every list a length and a type")
    func bounds() { file.expectBounds() }

    @Test("Every field of the types is in the schema, and every field of the schema in the types")
    func fields() throws {
        try file.compare("spec", GPUScheduleSpec())
        try file.compare("spec.targets", ScheduleTarget(name: ""))
        try file.compare("spec.windows", ScheduleWindowSpec(name: ""))
        let windows = try #require(file.root["spec.windows"]?.items)
        for bounds in [file.root["spec.inside"], file.root["spec.outside"], windows["bounds"]] {
            #expect(bounds?.properties?.keys.sorted() == ["runpod", "workers"])
            #expect(bounds?["workers"]?.properties?.keys.sorted() == ["max", "min"])
            #expect(bounds?["runpod"]?.properties?.keys.sorted() == ["max", "min"])
        }
        try file.compare("spec.exceptions", ScheduleExceptionSpec(name: "", from: "", state: .open))
        try file.compare("status", GPUScheduleStatus())
        let time = Timestamp(Date(timeIntervalSince1970: 0))
        try file.compare(
            "status.conditions",
            Condition(
                type: "", status: .yes, reason: "", message: "", lastTransitionTime: time, observedGeneration: nil))
    }

    @Test("The bounds of the schema are those that the operator checks")
    func limits() throws {
        #expect(try file.bound("spec.preWarmSeconds") == 0...SpecLimits.preWarmSeconds)
        #expect(file.root["spec.timeZone"]?.maxLength == SpecLimits.timeZoneLength)
        #expect(file.root["spec.targets"]?.maxItems == SpecLimits.targets)
        #expect(file.root["spec.targets"]?.items?["name"]?.maxLength == SpecLimits.nameLength)
        #expect(file.root["spec.windows"]?.maxItems == SpecLimits.windows)
        #expect(file.root["spec.exceptions"]?.maxItems == SpecLimits.exceptions)
        let window = try #require(file.root["spec.windows"]?.items)
        let exception = try #require(file.root["spec.exceptions"]?.items)
        #expect(window["name"]?.maxLength == SpecLimits.windowNameLength)
        #expect(exception["name"]?.maxLength == SpecLimits.windowNameLength)
        #expect(window["start"]?.maxLength == SpecLimits.cronLength)
        #expect(window["end"]?.maxLength == SpecLimits.cronLength)
        #expect(window["days"]?.items?.choices == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
        #expect(exception["state"]?.choices == ["Closed", "Open"])
        for path in ["spec.inside", "spec.outside"] {
            #expect(try file.bound("\(path).workers.max") == 0...SpecLimits.replicas)
            #expect(try file.bound("\(path).runpod.min") == 0...SpecLimits.runPodWorkers)
        }
    }
}
