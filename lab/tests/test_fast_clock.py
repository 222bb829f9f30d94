"""The clock of the days: programs that live by it agree on the time, through every change of its speed."""

import os
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from lab.fast_clock import FastClock

# 27 March 2027, whatever the date outside.
BEGIN = 1806102000.0
# A test that hangs has failed.
LIMIT = 60


class FastClockTests(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.clock = FastClock(Path(directory.name), BEGIN)
        self.addCleanup(self.clock.close)

    def program(self, code, *arguments, is_calm=False):
        program = subprocess.Popen(
            [sys.executable, "-c", "import time, sys, socket\n" + code, *arguments], stdout=subprocess.PIPE, text=True,
            env=os.environ | self.clock.environment(is_calm), stdin=subprocess.PIPE)
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        return program

    def output(self, program):
        answer = program.communicate(timeout=LIMIT)[0]
        self.assertEqual(program.returncode, 0)
        return answer.split()

    def test_a_program_sees_the_clocks_time(self):
        self.clock.run(1000)
        before = self.clock.now()
        told = float(self.output(self.program("print(time.time())"))[0])
        self.assertGreaterEqual(told, before)
        self.assertLessEqual(told, self.clock.now())
        self.assertGreater(told, BEGIN)

    def test_a_sleep_lasts_as_long_as_was_asked_on_every_clock(self):
        self.clock.run(100_000)
        wall, steady = map(float, self.output(self.program(
            "a = time.time(), time.monotonic(); time.sleep(36000); b = time.time(), time.monotonic()\n"
            "print(b[0] - a[0], b[1] - a[1])")))
        self.assertGreaterEqual(wall, 36000)
        self.assertGreaterEqual(steady, 36000)

    def test_a_sleep_that_began_slowly_ends_early_when_time_speeds_up(self):
        for wait in ("time.sleep(36000)", "import select; select.poll().poll(36000 * 1000)",
                     "import threading; threading.Event().wait(36000)"):
            self.clock.run(1)
            sleeper = self.program(f"print(1, flush=True); {wait}")
            sleeper.stdout.readline()
            self.clock.run(1_000_000)
            self.output(sleeper)

    def test_while_a_calm_program_waits_for_an_answer_time_does_not_race(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        self.clock.run(1_000_000)
        program = self.program(
            "peer = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
            "peer.send(b'question'); peer.recv(10); print(time.time(), flush=True); sys.stdin.readline()",
            str(listener.getsockname()[1]), is_calm=True)
        peer, _ = listener.accept()
        self.addCleanup(peer.close)
        self.assertEqual(peer.recv(10), b"question")
        while not self.clock.is_held:
            self.assertIsNone(program.poll())
        self.clock.run(2_000_000)
        self.assertTrue(self.clock.is_held, "a new speed waits too")
        peer.send(b"answer")
        program.stdout.readline()
        self.assertFalse(self.clock.is_held)
        program.communicate(timeout=LIMIT)

    def test_what_a_program_that_is_gone_was_waiting_for_is_forgotten(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        program = self.program(
            "peer = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
            "peer.send(b'question'); print(1, flush=True); time.sleep(1e6)",
            str(listener.getsockname()[1]), is_calm=True)
        program.stdout.readline()
        self.assertTrue(self.clock.is_held)
        program.kill()
        program.communicate(timeout=LIMIT)
        self.clock.forget_requests()
        self.assertFalse(self.clock.is_held)


if __name__ == "__main__":
    unittest.main()
