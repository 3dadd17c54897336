"""The manifests of examples/seed as printed, apart from depots and variables, over a real topic."""

import os
import signal

from bed import ROOT

# 200,000 records in a test run; the acceptance run takes 5,000,000.
RECORDS = int(os.environ.get("FLARE_E2E_RECORDS", "200000"))
SECONDS = 60 + RECORDS // 20_000
SEED = ROOT / "examples" / "seed"
VARIABLES = {
    "CHECKPOINT_DATASET": "ckpt01",
    "DEPOT_NAME": "kafkadepot",
    "COLLECTION_NAME": "default",
    "LAKEHOUSE_DEPOT_NAME": "lakehouse",
    "LAKEHOUSE_COLLECTION_NAME": "stream",
    "STREAM_FOR_EACH_DATASET": "out",
}


def variables(topic):
    named = {**VARIABLES, "DATASET_SUFFIX": topic.name.removeprefix("stream_")}
    return [word for name, value in named.items() for word in ("-e", f"{name}={value}")]


def must_write_nothing(bed, *run):
    """A run without new data leaves every file of the lakehouse as it was."""
    before = bed.files()
    bed.run(*run)
    assert bed.files() == before, "a run without new data wrote to the lakehouse"


def once_as_printed(bed):
    bed.depot("systemstreams")
    topic = bed.topic(4, RECORDS, name="themis_query_events_03")
    bed.run(SEED / "once.yaml", seconds=SECONDS)
    table = bed.table("stream/stream_read_once_04")
    table.must_hold(topic)
    checkpoint = bed.checkpoint("checkpoints/tqueryeventsync01")
    assert checkpoint.commits() == [0]
    assert len(table.snapshots()) == 1
    must_write_nothing(bed, SEED / "once.yaml")

    topic.produce(1000)
    latest = bed.write(
        "latest.yaml", (SEED / "once.yaml").read_text().replace("earliest", "latest")
    )
    bed.run(latest)  # startingOffsets counts for nothing once there is a checkpoint
    found = table.must_hold(topic)
    assert found["count"] == RECORDS + 1000
    first, second = table.snapshots()
    assert int(second["added-records"]) == 1000
    assert checkpoint.commits() == [0, 1]
    assert {one["spark.sql.streaming.queryId"] for one in (first, second)} == {
        checkpoint.query_id()
    }
    assert [one["spark.sql.streaming.epochId"] for one in (first, second)] == ["0", "1"]


def available_now_as_printed(bed):
    bed.depot("kafkadepot")
    topic = bed.topic(4, RECORDS, name="stream_available")
    program = bed.run(SEED / "available-now.yaml", *variables(topic), seconds=SECONDS)
    bed.table().must_hold(topic)
    program.must_say(r"\bkey\b")  # showPreviewLines prints the first rows under their names
    must_write_nothing(bed, SEED / "available-now.yaml", *variables(topic))


def processing_time_as_printed(bed):
    bed.depot("kafkadepot")
    topic = bed.topic(4, RECORDS, name="stream_processing")
    program = bed.start(SEED / "processing-time.yaml", *variables(topic))
    program.until_batches(1, SECONDS)  # the first batch does not wait for the 600 seconds
    program.interrupt(number=signal.SIGTERM)
    bed.table().must_hold(topic)
    assert bed.checkpoint("stream/ckpt01").commits() == [0]


def key_value_cast_as_printed(bed):
    bed.depot("kafkadepot")
    topic = bed.topic(4, RECORDS, name="if-raw-test")
    bed.run(SEED / "cast.yaml", "--trigger", "AvailableNow", seconds=SECONDS)
    table = bed.table("raw/if_raw_data")
    table.must_hold(topic)
    (wrong,) = table.query(
        """SELECT count(*) FROM t WHERE encode(key_string) <> key OR encode(value_string) <> value
                            OR key_string IS NULL OR value_string IS NULL"""
    )
    assert wrong == (0,)
    assert table.metadata_file().name.endswith(".gz.metadata.json")
    properties = table.properties()
    assert properties["write.metadata.compression-codec"] == "gzip"
    assert properties["write.metadata.previous-versions-max"] == "10"
    assert properties["history.expire.max-snapshot-age-ms"] == "7200000"


def continuous_is_refused_with_a_sentence(bed):
    bed.depot("kafkadepot")
    bed.refused(SEED / "cast.yaml", says=["Continuous"])
    assert not bed.table("raw/if_raw_data").exists()


def processing_time_follows_new_records(bed):
    topic = bed.topic(2, 1000)
    program = bed.start(bed.job(topic.name, trigger="ProcessingTime", duration="1 second"))
    program.until_batches(1)
    for batches in (2, 3):
        topic.produce(500)
        program.until_batches(batches)
    program.interrupt(number=signal.SIGTERM)
    bed.table().must_hold(topic)
    assert [one["numInputRows"] for one in program.batches()] == [1000, 500, 500]
    assert bed.checkpoint().commits() == [0, 1, 2]


def without_a_trigger_it_runs_until_stopped(bed):
    topic = bed.topic(1, 100)
    manifest = bed.job(topic.name)
    manifest.write_text(manifest.read_text().replace('"triggerMode": "AvailableNow",', ""))
    program = bed.start(manifest)
    program.until_batches(1)
    topic.produce(50)
    program.until_batches(2)
    program.interrupt()
    bed.table().must_hold(topic)


def max_offsets_per_trigger_makes_batches(bed):
    topic = bed.topic(4, 10_000)
    manifest = bed.job(topic.name, options={"maxOffsetsPerTrigger": "1000"})
    program = bed.run(manifest)
    bed.table().must_hold(topic)
    assert [one["numInputRows"] for one in program.batches()] == [1000] * 10
    assert bed.checkpoint().commits() == list(range(10))
    assert len(bed.table().snapshots()) == 10


def c017_once_ignores_the_limit(bed):
    topic = bed.topic(4, 10_000)
    bed.run(bed.job(topic.name, trigger="Once", options={"maxOffsetsPerTrigger": "1000"}))
    bed.table().must_hold(topic)
    assert bed.checkpoint().commits() == [0]


def starting_offsets_of_a_fresh_checkpoint(bed):
    topic = bed.topic(2, 1000)
    manifest = bed.job(
        topic.name,
        trigger="Once",
        table="stream/latest",
        checkpoint="stream/latest_ckpt",
        options={"startingOffsets": "latest"},
    )
    bed.run(manifest)
    topic.produce(10)
    bed.run(manifest)
    assert bed.table("stream/latest").rows() == 10

    exact = {"startingOffsets": '{"%s":{"0":400,"1":-2}}' % topic.name}
    bed.run(
        bed.job(topic.name, table="stream/exact", checkpoint="stream/exact_ckpt", options=exact)
    )
    found = bed.table("stream/exact").query(
        'SELECT partition, min("offset"), count(*) FROM t GROUP BY 1 ORDER BY 1'
    )
    assert found == [(0, 400, 105), (1, 0, 505)]
