"""Every durable step has its fail points: real runs are watched, and whatever they change or sync must lie between the
points of a step (tests/crash/durable_steps.py). Then each step is killed before, within and behind, and every row is
there once. A new fail point has to be named here, by the scenario that dies at it."""

import dataclasses
import os
import re
import signal
import typing
import uuid

from bed import ROOT
from durable_steps import STEPS, Change, Passed, Step, Trace, must_be_covered, step_of, uncovered
from scenarios.sql_catalog import CatalogTable, use_sql_catalog

# Scenario -> the steps that it proves. Those of a_new_table are killed by crashes.killed_at_every_fail_point, those of
# maintenance by maintenance.killed_at_each_of_its_fail_points.
PROVES = {
    "a_new_table": (
        "checkpoint.lock",
        "checkpoint.sync",
        "checkpoint.metadata",
        "checkpoint.source_log",
        "checkpoint.offsets",
        "checkpoint.commits",
        "lake.table_folder",
        "lake.table_sync",
        "lake.data_files",
        "lake.manifest",
        "lake.manifest_list",
        "lake.metadata_swap",
        "lake.version_hint",
        "lake.old_metadata",
    ),
    "a_run_after_a_death": ("checkpoint.leftover", "lake.cleanup"),
    "a_long_history": ("checkpoint.purge",),
    "a_commit_that_is_refused": ("lake.refused_try", "lake.abort"),
    "a_table_of_a_sql_catalog": ("lake.metadata_file", "lake.catalog_swap"),
    "a_catalog_after_a_death": ("lake.catalog_recovery",),
    "a_swap_of_the_catalog_that_fails": ("lake.lost_metadata",),
    "maintenance": (
        "lake.expiry_journal",
        "lake.expire",
        "lake.expired_file",
        "lake.expired_sync",
        "lake.expiry_end",
        "lake.orphan",
    ),
    "a_reset": ("checkpoint.exchange", "checkpoint.backup"),
    "a_reset_that_fails": ("checkpoint.discard",),
}
SMALL = {"write.metadata.delete-after-commit.enabled": "true"}
SMALL |= {"write.metadata.previous-versions-max": "1"}


def fail_point_names():
    text = (ROOT / "src" / "base" / "fail_point_names.h").read_text()
    return re.findall(r'string_view\("([a-z_.]+)"\)', text)


def points_of(scenario):
    return [name for name in fail_point_names() if step_of(name) in PROVES[scenario]]


@dataclasses.dataclass
class World:
    """One table and checkpoint. `step(env)` is the watched or killed run, `check()` runs what is to follow a death and
    compares the rows; `faults` are fail points that lead to the steps, `code` is how the step then ends."""

    step: typing.Callable
    check: typing.Callable
    faults: str = ""
    code: int = 0


def prove(bed, scenario, make, kill=True):
    """`make(number)` prepares a World of its own."""
    world = make(0)
    journal = bed.folder / "journal"
    trace = Trace(os.environ["LOSSY_DISK_LIBRARY"], bed.lakehouse, journal)
    code = world.step({**trace.env(), "FLARE_FAIL_POINTS": world.faults})
    assert code == world.code, f"flare ended with {code}, expected {world.code}"
    world.check()
    events = trace.events()
    active = must_be_covered(events, fail_point_names())
    expected = {name for name in PROVES[scenario] if STEPS[name] != Step()}
    assert expected <= active, f"nothing durable happened in {sorted(expected - active)}"
    passed = {one.point for one in events if isinstance(one, Passed)}
    for number, point in enumerate(points_of(scenario), 1):
        assert point in passed, f"{point} was not passed"
        if not kill:
            continue
        world = make(number)
        code = world.step({"FLARE_FAIL_POINTS": f"{world.faults};{point}=kill"})
        assert code == -signal.SIGKILL, f"{point} did not kill flare, it ended with {code}"
        try:
            world.check()
        except AssertionError as error:
            raise AssertionError(f"killed at {point}: {error}") from None
    return events


def job(bed, topic, number, limit=100, **options):
    return bed.job(
        topic.name,
        name=f"job{number}",
        table=f"stream/t{number}",
        checkpoint=f"stream/c{number}",
        options={"maxOffsetsPerTrigger": str(limit)} if limit else {},
        output={"iceberg": {"properties": SMALL}},
        **options,
    )


def run_and_compare(bed, manifest, table, topic):
    bed.run(manifest)
    table.must_hold(topic)


def every_fail_point_is_proven_somewhere(bed):
    proven = [name for scenario in PROVES for name in PROVES[scenario]]
    assert len(proven) == len(set(proven))
    assert set(proven) == set(STEPS), f"{sorted(set(proven) ^ set(STEPS))}"
    steps = {step_of(name) for name in fail_point_names()}
    assert steps == set(STEPS), f"fail points of no step, or steps without: {steps ^ set(STEPS)}"
    for step in steps:
        room, name = step.split(".")
        for side in ("before", "after"):
            assert f"{room}.{side}_{name}" in fail_point_names(), f"{step} lacks {side}"


def a_new_table(bed):
    topic = bed.topic(2, 300)

    def make(number):
        manifest = job(bed, topic, number)
        table = bed.table(f"stream/t{number}")
        return World(
            lambda env: bed.start(manifest, env=env).wait(),
            lambda: run_and_compare(bed, manifest, table, topic),
        )

    events = prove(bed, "a_new_table", make, kill=False)
    # What the check is for: a name that is synced or made where no point stands.
    for what in (Change("syncs the folder", ("stream/t0/data",), True), Change("links", ("stream/c0/offsets/7",))):
        assert uncovered([*events, what])[0] == [f"{what} (within: no step)"]


def a_run_after_a_death(bed):
    topic = bed.topic(2, 300)

    def make(number):
        manifest = job(bed, topic, number)
        table, folder = bed.table(f"stream/t{number}"), bed.lakehouse / f"stream/c{number}"
        code = bed.start(
            manifest, env={"FLARE_FAIL_POINTS": "lake.after_manifest_list=kill@2"}
        ).wait()
        assert code == -signal.SIGKILL
        (folder / "offsets" / f".1.{uuid.uuid4()}.tmp").write_text("v1")

        def check():
            run_and_compare(bed, manifest, table, topic)
            assert not list(folder.rglob("*.tmp"))
            assert len(list(table.folder.rglob("*.parquet"))) == len(table.snapshots())

        return World(lambda env: bed.start(manifest, env=env).wait(), check)

    prove(bed, "a_run_after_a_death", make)


def a_long_history(bed):
    topic = bed.topic(1, 10 * 103)
    manifest = job(bed, topic, 0, limit=10)
    bed.run(manifest)

    def make(_):
        topic.produce(20)
        return World(
            lambda env: bed.start(manifest, env=env).wait(),
            lambda: run_and_compare(bed, manifest, bed.table("stream/t0"), topic),
        )

    prove(bed, "a_long_history", make)
    assert len(bed.checkpoint("stream/c0").commits()) == 101


def a_commit_that_is_refused(bed):
    topic = bed.topic(2, 300)

    def make(number):
        manifest = job(bed, topic, number)
        table = bed.table(f"stream/t{number}")

        def check():
            run_and_compare(bed, manifest, table, topic)
            assert len(list(table.folder.rglob("*.parquet"))) == len(table.snapshots())

        step = lambda env: bed.start(manifest, env=env).wait()  # noqa: E731
        return World(step, check, "lake.before_metadata_swap=fail@3", 1)  # its second batch

    prove(bed, "a_commit_that_is_refused", make)


def _of_a_catalog(bed, number, prepare=lambda manifest: None, **options):
    use_sql_catalog(bed)
    topic = bed.topic(2, 300)
    manifest = job(bed, topic, number)
    table = CatalogTable(bed.lakehouse / "catalog.db", bed.lakehouse, name=f"stream.t{number}")
    prepare(manifest)
    return World(
        lambda env: bed.start(manifest, env=env).wait(),
        lambda: run_and_compare(bed, manifest, table, topic),
        **options,
    )


def a_table_of_a_sql_catalog(bed):
    prove(bed, "a_table_of_a_sql_catalog", lambda number: _of_a_catalog(bed, number))


def a_catalog_after_a_death(bed):
    def die(manifest):
        """Within the second COMMIT, so that the next one to read has to undo it."""
        rule = f"unlink dies-before 0 2 1 {bed.lakehouse} catalog.db-journal"
        env = {"LD_PRELOAD": os.environ["FAILING_DISK_LIBRARY"], "FAILING_DISK": rule}
        assert bed.start(manifest, env=env).wait() == -signal.SIGKILL
        assert (bed.lakehouse / "catalog.db-journal").exists()

    prove(bed, "a_catalog_after_a_death", lambda number: _of_a_catalog(bed, number, die))


def a_swap_of_the_catalog_that_fails(bed):
    faults = {"faults": "lake.during_catalog_swap=fail@2", "code": 1}
    prove(
        bed,
        "a_swap_of_the_catalog_that_fails",
        lambda number: _of_a_catalog(bed, number, **faults),
    )


def maintenance(bed):
    newest = ("--expire-older-than", "0s", "--retain-last", "1")
    everything = (*newest, "--remove-orphans", "--older-than", "0s", "--no-writers")

    def make(number):
        topic = bed.topic(2, 200)
        manifest = job(bed, topic, number)
        address = f"dataos://lakehouse:stream/t{number}"
        table = bed.table(f"stream/t{number}")

        def maintain(env, *arguments):
            return bed.start(address, *arguments, command="maintain", env=env).wait()

        bed.run(manifest)
        topic.produce(100)
        bed.run(manifest)
        (table.folder / "data" / "stray.parquet").write_text("named by nobody")
        return World(
            lambda env: maintain(env, *everything),
            lambda: run_and_compare(bed, manifest, table, topic),
        )

    prove(bed, "maintenance", make, kill=False)


def _reset(bed, number, **options):
    topic = bed.topic(2, 300)
    manifest = job(bed, topic, number)
    bed.run(manifest)
    topic.produce(100)

    def step(env):
        words = ("--keep-position", "--yes")
        return bed.start(manifest, *words, command="checkpoint reset", env=env).wait()

    table = bed.table(f"stream/t{number}")
    return World(step, lambda: run_and_compare(bed, manifest, table, topic), **options)


def a_reset(bed):
    prove(bed, "a_reset", lambda number: _reset(bed, number))


def a_reset_that_fails(bed):
    faults = {"faults": "checkpoint.before_exchange=fail", "code": 1}
    prove(bed, "a_reset_that_fails", lambda number: _reset(bed, number, **faults))
