import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("Schedules")
    struct ScheduleTests {
        @Test("A schedule closes at its edge and says so everywhere; an override opens; deleted, it governs no more")
        func edge() async throws {
            try await Scene.play { scene in
                let edge = Self.nextMinute(atLeast: 20)
                try await scene.createTarget()
                try await scene.createEndpoint()
                try await scene.createSchedule(windows: [Self.window(from: edge - 3600, to: edge)])
                try await scene.waitUntilReady()
                try scene.commands().push(12)
                try await scene.expectReplicas(3)
                try await scene.expectCondition("ScheduleOpen", .yes, "Open")
                let open = try #require(try await scene.endpoint().status?.schedule)
                #expect(open.open == true && open.by == "hours" && open.nextTransitionTime?.date == edge)

                try await scene.expectReplicas(0, within: .seconds(100))
                print("closed \(Date().timeIntervalSince(edge)) s after the edge, as a poll sees it")
                #expect(Date() >= edge)
                try await scene.expectCondition("ScheduleOpen", .no, "Closed")
                #expect(try await scene.endpoint().status?.schedule?.lastTransitionTime?.date == edge)
                // Ten seconds of closing with tasks waiting: they stay, and nothing scales up.
                #expect(try scene.commands().count("LLEN", "jobs") == 12)
                #expect(
                    await eventually {
                        let metrics = (try? await scene.martlet.metrics) ?? ""
                        return metrics.contains("martlet_schedule_lag_seconds_count 1")
                    })
                try await expectEvents(["Closed", "TasksStayQueued"], in: scene)
                #expect(
                    try await eventually {
                        let status = try await scene.schedule().status
                        return status?.open == false && status?.nextTransition == .open
                            && status?.conditions?["Ready"]?.reason == "Scheduled"
                    })

                let cluster = ["--kubeconfig", scene.cluster.kubeconfig, "--namespace", scene.namespace]
                let martlet = "\(ControlPlane.products)/martlet"
                let table = try ChildProcess.run([martlet, "status"] + cluster)
                #expect(table.contains("OPEN") && table.contains("hours") && table.contains(" in 2"))
                let opened = try ChildProcess.run([martlet, "open", "work", "--for", "1h"] + cluster)
                #expect(opened.contains("held open until") && opened.contains("hours decides again"))
                try await scene.expectReplicas(3)
                try await scene.expectCondition("OverrideAccepted", .yes, "Overridden")
                let chart = try ChildProcess.run([martlet, "schedule", "work"] + cluster)
                #expect(chart.contains("open now by override"))
                let auto = try ChildProcess.run([martlet, "auto", "work"] + cluster)
                #expect(auto.contains("follows hours again"))
                try await scene.expectReplicas(0)
                #expect(try await eventually { try await scene.condition("OverrideAccepted") == nil })

                try await scene.resources(GPUSchedule.self).delete(scene.key("hours"))
                try await scene.expectReplicas(3)
                try await expectEvents(["GovernsNoMore"], in: scene)
                #expect(try await eventually { try await scene.condition("ScheduleOpen") == nil })
            }
        }

        @Test(
            "Suspended or mistaken it holds what was recorded, never recorded it is closed; a malformed override counts not"
        )
        func held() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createSchedule(
                    windows: [Self.window(from: Date() - 3600, to: Date() + 7200)],
                    changing: ["timeZone": "Asia/Atlantis"])
                try await scene.createEndpoint()
                try await scene.waitUntilReady()
                try scene.commands().push(12)
                try await scene.expectCondition("ScheduleOpen", .no, "Closed")
                try await scene.expectSchedule("Accepted", .no, "UnknownTimeZone")
                #expect(try await scene.replicas() == 0)

                // Corrected, it opens; suspended and then mistaken again it stays open.
                try await scene.patchSchedule(["timeZone": "UTC"])
                try await scene.expectReplicas(3)
                try await scene.expectSchedule("Ready", .yes, "Scheduled")
                try await scene.patchSchedule(["suspend": true])
                try await scene.expectSchedule("Ready", .no, "Suspended")
                try await scene.patchSchedule(["timeZone": "Asia/Atlantis"])
                try await scene.expectSchedule("Accepted", .no, "UnknownTimeZone")
                try scene.commands().push(8)
                try await scene.expectReplicas(4)

                try await scene.override("Closed until=tomorrow")
                try await scene.expectCondition("OverrideAccepted", .no, "MalformedOverride")
                #expect(try await scene.replicas() == 4)
                try await scene.override("Closed until=\(Timestamp(Date() + 40 * 86_400))")
                try await scene.expectCondition("OverrideAccepted", .no, "MalformedOverride")
                #expect(try await scene.replicas() == 4)
                // The end of a good one is an edge as well.
                try await scene.override("Closed until=\(Timestamp(Date() + 6))")
                try await scene.expectReplicas(0)
                try await scene.expectReplicas(4)
                try await scene.expectCondition("OverrideAccepted", .yes, "Expired")
            }
        }

        @Test(
            "An operator that was down over an edge makes it up at once, and a Secret that is gone keeps nothing open")
        func missed() async throws {
            try await Scene.play { scene in
                try await scene.createSecret("redis", ["username": "default", "password": ""])
                try await scene.createTarget()
                try await scene.createEndpoint(changing: ["workers": ["minReplicas": 2]])
                try await scene.createSchedule(windows: [Self.window(from: Date() - 3600, to: Date() + 7200)])
                try await scene.expectReplicas(2)
                try await scene.expectCondition("ScheduleOpen", .yes, "Open")
                await scene.martlet.crash()
                try await scene.patchEndpoint(
                    spec: ["queue": ["redis": ["credentialsSecretRef": ["name": "nowhere"]]]])
                try await scene.patchSchedule(["windows": [Self.window(from: Date() - 7200, to: Date() - 3600)]])
                try await scene.martlet.start()
                try await scene.expectReplicas(0)
                try await scene.expectCondition("Accepted", .no, "SecretNotFound")
                try await scene.expectCondition("ScheduleOpen", .no, "Closed")
            }
        }

        /// A whole minute of UTC that is at least so many seconds away.
        private static func nextMinute(atLeast seconds: Double) -> Date {
            Date(timeIntervalSince1970: ((Date().timeIntervalSince1970 + seconds) / 60).rounded(.up) * 60)
        }

        /// Every day of the week, in UTC.
        private static func window(from: Date, to: Date) -> JSONValue {
            func clock(_ date: Date) -> JSONValue { .string(String("\(Timestamp(date))".dropFirst(11).prefix(5))) }
            return [
                "name": "daily", "days": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], "from": clock(from),
                "to": clock(to),
            ]
        }

        private func expectEvents(_ reasons: Set<String>, in scene: Scene) async throws {
            var told: Set<String> = []
            _ = try await eventually {
                told = Set(try await scene.events().compactMap(\.reason))
                return reasons.isSubset(of: told)
            }
            #expect(reasons.isSubset(of: told))
        }
    }
}
