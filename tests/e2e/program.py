"""A run of the flare program, watched from outside: its output, its progress file, its end."""

import json
import os
import re
import shlex
import signal
import subprocess
import time


def until(condition, what, seconds=60):
    """Waits until `condition()` is true and gives its value; fails after that many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited {seconds} s for: {what}")


class Program:
    def __init__(self, words, output, progress, folder, env, before):
        self._words = [str(word) for word in words]
        self._output = output
        self._progress = progress
        clean = {key: value for key, value in os.environ.items() if not key.startswith("FLARE_")}
        with open(output, "wb") as stream:
            self._process = subprocess.Popen(
                self._words,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                cwd=folder,
                env={**clean, **(env or {})},
                preexec_fn=before,
            )

    def command_line(self):
        return shlex.join(self._words)

    def output(self):
        return self._output.read_text(errors="replace")

    def pid(self):
        return self._process.pid

    def running(self):
        return self._process.poll() is None

    def wait(self, seconds=60):
        """Waits for its end; gives the exit code, negative for a signal."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"flare still runs after {seconds} s") from None

    def send(self, number):
        self._process.send_signal(number)

    def kill(self):
        if self.running():
            self._process.kill()
            self._process.wait()

    def interrupt(self, seconds=60, number=signal.SIGINT):
        """Asks it to finish the batch; it must end with 0."""
        self.send(number)
        code = self.wait(seconds)
        assert code == 0, f"flare ended with {code} after {signal.Signals(number).name}, expected 0"

    def progress(self):
        """The progress entries so far, as Spark writes them."""
        try:
            text = self._progress.read_text()
        except OSError:
            return []
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    def batches(self):
        """The progress of executed batches."""
        return [one for one in self.progress() if one.get("numInputRows", 0) > 0]

    def until_batches(self, count, seconds=60):
        return self.until(
            lambda: len(self.batches()) >= count and self.batches(), f"{count} batches", seconds
        )

    def until(self, condition, what, seconds=60):
        """Waits as `until` does, but fails at once when the program has ended without it."""
        ended = []

        def check():
            value = condition()
            if value:
                return value
            assert not ended, f"flare ended with {self._process.returncode} before: {what}"
            if not self.running():
                ended.append(True)
            return None

        return until(check, what, seconds)

    def must_say(self, *patterns):
        text = self.output()
        for pattern in patterns:
            assert re.search(pattern, text, re.IGNORECASE), f"flare does not say /{pattern}/"
        assert (
            "Traceback" not in text and "terminate called" not in text and "Assertion" not in text
        )
