"""The disks that a round may run on: a sound one, and those that fail, fill up, or forget. A disk gives a run its
environment and is told when the run is dead; `may_fail` says whether a run may end with an error on it.
"""

import errno
import os

from lossy_disk import LossyDisk

ERRORS = (errno.EIO, errno.ENOSPC, errno.EINTR, errno.EDQUOT)


class SoundDisk:
    may_fail = False
    forgets = False
    allows_calls = True  # a run may die at a chosen system call

    def env(self, _):
        return {}, ""

    def sound_env(self):
        """Of a run that is to end well."""
        return {}

    def died(self):
        """The last run is dead, or has ended."""


class FullDisk(SoundDisk):
    """Some thousand bytes may be written."""

    may_fail = True

    def __init__(self, bed, random):
        self._bed, self._random = bed, random

    def env(self, _):
        size = self._random.choice((self._random.randint(0, 3000), self._random.randint(0, 80_000)))
        env = {"FULL_DISK_FOLDER": str(self._bed.lakehouse), "FULL_DISK_BYTES": str(size)}
        return {"LD_PRELOAD": os.environ["FULL_DISK"], **env}, f"with room for {size} bytes"


class FailingDisk(SoundDisk):
    """A call fails before it does anything, once or from then on."""

    may_fail = True
    allows_calls = False

    def __init__(self, bed, random):
        self._bed, self._random = bed, random

    def env(self, writer):
        draw = self._random
        words = [
            draw.choice(("link", "rename", "create", "sync", "write", "unlink")),
            "before",
            draw.choice(ERRORS),
            draw.choice((1, draw.randint(1, 12))),
            draw.choice((1, 2, 1000)),
            draw.choice((self._bed.lakehouse, *writer.places.values())),
        ]
        return self._env(words)

    @staticmethod
    def _env(words):
        text = " ".join(map(str, words))
        env = {"LD_PRELOAD": os.environ["FAILING_DISK_LIBRARY"], "FAILING_DISK": text}
        return env, f"on a disk with '{text}'"


class LostReply(FailingDisk):
    """A name is made, and the answer says that it failed: of a commit's metadata file, or of a log entry."""

    def env(self, writer):
        draw = self._random
        where = draw.choice(("table", "table", "checkpoint"))
        words = ["link", "after", draw.choice(ERRORS), draw.randint(1, 3), 1, writer.places[where]]
        return self._env(words + ["metadata.json"] * (where == "table" and draw.random() < 0.8))


class ForgetfulDisk(SoundDisk):
    """The power is cut at every other death or end of a run: what no run has synced until then is lost, all of it or some
    of it by chance. A run that was only killed leaves to the next what it had not synced."""

    forgets = True

    def __init__(self, bed, random, by_chance):
        journal = bed.folder / "journal"
        library = os.environ["LOSSY_DISK_LIBRARY"]
        self._random = random
        self._disk = LossyDisk(library, bed.lakehouse, journal, random if by_chance else None)

    def env(self, _):
        return self._disk.env(), "on a disk that forgets"

    def sound_env(self):
        return self._disk.env()

    def died(self):
        if self._random.random() < 0.5:
            self.cut_power()

    def cut_power(self):
        self._disk.cut_power()


def make(name, bed, random):
    if name.startswith("forgetful"):
        return ForgetfulDisk(bed, random, by_chance=name.endswith("by chance"))
    kinds = {"failing": FailingDisk, "lost reply": LostReply, "full": FullDisk}
    return kinds[name](bed, random) if name in kinds else SoundDisk()
