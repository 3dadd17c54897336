"""More than one job, other ways to read and write, and the commands beside `run`."""

import json

from bed import ROOT
from table import Table

SEED = ROOT / "examples" / "seed"


def two_jobs(bed, first, second):
    """One workflow of two manifests' jobs; the second depends on the first."""
    one, two = json.loads(first.read_text()), json.loads(second.read_text())
    (later,) = two["workflow"]["dag"]
    later["dependencies"] = [one["workflow"]["dag"][0]["name"]]
    one["workflow"]["dag"] = [later, *one["workflow"]["dag"]]
    return bed.write("workflow.yaml", json.dumps(one))


def jobs_run_in_the_order_of_their_dependencies(bed):
    topic = bed.topic(2, 1000)
    manifest = two_jobs(
        bed,
        bed.job(topic.name, name="early", table="stream/early", checkpoint="stream/c1"),
        bed.job(topic.name, name="late", table="stream/late", checkpoint="stream/c2"),
    )
    bed.run(manifest)
    early, late = bed.table("stream/early"), bed.table("stream/late")
    early.must_hold(topic)
    late.must_hold(topic)
    assert (
        early.pyiceberg().snapshots()[0].timestamp_ms
        <= late.pyiceberg().snapshots()[0].timestamp_ms
    )


def a_job_whose_dependency_failed_is_not_run(bed):
    topic = bed.topic(1, 10)
    manifest = two_jobs(
        bed,
        bed.job("no-such-topic-here", name="early", table="stream/early", checkpoint="stream/c1"),
        bed.job(topic.name, name="late", table="stream/late", checkpoint="stream/c2"),
    )
    bed.refused(manifest, says=["no-such-topic-here", "late"])
    assert not bed.table("stream/late").exists()


def a_bounded_read_with_a_checkpoint_is_incremental(bed):
    topic = bed.topic(2, 500)
    manifest = bed.job(topic.name)
    manifest.write_text(manifest.read_text().replace('"isStream": true', '"isStream": false'))
    for count in (500, 20):
        bed.run(manifest)
        bed.table().must_hold(topic)
        topic.produce(20)
    bed.run(manifest)
    assert bed.table().must_hold(topic)["count"] == 540


def partitioned_tables(bed):
    topic = bed.topic(2, 3000)
    spec = [
        {"type": "day", "column": "timestamp", "name": "seen"},
        {"type": "bucket", "column": "topic", "numBuckets": 4},
        {"type": "identity", "column": "partition"},
    ]
    manifest = bed.job(
        topic.name,
        output={"iceberg": {"partitionSpec": spec}},
        options={"maxOffsetsPerTrigger": "1000"},
    )
    bed.run(manifest)
    bed.table().must_hold(topic)
    table = bed.table().pyiceberg()
    assert [str(field.transform) for field in table.spec().fields] == [
        "day",
        "bucket[4]",
        "identity",
    ]
    one = table.scan(row_filter="partition = 1").to_arrow()
    assert one.num_rows == 1500
    files = table.scan(row_filter="partition = 1").plan_files()
    assert {task.file.partition[2] for task in files} == {1}


def statistics_prune_files(bed):
    topic = bed.topic(1, 3000)
    bed.run(bed.job(topic.name, options={"maxOffsetsPerTrigger": "1000"}))
    table = bed.table().pyiceberg()
    assert len(list(table.scan().plan_files())) == 3
    assert len(list(table.scan(row_filter="offset >= 2000").plan_files())) == 1
    assert table.scan(row_filter="offset >= 2000").count() == 1000


def a_table_is_made_as_the_output_says(bed):
    topic = bed.topic(1, 10)
    manifest = bed.job(
        topic.name, output={"iceberg": {"properties": {"write.parquet.compression-codec": "gzip"}}}
    )
    text = manifest.read_text().replace(
        '"format": "Iceberg"',
        '"format": "Iceberg", "title": "Events", "description": "of a test", "tags": ["a", "b"]',
    )
    manifest.write_text(text)
    bed.run(manifest)
    properties = bed.table().properties()
    assert properties["write.parquet.compression-codec"] == "gzip"
    assert "of a test" in properties.values()
    assert bed.table().pyiceberg().metadata.format_version == 2


def steps_see_earlier_steps(bed):
    topic = bed.topic(1, 1000)
    manifest = json.loads(bed.job(topic.name).read_text())
    job = manifest["workflow"]["dag"][0]["spec"]["stackSpec"]["job"]
    job["steps"] = [
        {
            "sequence": [
                {
                    "name": "parsed",
                    "sql": "SELECT CAST(get_json_object(CAST(value AS STRING), '$.id') AS BIGINT) AS id FROM input",
                },
                {"name": "even", "sql": "SELECT id, id * 2 AS twice FROM parsed WHERE id % 2 = 0"},
                {
                    "name": "final",
                    "sql": "SELECT id AS `event id`, twice FROM even",
                    "functions": [
                        {"name": "cleanse_column_names"},
                        {"name": "rename", "column": "twice", "asColumn": "double_id"},
                    ],
                },
            ]
        }
    ]
    bed.run(bed.write("steps.yaml", json.dumps(manifest)))
    assert bed.table().query(
        "SELECT count(*), sum(event_id)::BIGINT, sum(double_id)::BIGINT FROM t"
    ) == [(500, 249_500, 499_000)]


def progress_is_sparks(bed):
    topic = bed.topic(2, 100)
    program = bed.run(bed.job(topic.name))
    progress = program.batches()[0]
    wanted = {
        "id",
        "runId",
        "name",
        "timestamp",
        "batchId",
        "numInputRows",
        "inputRowsPerSecond",
        "processedRowsPerSecond",
        "durationMs",
        "sources",
        "sink",
    }
    assert wanted <= set(progress), sorted(wanted - set(progress))
    assert progress["id"] == bed.checkpoint().query_id()
    (source,) = progress["sources"]
    end = (
        source["endOffset"]
        if isinstance(source["endOffset"], dict)
        else json.loads(source["endOffset"])
    )
    assert end == bed.checkpoint().offsets()[0] == {topic.name: {"0": 50, "1": 50}}


def the_printed_manifests_are_clean(bed):
    for depot in ("systemstreams", "kafkadepot", "stkafka"):
        bed.depot(depot)
    words = [
        word
        for name in (
            "CHECKPOINT_DATASET",
            "COLLECTION_NAME",
            "DATASET_SUFFIX",
            "LAKEHOUSE_COLLECTION_NAME",
            "STREAM_FOR_EACH_DATASET",
        )
        for word in ("-e", f"{name}=x1")
    ]
    words += ["-e", "DEPOT_NAME=kafkadepot", "-e", "LAKEHOUSE_DEPOT_NAME=lakehouse"]
    for manifest in sorted(SEED.glob("*.yaml")):
        program = bed.start(manifest, *words, command="lint")
        assert program.wait() == 0, manifest
    program = bed.start(SEED / "available-now.yaml", command="lint")
    assert program.wait() == 1
    program.must_say(
        "CHECKPOINT_DATASET", "DEPOT_NAME", "STREAM_FOR_EACH_DATASET"
    )  # unset ones are listed together


def explain_connects_to_nothing(bed):
    bed.depot("gone", "127.0.0.1:1")
    program = bed.start(bed.job("events", depot="gone"), command="explain")
    assert program.wait(10) == 0
    program.must_say("events", "stream/out|stream.out", "exactly.once")
    assert not bed.lakehouse.exists() or bed.files() == {}


def query_reads_a_table(bed):
    topic = bed.topic(2, 100)
    bed.run(bed.job(topic.name))
    program = bed.start(
        "SELECT count(*) AS n, max(`offset`) AS last FROM `dataos://lakehouse:stream/out`",
        "--format",
        "json",
        command="query",
    )
    assert program.wait() == 0
    answer = json.loads(program.output())
    assert answer["names"] == ["n", "last"] and answer["types"] == ["bigint", "bigint"], answer
    assert answer["typed"] == [[100, 49]], answer


def checkpoint_show_prints_the_batches(bed):
    topic = bed.topic(2, 100)
    bed.run(bed.job(topic.name, options={"maxOffsetsPerTrigger": "50"}))
    program = bed.start(bed.checkpoint().folder, command="checkpoint show")
    assert program.wait() == 0
    program.must_say(bed.checkpoint().query_id(), topic.name)


def demo_shows_the_main_job(bed):
    folder = bed.folder / "demo"
    program = bed.start("--dir", str(folder), "--rows", "2000", command="demo")
    assert program.wait(120) == 0
    (found,) = [path.parent.parent for path in folder.rglob("version-hint.text")]
    assert Table(found).rows() == 2000
