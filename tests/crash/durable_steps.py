"""What flare does to files, held against its fail points: each change of a name and each sync must happen between the
`before` and the `after` point of a step that may touch that file. Read from one journal, into which lossy_disk.c writes
the changes and flare the points it passes."""

import dataclasses
import os
import pathlib
import re

from lossy_disk import LossyDisk

# Paths are below the lakehouse. Jobs of such a test write to stream/t<N>, with checkpoints in stream/c<N>.
CHECKPOINT = r"stream/c\d+(\.new-[-0-9a-f]+)?"
TABLE = r"stream/t\d+"
ABOVE = r"\.|stream"
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
AVRO = rf"{TABLE}/metadata/[^/]+\.avro"
PARQUET = rf"{TABLE}/data/.+\.parquet"
JOURNAL = rf"\.flare-expired-{UUID}\.json"
VERSION = rf"(v\d+|\d{{5}}-{UUID})(\.gz)?\.metadata\.json"


@dataclasses.dataclass
class Step:
    """The files that a step may make, name anew, remove or sync; and the folders it may make, remove or sync."""

    files: str = "(?!)"
    folders: str = "(?!)"


# By the name of the fail points: checkpoint.before_lock and checkpoint.after_lock stand around "checkpoint.lock".
STEPS = {
    "checkpoint.lock": Step(rf"{CHECKPOINT}/\.flare\.lock", rf"{CHECKPOINT}|{ABOVE}"),
    "checkpoint.sync": Step(
        folders=rf"{CHECKPOINT}(/offsets|/commits|/sources(/\d+)?)?|{ABOVE}"
    ),
    "checkpoint.leftover": Step(rf"{CHECKPOINT}/((offsets|commits|sources/\d+)/)?\.[^/]+"),
    "checkpoint.metadata": Step(rf"{CHECKPOINT}/metadata", CHECKPOINT),
    "checkpoint.source_log": Step(
        rf"{CHECKPOINT}/sources/\d+/0", rf"{CHECKPOINT}(/sources(/\d+)?)?"
    ),
    "checkpoint.offsets": Step(rf"{CHECKPOINT}/offsets/\d+", rf"{CHECKPOINT}(/offsets)?"),
    "checkpoint.commits": Step(rf"{CHECKPOINT}/commits/\d+", rf"{CHECKPOINT}(/commits)?"),
    "checkpoint.purge": Step(rf"{CHECKPOINT}/(offsets|commits)/(\d+|\.\d+\.crc)"),
    "checkpoint.exchange": Step(CHECKPOINT, ABOVE),
    "checkpoint.backup": Step(rf"{CHECKPOINT}|stream/c\d+\.backup-.+", ABOVE),
    "checkpoint.discard": Step(
        r"stream/c\d+\.new-[-0-9a-f]+/.+", r"stream/c\d+\.new-[-0-9a-f]+(/.+)?"
    ),
    "lake.table_folder": Step(folders=rf"{TABLE}(/metadata)?|{ABOVE}"),
    "lake.table_sync": Step(folders=rf"{TABLE}(/metadata)?|{ABOVE}"),
    "lake.data_files": Step(PARQUET, rf"{TABLE}|{TABLE}/data(/.+)?"),
    "lake.manifest": Step(rf"{TABLE}/metadata/[^/]+-m\d+\.avro", rf"{TABLE}/metadata"),
    "lake.manifest_list": Step(rf"{TABLE}/metadata/snap-[^/]+\.avro", rf"{TABLE}/metadata"),
    "lake.metadata_swap": Step(
        rf"{TABLE}/metadata/v\d+(\.gz)?\.metadata\.json", rf"{TABLE}/metadata"
    ),
    "lake.version_hint": Step(
        rf"{TABLE}/metadata/(version-hint\.text|\.version-hint\.text\.(tmp|crc))",
        rf"{TABLE}/metadata",
    ),
    "lake.metadata_file": Step(
        rf"{TABLE}/metadata/\d{{5}}-{UUID}(\.gz)?\.metadata\.json", rf"{TABLE}/metadata"
    ),
    "lake.catalog_swap": Step(r"catalog\.db(-journal)?", r"\."),
    "lake.catalog_recovery": Step(r"catalog\.db(-journal)?", r"\."),
    "lake.old_metadata": Step(rf"{TABLE}/metadata/({VERSION}|\.{VERSION}\.crc)"),
    "lake.lost_metadata": Step(rf"{TABLE}/metadata/({VERSION}|\.{VERSION}\.crc)"),
    "lake.refused_try": Step(AVRO),
    "lake.abort": Step(PARQUET),
    "lake.cleanup": Step(rf"{PARQUET}|{AVRO}", rf"{TABLE}/metadata|{TABLE}/data(/.+)?"),
    "lake.expiry_journal": Step(rf"{TABLE}/metadata/{JOURNAL}", rf"{TABLE}/metadata"),
    "lake.expire": Step(),  # around a swap, which has its own
    "lake.expired_file": Step(rf"{PARQUET}|{AVRO}"),
    "lake.expired_sync": Step(folders=rf"{TABLE}/metadata|{TABLE}/data(/.+)?"),
    "lake.expiry_end": Step(rf"{TABLE}/metadata/{JOURNAL}"),
    "lake.orphan": Step(rf"{TABLE}/(metadata|data)/.+"),
}


def step_of(point):
    """checkpoint.before_lock -> checkpoint.lock"""
    return re.sub(r"\.(before|during|after)_", ".", point)


@dataclasses.dataclass
class Passed:
    """A fail point was passed."""

    point: str


@dataclasses.dataclass
class Change:
    """Something happened to a file or a folder that must survive or not."""

    what: str
    paths: tuple
    is_folder: bool = False

    def allowed_by(self, step):
        pattern = step.folders if self.is_folder else step.files
        return all(re.fullmatch(pattern, path) for path in self.paths)

    def __str__(self):
        return f"{self.what} {' '.join(self.paths)}"


class Trace:
    """Runs of flare on one lakehouse, watched. `env()` is for each run."""

    def __init__(self, library, lakehouse, folder):
        self._lakehouse = str(lakehouse)
        self._disk = LossyDisk(library, lakehouse, folder)
        self.journal = pathlib.Path(folder) / "journal"

    def env(self):
        return {**self._disk.env(), "FLARE_FAIL_POINTS_TRACE": str(self.journal)}

    def events(self):
        lines = [line.split("\t") for line in self.journal.read_text().split("\n")[:-1]]
        return read_events(lines, self._lakehouse)


def read_events(lines, lakehouse):
    """The journal's lines as Passed and Change."""
    names, made, events = {}, None, []
    for number, (kind, *words) in enumerate(lines):
        paths, is_folder = (), False
        if kind == "P":
            events.append(Passed(words[0]))
            continue
        if kind == "C":
            made = words[0]
            paths, what = (made,), "creates"
        elif kind == "N":  # of the name before it, or of one that a link will give
            names[words[0]] = made or _linked_later(lines[number + 1 :], words[0])
            made = None
            continue
        elif kind in "WTF":
            what = {"W": "opens", "T": "cuts", "F": "syncs"}[kind]
            if kind == "W":
                names[words[0]] = words[2]
            paths = (names.get(words[0]) or f"inode {words[0]}",)
        elif kind == "L":
            names[words[0]] = words[1]
            paths, what = (words[1],), "links"
        elif kind == "R":
            names[words[0]] = words[2]
            paths, what = (words[1], words[2]), "renames"
        elif kind == "U":
            paths, what = (words[0],), "removes"
        elif kind in "DXS":
            paths, is_folder = (words[0],), True
            what = {"D": "makes the folder", "X": "removes the folder", "S": "syncs the folder"}[kind]
        else:
            raise ValueError(f"the journal's line {kind} {words} means nothing")
        events.append(Change(what, tuple(_below(path, lakehouse) for path in paths), is_folder))
    return events


def _linked_later(lines, inode):
    for kind, *words in lines:
        if kind == "L" and words[0] == inode:
            return words[1]
        if kind == "N" and words[0] == inode:
            break
    return None


def _below(path, lakehouse):
    return os.path.relpath(path, lakehouse) if path.startswith("/") else path


def uncovered(events):
    """The changes that no open step allows, each with the steps that were open; and the steps that did something."""
    opened, left, active = [], [], set()
    for event in events:
        if isinstance(event, Change):
            allowing = [name for name in opened if event.allowed_by(STEPS[name])]
            active.update(allowing)
            if not allowing:
                left.append(f"{event} (within: {', '.join(opened) or 'no step'})")
            continue
        name = step_of(event.point)
        if ".before_" in event.point or ".after_" in event.point:
            opened = [one for one in opened if one != name]
        if ".before_" in event.point:
            opened.append(name)
    return left, active


def without(events, step):
    """The events as they were if the step had no fail points."""
    return [one for one in events if not (isinstance(one, Passed) and step_of(one.point) == step)]


def must_be_covered(events, names):
    """Every change lies within a step, every point is one of `names`, and each step's points are what makes it so.
    Gives the steps that did something."""
    left, active = uncovered(events)
    assert not left, "durable steps without a fail point:\n  " + "\n  ".join(left[:20])
    passed = {one.point for one in events if isinstance(one, Passed)}
    assert passed <= set(names), f"not in fail_point_names.h: {sorted(passed - set(names))}"
    for step in sorted(active):
        assert uncovered(without(events, step))[0], f"{step} is hidden by another step's points"
    return active
