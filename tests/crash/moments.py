"""When a run is killed: at a named fail point, or some time after something became visible from outside."""

import functools
import os
import pathlib
import re
import signal
import time

from bed import ROOT

# Fail points that only a new checkpoint reaches, or only one with a long history.
FIRST_START = (
    "checkpoint.before_metadata",
    "checkpoint.after_metadata",
    "checkpoint.before_source_log",
    "checkpoint.after_source_log",
    "lake.before_table_folder",
    "lake.after_table_folder",
)
ONE_CATALOG = {  # fail points of one catalog's way to publish
    "directory": ("lake.before_metadata_swap", "lake.after_metadata_swap")
    + ("lake.before_version_hint", "lake.after_version_hint"),
    "sql": ("lake.before_metadata_file", "lake.after_metadata_file")
    + ("lake.before_catalog_swap", "lake.during_catalog_swap", "lake.after_catalog_swap"),
}
AFTER_A_DEATH_IN_THE_CATALOG = ("lake.before_catalog_recovery", "lake.after_catalog_recovery")
OLD_METADATA = ("lake.before_old_metadata", "lake.after_old_metadata")
REFUSED = ("lake.before_refused_try", "lake.after_refused_try")
REFUSED_BY_A_CATALOG = ("lake.before_lost_metadata", "lake.after_lost_metadata")
# `flare checkpoint reset`, files that are left only where O_TMPFILE is missing, commits that are given up: these are for
# tests/e2e/scenarios/fail_points.py.
ELSEWHERE = tuple(
    f"{room}.{side}_{name}"
    for room, name in (
        ("checkpoint", "exchange"),
        ("checkpoint", "backup"),
        ("checkpoint", "discard"),
        ("checkpoint", "leftover"),
        ("lake", "abort"),
    )
    for side in ("before", "after")
)
MAINTENANCE = tuple(
    f"lake.{side}_{step}"
    for step in ("expiry_journal", "expire", "expired_file", "expired_sync", "expiry_end", "orphan")
    for side in ("before", "after")
)
LONG_HISTORY = ("checkpoint.before_purge", "checkpoint.after_purge")

REACH_SECONDS = 1.5  # an endless run that did not get to its moment by then is let go

# What can be seen from outside: name -> (folder below the lakehouse, pattern of file names).
SIGNS = {
    "offsets": ("{checkpoint}/offsets", r"[0-9]+"),
    "commits": ("{checkpoint}/commits", r"[0-9]+"),
    "temporary log entry": ("{checkpoint}/offsets", r"\..*tmp"),
    "temporary commit": ("{checkpoint}/commits", r"\..*tmp"),
    "data": ("{table}/data", r".*"),
    "manifest": ("{table}/metadata", r".*-m[0-9]+\.avro"),
    "manifest list": ("{table}/metadata", r"snap-.*\.avro"),
    "metadata": ("{table}/metadata", r"v?[0-9]+.*metadata\.json"),
    "temporary metadata": ("{table}/metadata", r"\..*tmp"),
}


@functools.cache
def fail_point_names():
    """Those of the program, which may have been built before the newest were named."""
    text = (ROOT / "src" / "base" / "fail_point_names.h").read_text()
    program = pathlib.Path(os.environ["FLARE_PROGRAM"]).read_bytes()
    return [
        name
        for name in re.findall(r'string_view\("([a-z_.]+)"\)', text)
        if name.encode() in program
    ]


class AtFailPoint:
    """kill -9 by the process itself, at a visit of a fail point."""

    def __init__(self, name, visit):
        self.name = name
        self.env = {"FLARE_FAIL_POINTS": f"{name}=kill@{visit}"}
        self.text = f"at visit {visit} of {name}"

    def watch(self, _, __):
        pass


class AtCall:
    """kill -9 by the process itself, before or behind a system call that changes or syncs files."""

    def __init__(self, when, call, count, folder):
        self.name = "system call"
        rule = f"{call} dies-{when} 0 {count} 1 {folder}"
        self.env = {"LD_PRELOAD": os.environ["FAILING_DISK_LIBRARY"], "FAILING_DISK": rule}
        self.text = f"{when} call {count} of {call} below {folder}"

    def watch(self, _, __):
        pass


class FailingStep:
    """No death: the step at a fail point fails."""

    def __init__(self, name, visit):
        self.name = name
        self.env = {"FLARE_FAIL_POINTS": f"{name}=fail@{visit}"}
        self.text = f"fails at visit {visit} of {name}"

    def watch(self, _, __):
        pass


class AfterSign:
    """kill -9 from outside, `delay` seconds after the `count`-th new file of a kind became visible."""

    env = {}

    def __init__(self, sign, count, delay):
        self.name = "random moment"
        self.sign, self.count, self.delay = sign, count, delay
        self.text = f"{delay * 1000:.1f} ms after new file {count} of kind '{sign}'"

    def watch(self, program, places):
        """Kills the program at its moment; returns when it did, when the program ended, or when it takes too long."""
        folder, pattern = SIGNS[self.sign]
        folder = folder.format(**places)
        seen, new = set(names(folder, pattern)), 0
        deadline = time.monotonic() + REACH_SECONDS
        while program.running() and time.monotonic() < deadline:
            now = names(folder, pattern)
            new += len(now - seen)
            seen |= now
            if new >= self.count:
                kill_after(program, self.delay)
                return
            time.sleep(0.0005)


class AfterStart:
    """kill -9 from outside, `delay` seconds after the start."""

    env = {}

    def __init__(self, delay):
        self.name = "random moment"
        self.delay = delay
        self.text = f"{delay * 1000:.1f} ms after the start"

    def watch(self, program, _):
        kill_after(program, self.delay)


def names(folder, pattern):
    """Files and folders there that match; below a table's data folder at any depth."""
    if os.path.basename(folder) == "data":
        return {name for _, _, inside in os.walk(folder) for name in inside}
    try:
        return {name for name in os.listdir(folder) if re.fullmatch(pattern, name)}
    except OSError:
        return set()


def kill_after(program, delay):
    deadline = time.monotonic() + delay
    while program.running() and time.monotonic() < deadline:
        time.sleep(min(0.001, max(0.0, deadline - time.monotonic())))
    if program.running():
        program.send(signal.SIGKILL)


def out_of_reach(first, world):
    """The fail points that no run of this world comes to."""
    sql, shared = world.catalog == "sql", world.writers > 1 or world.maintained
    names = MAINTENANCE + ELSEWHERE + ONE_CATALOG["directory" if sql else "sql"]
    names += () if first else FIRST_START
    names += () if world.long_history else LONG_HISTORY
    names += () if sql and not first else AFTER_A_DEATH_IN_THE_CATALOG
    names += () if world.properties else OLD_METADATA
    names += () if shared else REFUSED
    return names + (() if sql and shared else REFUSED_BY_A_CATALOG)


def draw_fail_point(random, first, world):
    """The name of a fail point, and the visit. `first`: nothing was written yet."""
    left_out = out_of_reach(first, world)
    points = [name for name in fail_point_names() if name not in left_out]
    if first and random.random() < 0.5:
        points = [name for name in FIRST_START if name in points]
    if world.long_history and random.random() < 0.3:
        points = list(LONG_HISTORY)
    return random.choice(points), random.choice((1, random.randint(1, world.batches)))


def draw(random, first, world, folders):
    """A moment: fail points, system calls below one of the folders, and random times. `folders` is empty where system
    calls cannot be chosen."""
    batches = world.batches
    kind = random.choice(("fail point", "fail point", "call" if folders else "time", "time"))
    if kind == "fail point":
        return AtFailPoint(*draw_fail_point(random, first, world))
    if kind == "call":
        call = random.choice(
            ("link", "link", "sync", "sync", "rename", "unlink", "create", "write")
        )
        count = random.choice((1, random.randint(1, 8), random.randint(1, 20)))
        return AtCall(random.choice(("before", "after")), call, count, random.choice(folders))
    if random.random() < 0.2:
        return AfterStart(random.uniform(0, 0.3))
    delay = random.choice((0, random.uniform(0, 0.004), random.uniform(0, 0.03)))
    count = random.choice((1, random.randint(1, batches)))
    return AfterSign(random.choice(list(SIGNS)), count, delay)
