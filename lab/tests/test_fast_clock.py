"""The clock of the days: programs that live by it agree on the time, through every change of its speed."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from lab.fast_clock import FastClock

# 27 March 2027, whatever the date outside.
BEGIN = 1806102000.0
# A test that hangs has failed.
LIMIT = 60


class FastClockTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # One for all, in which the libraries are compiled once.
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.directory = Path(directory.name)

    def setUp(self):
        self.clock = FastClock(self.directory, BEGIN)
        self.addCleanup(self.clock.close)

    def program(self, code):
        program = subprocess.Popen(
            [sys.executable, "-c", "import time\n" + code], stdout=subprocess.PIPE, text=True,
            env=os.environ | self.clock.environment())
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

    def test_programs_of_a_fixed_speed_see_it_from_their_origin_on(self):
        origin = time.time_ns() - 10**9
        library = Path(self.clock.environment()["LD_PRELOAD"])
        told = subprocess.run(
            [sys.executable, "-c", "import time; time.sleep(3600); print(time.time())"], capture_output=True, text=True,
            timeout=LIMIT, check=True, env=os.environ | {
                "LD_PRELOAD": str(library), "MARTLET_FAST_TIME_SPEED": "10000", "MARTLET_FAST_TIME_ORIGIN": str(origin)})
        self.assertGreaterEqual(float(told.stdout), origin / 1e9 + 10_000 + 3600)

    @unittest.skipUnless(shutil.which("curl"), "needs curl")
    def test_while_a_calm_programs_requests_wait_time_runs_as_outside(self):
        self.clock.run(1_000_000)
        answers = Answers()
        self.addCleanup(answers.close)
        # A minute would be over at once, but not while the request waits, be it for the rest of the answer.
        request = subprocess.Popen(
            ["curl", "--parallel", "--no-progress-meter", "-sS", "--max-time", "60", f"http://127.0.0.1:{answers.port}/"], stdout=subprocess.PIPE,
            env=os.environ | self.clock.environment(is_calm=True))
        self.addCleanup(request.communicate)
        self.addCleanup(request.kill)
        for part in (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                     b"2\r\nok\r\n", b"0\r\n\r\n"):
            answers.await_request()
            self.assertTrue(self.clock.is_held)
            answers.send(part)
        self.assertEqual(request.communicate(timeout=LIMIT)[0], b"ok")
        self.assertFalse(self.clock.is_held)

    @unittest.skipUnless(shutil.which("curl"), "needs curl")
    def test_a_watch_is_answered_when_its_status_is_there(self):
        answers = Answers()
        self.addCleanup(answers.close)
        request = subprocess.Popen(
            ["curl", "--parallel", "--no-progress-meter", "-sSN", f"http://127.0.0.1:{answers.port}/?watch=1"], stdout=subprocess.PIPE,
            env=os.environ | self.clock.environment(is_calm=True))
        self.addCleanup(request.communicate)
        self.addCleanup(request.kill)
        answers.await_request()
        self.assertTrue(self.clock.is_held)
        answers.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n")
        self.assertEqual(request.stdout.read(2), b"ok")
        while self.clock.is_held:
            self.assertIsNone(request.poll())

    @unittest.skipUnless(shutil.which("curl"), "needs curl")
    def test_what_a_program_that_is_gone_was_waiting_for_is_forgotten(self):
        answers = Answers()
        self.addCleanup(answers.close)
        request = subprocess.Popen(
            ["curl", "--parallel", "--no-progress-meter", "-sS", f"http://127.0.0.1:{answers.port}/"],
            env=os.environ | self.clock.environment(is_calm=True))
        answers.await_request()
        self.assertTrue(self.clock.is_held)
        request.kill()
        request.wait(LIMIT)
        self.clock.forget_requests()
        self.assertFalse(self.clock.is_held)


class Answers:
    """A server of one connection that says what a test has it say."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(LIMIT)
        self.port = self._listener.getsockname()[1]
        self._peer = None

    def await_request(self):
        if self._peer is None:
            self._peer, _ = self._listener.accept()
            self._peer.settimeout(LIMIT)
            self._peer.recv(4096)

    def send(self, part):
        self._peer.sendall(part)

    def close(self):
        self._listener.close()
        if self._peer:
            self._peer.close()


if __name__ == "__main__":
    unittest.main()
