"""Killed anywhere, run again: no record lost, none doubled."""

import os
import signal

from scenarios.fail_points import points_of


def killed_at(bed, manifest, name, visit=1):
    code = bed.start(manifest, env={"FLARE_FAIL_POINTS": f"{name}=kill@{visit}"}).wait(60)
    assert (
        code == -signal.SIGKILL
    ), f"{name} did not kill flare at visit {visit}, it ended with {code}"


def killed_at_every_fail_point(bed):
    topic = bed.topic(2, 900)
    missed = []
    for number, (name, visit) in enumerate(
        (name, visit) for name in points_of("a_new_table") for visit in (1, 2)
    ):
        table, checkpoint = f"stream/t{number}", f"stream/c{number}"
        # The newest two metadata files are kept, so that old ones are removed within the run.
        manifest = bed.job(
            topic.name,
            table=table,
            checkpoint=checkpoint,
            options={"maxOffsetsPerTrigger": "300"},
            output={
                "iceberg": {
                    "properties": {
                        "write.metadata.delete-after-commit.enabled": "true",
                        "write.metadata.previous-versions-max": "1",
                    }
                }
            },
        )
        program = bed.start(manifest, env={"FLARE_FAIL_POINTS": f"{name}=kill@{visit}"})
        code = program.wait(60)
        assert code in (0, -signal.SIGKILL), f"with {name} at visit {visit} flare ended with {code}"
        if code == 0 and visit == 1:
            missed.append(name)
        bed.run(manifest)
        bed.table(table).must_hold(topic)
        assert bed.checkpoint(checkpoint).commits() == [0, 1, 2], f"after {name} at visit {visit}"
        assert [one["spark.sql.streaming.epochId"] for one in bed.table(table).snapshots()] == [
            "0",
            "1",
            "2",
        ]
    assert not missed, f"never reached: {missed}"


def killed_again_and_again(bed):
    """Each run dies at another point of its first batches, until one is let live."""
    topic = bed.topic(2, 2000)
    manifest = bed.job(topic.name, options={"maxOffsetsPerTrigger": "200"})
    points = [
        "lake.after_data_files",
        "checkpoint.after_offsets",
        "lake.after_metadata_swap",
        "checkpoint.before_commits",
        "lake.before_metadata_swap",
        "checkpoint.after_commits",
    ]
    for point in points:
        killed_at(bed, manifest, point)
    bed.run(manifest)
    bed.table().must_hold(topic)
    assert bed.checkpoint().commits() == list(range(10))


def killed_while_it_runs(bed):
    """kill -9 from outside, at moments that no fail point names."""
    topic = bed.topic(4, 200_000)
    manifest = bed.job(topic.name, options={"maxOffsetsPerTrigger": "20000"})
    for batches in (1, 2, 3):
        program = bed.start(manifest)
        program.until(
            lambda: len(program.batches()) >= 1 or not program.running(),
            f"a batch in run {batches}",
        )
        program.kill()
    bed.run(manifest)
    bed.table().must_hold(topic)


def c015_c016_killed_once_run_finishes_its_batch(bed):
    """A Once run after a crash finishes the half-done batch, over the logged range, and reads nothing new."""
    topic = bed.topic(2, 1000)
    manifest = bed.job(topic.name, trigger="Once")
    killed_at(bed, manifest, "lake.after_data_files")
    topic.produce(500)
    bed.run(manifest)
    assert bed.table().rows() == 1000
    bed.run(manifest)
    bed.table().must_hold(topic)


def failed_at_every_fail_point(bed):
    """A step that fails ends the run with an error, and the next run makes up for it."""
    topic = bed.topic(2, 600)
    for number, name in enumerate(points_of("a_new_table")):
        table, checkpoint = f"stream/t{number}", f"stream/c{number}"
        manifest = bed.job(
            topic.name, table=table, checkpoint=checkpoint, options={"maxOffsetsPerTrigger": "300"}
        )
        code = bed.start(manifest, env={"FLARE_FAIL_POINTS": f"{name}=fail@1"}).wait(60)
        assert code in (0, 1), f"with {name} failing flare ended with {code}"
        bed.run(manifest)
        bed.table(table).must_hold(topic)


def interrupt_finishes_the_batch(bed):
    topic = bed.topic(4, 400_000)
    program = bed.start(bed.job(topic.name, trigger="Once"))
    program.until(lambda: bed.checkpoint().offsets(), "batch 0 to be logged")
    program.interrupt()
    bed.table().must_hold(topic)
    assert bed.checkpoint().commits() == [0]


def interrupt_stops_between_batches(bed):
    topic = bed.topic(4, 400_000)
    manifest = bed.job(topic.name, options={"maxOffsetsPerTrigger": "4000"})
    program = bed.start(manifest)
    program.until_batches(1)
    program.interrupt(number=signal.SIGTERM)
    done = len(bed.checkpoint().commits())
    assert sorted(bed.checkpoint().offsets()) == list(range(done)), "a batch was left unfinished"
    assert bed.table().rows() == 4000 * done
    bed.run(manifest)
    bed.table().must_hold(topic)


def second_interrupt_stops_at_once(bed):
    topic = bed.topic(4, 400_000)
    manifest = bed.job(topic.name, trigger="Once")
    program = bed.start(manifest, env={"FLARE_FAIL_POINTS": "lake.before_data_files=delay:2000"})
    program.until(lambda: bed.checkpoint().offsets(), "batch 0 to be logged")
    program.send(signal.SIGINT)
    program.send(signal.SIGINT)
    assert program.wait() in (0, 130)
    bed.run(manifest)
    bed.table().must_hold(topic)


def c043_two_runs_on_one_checkpoint(bed):
    topic = bed.topic(1, 100)
    manifest = bed.job(topic.name, trigger="ProcessingTime", duration="1 second")
    first = bed.start(manifest)
    first.until_batches(1)
    bed.refused(manifest, says=[r"checkpoint", str(first.pid())])  # it names the owner
    assert first.running()
    first.interrupt()
    bed.table().must_hold(topic)


def tables_of_two_jobs_in_one_warehouse(bed):
    """Two jobs at a time write two tables and, with their own checkpoints, one table; each record is there once a job."""
    topic = bed.topic(2, 5000)
    jobs = [
        bed.job(
            topic.name,
            name=f"job{number}",
            checkpoint=f"stream/c{number}",
            options={"maxOffsetsPerTrigger": "500"},
        )
        for number in range(2)
    ]
    runs = [bed.start(job) for job in jobs]
    for run in runs:
        assert run.wait(120) == 0
    found = bed.table().totals()
    assert (found["count"], found["distinct"]) == (10_000, 5000)
    assert len(bed.table().snapshots()) == 20


def killed_while_cleaning_up(bed):
    """What an earlier attempt left is removed once the batch is proven committed; a crash there is harmless."""
    topic = bed.topic(1, 100)
    for point in ("lake.before_cleanup", "lake.after_cleanup"):
        table, checkpoint = f"stream/{point[5:]}", f"stream/{point[5:]}_ckpt"
        manifest = bed.job(topic.name, table=table, checkpoint=checkpoint)
        killed_at(bed, manifest, "lake.after_manifest_list")
        killed_at(bed, manifest, point)
        bed.run(manifest)
        bed.table(table).must_hold(topic)
        left = sorted(path.name for path in bed.table(table).folder.rglob("*.parquet"))
        assert len(left) == 1, f"{point}: data files of dead attempts stayed: {left}"


def nothing_is_left_behind(bed):
    """After a crash and a clean run, no temporary file stays, nor any of the attempt that failed."""
    topic = bed.topic(1, 100)
    manifest = bed.job(topic.name)
    killed_at(bed, manifest, "lake.after_manifest_list")
    bed.run(manifest)
    assert [name for name in bed.files() if ".tmp" in os.path.basename(name)] == []
    assert len(list(bed.table().folder.rglob("*.parquet"))) == 1
