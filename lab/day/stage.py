"""Where the days are played: a real control plane, a simulated RunPod, and the real operator, on a clock of their own."""

from __future__ import annotations

import base64

from lab.day.calendar import Day
from lab.demo.stage import ENDPOINT, NAMESPACE, Stage
from lab.fast_clock import FastClock
from lab.processes import Child
from lab.runpod import KEY, SimulatedRunPod
from lab.world import ROOT, World

SCHEDULE = "office-hours"
SAMPLE_HOLIDAY = "2027-03-29"
# Seconds before the first midnight.
LEAD = 180


class DayStage(Stage):
    """Control plane and RunPod; the clock stands shortly before the first day, at the speed of the world outside."""

    samples = ROOT / "samples/schedule"
    sample_files = ("endpoint.yaml", "office-hours.yaml")

    def __init__(self, say, days: list[Day], runpod_command: list[str]):
        super().__init__(say)
        self._days, self._runpod_command = days, runpod_command

    def _build(self) -> None:
        world = self._ending.enter_context(World(say=self._say))
        self.directory, self.api = world.directory, world.api
        self.kubeconfig, self.operator_kubeconfig = world.kubeconfig, world.operator_kubeconfig
        self.kubectl = [world.kubectl, f"--kubeconfig={world.kubeconfig}"]
        self.clock = FastClock(self.directory, self._days[0].begin - LEAD)
        self._ending.callback(self.clock.close)
        self.runpod = SimulatedRunPod(
            self._runpod_command, self.directory / "runpod.log", self.clock.environment())
        self._ending.callback(self.runpod.stop)
        self._say(f"a simulated RunPod, where it is {self._days[0].local(self.clock.now())} on the day before")
        world.create_namespace(NAMESPACE)
        key = base64.b64encode(KEY.encode()).decode()
        world.create(f"/api/v1/namespaces/{NAMESPACE}/secrets", {"metadata": {"name": "runpod"}, "data": {"apiKey": key}})
        holiday = next((day.date.isoformat() for day in self._days if day.is_holiday), SAMPLE_HOLIDAY)
        self.apply({SAMPLE_HOLIDAY: holiday})
        self.operator_environment = self.clock.environment(is_calm=True)

    @property
    def operator_flags(self) -> list[str]:
        return self.runpod.operator_flags

    def _await_accepted(self, operator: Child) -> None:
        super()._await_accepted(operator)
        self._await(operator, "InferenceEndpoint", ENDPOINT, "RunPodReady")
        self._await(operator, "GPUSchedule", SCHEDULE, "Accepted")
