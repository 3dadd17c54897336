"""`flare checkpoint show|verify|reset`, and what a run refuses until a person has spoken."""

import json
import re
import shutil
import signal

from pyiceberg.expressions import GreaterThanOrEqual
from scenarios.sql_catalog import use_sql_catalog


def verify(bed, operand, expect, *says):
    program = bed.start(operand, command="checkpoint verify")
    code = program.wait()
    assert code == expect, f"verify ended with {code}, expected {expect}"
    program.must_say(*says)


def killed_at(bed, manifest, point, visit=1):
    code = bed.start(manifest, env={"FLARE_FAIL_POINTS": f"{point}=kill@{visit}"}).wait()
    assert code == -signal.SIGKILL, f"{point} did not kill flare, it ended with {code}"


def verify_proves_a_clean_run(bed):
    topic = bed.topic(3, 900)
    manifest = bed.job(topic.name, options={"maxOffsetsPerTrigger": "300"})
    bed.run(manifest)
    proofs = (
        r"proven +each batch starts where the one before ended",
        r"proven +its history has each batch of the query at most once: 0 to 2",
        r"proven +3 batches cover the offsets that were logged for them",
        r"proven +no record is there twice: 900 rows",
        r"proven +every row of a logged batch lies in that batch's range",
        r"proven +no record is missing: all 900 offsets",
        r"0 not provable, 0 wrong",
    )
    verify(bed, manifest, 0, *proofs)
    verify(bed, bed.lakehouse / "stream/ckpt", 0, *proofs)  # where it writes is in the log
    verify(bed, "dataos://lakehouse:stream/ckpt", 0, *proofs)
    program = bed.start(manifest, "--format", "json", command="checkpoint verify")
    assert program.wait() == 0
    assert json.loads(program.output())["result"] == "proven"


def verify_tells_an_unfinished_batch(bed):
    topic = bed.topic(1, 200)
    manifest = bed.job(topic.name, options={"maxOffsetsPerTrigger": "100"})
    killed_at(bed, manifest, "lake.after_data_files", 2)
    verify(bed, manifest, 0, r"the unfinished batch 1 is not in it")
    killed_at(bed, manifest, "lake.after_metadata_swap")
    verify(bed, manifest, 0, r"the unfinished batch 1 is in it already; the next run only records that")
    bed.run(manifest)
    verify(bed, manifest, 0, r"no record is missing: all 200")


def verify_finds_what_is_wrong(bed):
    topic = bed.topic(1, 300)
    manifest = bed.job(topic.name, options={"maxOffsetsPerTrigger": "100"})
    bed.run(manifest)
    log = bed.lakehouse / "stream/ckpt"
    text = (log / "offsets/1").read_text()
    (log / "offsets/1").write_text(text.replace('"0":200', '"0":150'))
    verify(bed, manifest, 1, r"WRONG +batch 1 covers .* in the table, but .* in the checkpoint")
    (log / "offsets/1").write_text(text.replace('"0":200', '"0":50'))
    verify(bed, manifest, 1, r"WRONG .*-0 goes back from offset 100 in batch 0 to 50 in batch 1")
    (log / "offsets/1").write_text("v1")
    verify(bed, manifest, 1, r"WRONG +offsets/1 cannot be read")
    (log / "offsets/1").write_text(text)
    (log / "commits/2").unlink()
    (log / "offsets/2").unlink()
    verify(bed, manifest, 1, r"WRONG +it holds batch 2, but the checkpoint only knows batches up to 1")


def verify_says_what_it_cannot_prove(bed):
    topic = bed.topic(1, 100)
    manifest = bed.job(topic.name, sql="SELECT * FROM input WHERE offset % 2 = 0")
    bed.run(manifest)
    verify(bed, manifest, 3, r"unproven +whether a record is missing: 50 of the 100 offsets")
    plain = bed.job(topic.name, name="plain", table="stream/p", checkpoint="stream/pc", sql="SELECT value FROM input")
    bed.run(plain)
    verify(bed, plain, 3, r"unproven +its rows: it has no columns topic, partition and offset")


def verify_tells_rows_that_another_program_doubled(bed):
    table = use_sql_catalog(bed)
    topic = bed.topic(1, 300)
    manifest = bed.job(topic.name, options={"maxOffsetsPerTrigger": "100"})
    bed.run(manifest)
    verify(bed, manifest, 0, r"proven +no record is there twice: 300 rows")
    rows = table.pyiceberg().scan(GreaterThanOrEqual("offset", 250)).to_arrow()
    table.pyiceberg().append(rows)
    told = r"unproven +whether each record of .*-0 is there once: 50 records, offsets 250 to 299"
    verify(bed, manifest, 3, told, r"another writer as well")


def verify_finds_a_data_file_that_was_added_again(bed):
    table = use_sql_catalog(bed)
    topic = bed.topic(1, 300)
    manifest = bed.job(topic.name, options={"maxOffsetsPerTrigger": "100"})
    bed.run(manifest)
    (path, *_) = table.pyiceberg().inspect.files()["file_path"].to_pylist()
    table.pyiceberg().add_files([path], check_duplicate_files=False)
    name = re.escape(path.rsplit("/", 1)[1])
    verify(bed, manifest, 1, rf"WRONG +records are there 2 times: the data file .*{name}")


def show_tells_the_lag_with_the_manifest(bed):
    topic = bed.topic(2, 100)
    manifest = bed.job(topic.name)
    bed.run(manifest)
    topic.produce(30)
    program = bed.start(manifest, command="checkpoint show")
    assert program.wait() == 0
    program.must_say(r"lag +input: 30 records behind the last committed batch", r"batch 0 .* committed")
    program = bed.start(manifest, "--format", "json", command="checkpoint show")
    assert program.wait() == 0
    shown = json.loads(program.output())
    assert shown["lag"] == [{"input": "input", "records": 30, "error": None}]
    assert shown["batches"][0]["endOffsets"] == [{topic.name: {"0": 50, "1": 50}}]


def reset_asks_and_keeps_a_backup(bed):
    topic = bed.topic(1, 100)
    manifest = bed.job(topic.name)
    bed.run(manifest)
    before = bed.files()
    program = bed.start(manifest, command="checkpoint reset")
    assert program.wait() == 1
    program.must_say(r"answer with --yes", r"nothing was changed")
    assert bed.files() == before
    old = bed.checkpoint().query_id()
    program = bed.start(manifest, "--yes", command="checkpoint reset")
    assert program.wait() == 0
    program.must_say(r"the old checkpoint is in .*ckpt\.backup-\d{8}T\d{6}Z", r"begins at the job's startingOffsets")
    (backup,) = (bed.lakehouse / "stream").glob("ckpt.backup-*")
    assert json.loads((backup / "metadata").read_text())["id"] == old
    bed.run(manifest)
    assert bed.table().rows() == 200  # as it said: what it reads again is written again
    assert bed.checkpoint().query_id() != old


def reset_can_go_on_where_the_table_ends(bed):
    """From whole, damaged and half-done checkpoints: nothing is lost, nothing doubled."""

    def lose_offsets(log):
        shutil.rmtree(log / "offsets")

    def lose_metadata(log):
        (log / "metadata").unlink()

    def restore_an_old_backup(log):
        for name in ("offsets/2", "commits/2"):
            (log / name).unlink()

    damages = (lambda log: None, lose_offsets, lose_metadata, restore_an_old_backup)
    for number, damage in enumerate(damages):
        topic = bed.topic(2, 300)
        table, checkpoint = f"stream/t{number}", f"stream/c{number}"
        manifest = bed.job(
            topic.name, table=table, checkpoint=checkpoint, options={"maxOffsetsPerTrigger": "100"}
        )
        bed.run(manifest)
        damage(bed.lakehouse / checkpoint)
        topic.produce(200)
        if number > 0:
            bed.refused(manifest, says=[r"checkpoint"])
        program = bed.start(manifest, "--keep-position", "--yes", command="checkpoint reset")
        assert program.wait() == 0
        program.must_say(r"at the position of snapshot \d+ of .*, which is batch 2", r"nothing is read twice")
        bed.run(manifest)
        bed.table(table).must_hold(topic)
        verify(bed, manifest, 0)


def reset_minds_an_unfinished_batch(bed):
    for number, (point, visit) in enumerate(
        (("lake.after_data_files", 2), ("lake.after_metadata_swap", 3))
    ):
        topic = bed.topic(1, 200)
        table, checkpoint = f"stream/t{number}", f"stream/c{number}"
        manifest = bed.job(
            topic.name, table=table, checkpoint=checkpoint, options={"maxOffsetsPerTrigger": "100"}
        )
        killed_at(bed, manifest, point, visit)
        program = bed.start(manifest, "--keep-position", "--yes", command="checkpoint reset")
        assert program.wait() == 0
        program.must_say(rf"which is batch {number}")
        bed.run(manifest)
        bed.table(table).must_hold(topic)


def reset_refuses_a_checkpoint_in_use(bed):
    topic = bed.topic(1, 10)
    manifest = bed.job(topic.name, trigger="ProcessingTime", duration="1 second")
    running = bed.start(manifest)
    running.until_batches(1)
    for more in ([], ["--keep-position"]):
        program = bed.start(manifest, "--yes", *more, command="checkpoint reset")
        assert program.wait() == 1
        program.must_say(r"process \d+")
    running.interrupt()
    bed.table().must_hold(topic)


def a_changed_job_is_refused_until_accepted(bed):
    topic = bed.topic(1, 100)
    bed.run(bed.job(topic.name, sql="SELECT * FROM input -- all"))
    bed.run(bed.job(topic.name, sql="SELECT  *\nFROM input"))  # blanks and comments are no change
    topic.produce(100)
    changed = bed.job(topic.name, sql="SELECT * FROM input WHERE offset < 150")
    bed.refused(changed, says=[r"step 'final' changed", r"run once with --accept-changes"])
    assert bed.table().rows() == 100
    bed.run(changed, "--accept-changes")
    assert bed.table().rows() == 150
    other = bed.topic(1, 10)
    moved = bed.job(other.name, sql="SELECT * FROM input WHERE offset < 150")
    bed.refused(moved, says=[r"its batches read .*" + topic.name, other.name, r"--accept-changes"])
    bed.run(
        bed.job(
            other.name,
            sql="SELECT * FROM input WHERE offset < 150",
            options={"failOnDataLoss": "false"},
        ),
        "--accept-changes",
    )
    assert bed.table().rows() == 160  # the new topic from its beginning
    elsewhere = bed.job(other.name, sql="SELECT * FROM input WHERE offset < 150", table="stream/other")
    bed.refused(elsewhere, says=[r"its batches write .*stream/out.* but this job writes .*stream/other"])


def a_dropped_table_is_refused_until_a_person_accepts_the_gap(bed):
    topic = bed.topic(1, 100)
    manifest = bed.job(topic.name)
    bed.run(manifest)
    shutil.rmtree(bed.lakehouse / "stream/out")
    topic.produce(50)
    bed.refused(manifest, says=[r"says that batch 0 was committed", r"--assume-committed 0"])
    bed.refused(manifest, "--replay", "7", says=[r"not in doubt about that batch", r"the next 1"])
    bed.run(manifest, "--assume-committed", "0")
    assert bed.table().rows() == 50
    bed.run(manifest)


def two_swapped_sources_are_refused(bed):
    first, second = bed.topic(1, 10), bed.topic(1, 20)

    def job(*topics):
        manifest = json.loads(bed.job(first.name).read_text())
        spec = manifest["workflow"]["dag"][0]["spec"]["stackSpec"]["job"]
        (one,) = spec["inputs"]
        spec["inputs"] = [
            {**one, "name": f"in{i}", "dataset": f"dataos://bed:default/{topic.name}"}
            for i, topic in enumerate(topics)
        ]
        spec["steps"] = [{"sequence": [{"name": "final", "sql": "SELECT * FROM in0"}, {"name": "b", "sql": "SELECT * FROM in1"}]}]
        (sink,) = spec["outputs"]
        spec["outputs"] = [sink, {**sink, "name": "b", "dataset": "dataos://lakehouse:stream/b?acl=rw"}]
        spec["streaming"]["forEachBatchMode"] = True
        return bed.write("two.yaml", json.dumps(manifest))

    bed.run(job(first, second))
    bed.refused(job(second, first), says=[r"its batches read", r"--accept-changes"])
    bed.run(job(first, second))
