"""What goes wrong outside: each ends in an error that says what and where, and loses nothing."""

import ctypes
import os
import shutil
import signal
import socket

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2


def unused_address():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{one.getsockname()[1]}"


def obey_file_modes():
    """Root ignores file modes by two capabilities: give them up in the child."""
    if os.getuid() == 0:
        library = ctypes.CDLL(None, use_errno=True)
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            if library.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                raise OSError(ctypes.get_errno(), "a capability cannot be dropped")


def broker_unreachable(bed):
    address = unused_address()
    bed.depot("gone", address)
    bed.refused(bed.job("events", depot="gone"), says=[address])
    assert not bed.table().exists()


def endless_job_waits_for_the_broker(bed):
    address = unused_address()
    bed.depot("gone", address)
    program = bed.start(
        bed.job("events", depot="gone", trigger="ProcessingTime", duration="1 second")
    )
    program.until(lambda: address in program.output(), "a message that the broker is missing", 90)
    assert program.running()
    program.interrupt()


def topic_missing(bed):
    bed.refused(bed.job("no-such-topic-here"), says=["no-such-topic-here"])
    assert not bed.table().exists()


def offsets_gone(bed):
    topic = bed.topic(2, 1000)
    strict = bed.job(topic.name, name="strict")
    bed.run(strict)
    topic.produce(1000)
    topic.tool("delete-records", "--partition", 0, "--before", 700)
    bed.refused(strict, says=["failOnDataLoss", topic.name, "700"])
    assert bed.table().rows() == 1000
    lenient = bed.job(topic.name, name="lenient", options={"failOnDataLoss": "false"})
    bed.run(lenient).must_say(topic.name, "700")
    found = bed.table().query(
        'SELECT partition, count(*), max("offset") FROM t GROUP BY 1 ORDER BY 1'
    )
    assert found == [(0, 800, 999), (1, 1000, 999)]
    bed.run(strict)  # the loss is behind it
    assert bed.table().rows() == 1800


def c098_topic_made_anew(bed):
    topic = bed.topic(1, 100)
    strict = bed.job(topic.name)
    bed.run(strict)
    topic.delete()
    topic.create(1)
    topic.produce(10)
    bed.refused(strict, says=["failOnDataLoss", topic.name])
    assert bed.table().rows() == 100


def table_dropped_under_its_checkpoint(bed):
    """A batch that the checkpoint calls committed is not in the table: refused, with or without new records."""
    topic = bed.topic(1, 100)
    manifest = bed.job(topic.name)
    bed.run(manifest)
    shutil.rmtree(bed.table().folder)
    bed.refused(manifest, says=["batch 0 was committed", "checkpointLocation"])
    topic.produce(10)
    bed.refused(manifest, says=["batch 0 was committed"])
    assert list(bed.checkpoint().offsets()) == [0]


def failed_first_run_fixes_no_start(bed):
    """startingOffsets may be corrected as long as no run got as far as opening its output."""
    topic = bed.topic(1, 100)
    spec = [{"type": "identity", "column": "nope"}]
    latest = bed.job(
        topic.name,
        options={"startingOffsets": "latest"},
        output={"iceberg": {"partitionSpec": spec}},
    )
    bed.refused(latest, says=["nope"])
    bed.run(bed.job(topic.name))
    bed.table().must_hold(topic)


def checkpoint_of_another_job(bed):
    first, second = bed.topic(1, 100), bed.topic(1, 100)
    bed.run(bed.job(first.name, name="first"))
    bed.refused(bed.job(second.name, name="second"), says=["checkpoint", first.name])
    bed.table().must_hold(first)


def damaged(bed, file, content, *says):
    """A job whose checkpoint file holds something else is refused, naming the file, and writes nothing."""
    topic = bed.topic(1, 100)
    manifest = bed.job(topic.name)
    bed.run(manifest)
    topic.produce(10)
    path = bed.checkpoint().folder / file
    path.with_name(f".{path.name}.crc").unlink(missing_ok=True)
    path.write_bytes(content)
    bed.refused(manifest, says=[path.name, *says])
    assert bed.table().rows() == 100


def checkpoint_of_a_newer_version(bed):
    damaged(bed, "offsets/0", b'v9\n{"batchWatermarkMs":0}\n{}', r"offsets/0", "v9")


def checkpoint_with_broken_offsets(bed):
    damaged(bed, "offsets/0", b'v1\n{}\n{"events', r"offsets/0")


def checkpoint_with_an_empty_commit(bed):
    damaged(bed, "commits/0", b"", r"commits/0")


def checkpoint_with_broken_metadata(bed):
    damaged(bed, "metadata", b"not json", "metadata")


def checkpoint_without_its_newest_commit(bed):
    """Looks like a crash before commits/0: the batch is recognised in the table and not written again."""
    topic = bed.topic(1, 100)
    manifest = bed.job(topic.name)
    bed.run(manifest)
    (bed.checkpoint().folder / "commits" / "0").unlink()
    bed.run(manifest)
    bed.table().must_hold(topic)
    assert bed.checkpoint().commits() == [0]
    assert len(bed.table().snapshots()) == 1


def lost_checkpoint_is_a_new_job(bed):
    """Without its checkpoint a job begins again: the rows are there twice, under two query ids, and both are told apart."""
    topic = bed.topic(1, 100)
    manifest = bed.job(topic.name)
    bed.run(manifest)
    shutil.rmtree(bed.checkpoint().folder)
    bed.run(manifest)
    found = bed.table().totals()
    assert (found["count"], found["distinct"]) == (200, 100)
    assert len({one["spark.sql.streaming.queryId"] for one in bed.table().snapshots()}) == 2


def warehouse_not_writable(bed):
    topic = bed.topic(1, 100)
    bed.lakehouse.mkdir()
    bed.lakehouse.chmod(0o555)
    manifest = bed.job(topic.name)
    bed.refused(
        manifest,
        says=[str(bed.lakehouse), "permission denied|not writable|cannot write"],
        before=obey_file_modes,
    )
    bed.lakehouse.chmod(0o755)
    bed.run(manifest)
    bed.table().must_hold(topic)


def table_not_writable(bed):
    """The checkpoint can be written, the table cannot: the batch stays unfinished and is made up for."""
    topic = bed.topic(1, 100)
    manifest = bed.job(topic.name)
    bed.run(manifest)
    topic.produce(50)
    folders = [
        path for path in (bed.table().folder, *bed.table().folder.rglob("*")) if path.is_dir()
    ]
    for folder in folders:
        folder.chmod(0o555)
    bed.refused(
        manifest,
        says=[str(bed.table().folder), "permission denied|not writable|cannot write"],
        before=obey_file_modes,
    )
    for folder in folders:
        folder.chmod(0o755)
    bed.run(manifest)
    bed.table().must_hold(topic)


def disk_full(bed):
    topic = bed.topic(2, 50_000)
    manifest = bed.job(topic.name, options={"maxOffsetsPerTrigger": "10000"})
    for size in (1_000, 1_000_000):
        full = {
            "LD_PRELOAD": os.environ["FULL_DISK"],
            "FULL_DISK_FOLDER": str(bed.lakehouse),
            "FULL_DISK_BYTES": str(size),
        }
        bed.refused(manifest, says=["no space left|disk is full"], env=full)
    bed.run(manifest)
    bed.table().must_hold(topic)


def table_with_another_schema(bed):
    topic = bed.topic(1, 100)
    bed.run(
        bed.job(
            topic.name,
            name="first",
            checkpoint="stream/c1",
            sql="SELECT offset AS id, topic FROM input",
        )
    )
    bed.refused(
        bed.job(
            topic.name,
            name="second",
            checkpoint="stream/c2",
            sql="SELECT topic AS id, topic FROM input",
        ),
        says=["id", "stream/out|out"],
    )
    assert bed.table().rows() == 100


def mistakes_in_manifests(bed):
    """Each mistake is found before anything is connected to, and its message names it."""
    topic = bed.topic(1, 10)
    good = bed.job(topic.name).read_text()
    cases = {
        "syntax": (good.replace('"version"', '"version'), [r"manifest\.yaml:\d+"]),
        "checkpoint": (
            good.replace('"checkpointLocation"', '"checkpointLocaton"'),
            ["checkpointLocation"],
        ),
        "dataset": (
            good.replace(f'"dataset": "dataos://bed:default/{topic.name}",', ""),
            ["dataset"],
        ),
        "depot": (good.replace("dataos://bed:", "dataos://bad:"), ["bad", r"did you mean.*bed"]),
        "format": (good.replace('"kafkajson"', '"kafkajsn"'), ["kafkajsn", "kafkajson"]),
        "trigger": (
            good.replace('"AvailableNow"', '"AvailableNo"'),
            ["AvailableNo", "AvailableNow"],
        ),
        "sql": (good.replace("SELECT * FROM input", "SELEC * FROM input"), [r"\d+:\d+"]),
        "column": (
            good.replace("SELECT * FROM input", "SELECT valu FROM input"),
            ["valu", "value"],
        ),
        "type": (
            good.replace("SELECT * FROM input", "SELECT abs(topic, 1, 2) FROM input"),
            ["abs"],
        ),
        "variable": (good.replace("dataos://bed:", "dataos://${MISSING_ONE}:"), ["MISSING_ONE"]),
    }
    for name, (text, says) in cases.items():
        assert text != good, name
        manifest = bed.write("manifest.yaml", text)
        bed.refused(manifest, says=[r"manifest\.yaml", *says])
    bed.write("manifest.yaml", good.replace('"isStream": true,', ""))
    warned = bed.start(bed.folder / "manifest.yaml", command="lint")
    assert warned.wait() == 0
    warned.must_say(r"manifest\.yaml:\d+:\d+", "isStream")
    program = bed.start(bed.folder / "no-such-file.yaml")
    assert program.wait() in (1, 2)
    program.must_say(r"no-such-file\.yaml")
    assert not bed.lakehouse.exists() or bed.files() == {}


def hang_up_during_start_loses_nothing(bed):
    """SIGTERM at once after the start: ends cleanly, and the next run has it all."""
    topic = bed.topic(1, 100)
    manifest = bed.job(topic.name)
    program = bed.start(manifest)
    program.send(signal.SIGTERM)
    assert program.wait() in (0, -signal.SIGTERM, 130)
    bed.run(manifest)
    bed.table().must_hold(topic)
