"""Behaviours of Spark's structured streaming that need a real broker; a name begins with its item's number in
docs/conformance."""

import json
import signal


def killed_at(bed, manifest, name, visit=1):
    code = bed.start(manifest, env={"FLARE_FAIL_POINTS": f"{name}=kill@{visit}"}).wait(60)
    assert code == -signal.SIGKILL, f"{name} did not kill flare, it ended with {code}"


def rows_of(program):
    return [one["numInputRows"] for one in program.progress()]


def put(bed, name, content):
    """A file as another program left it in the checkpoint."""
    path = bed.checkpoint().folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def two_inputs(bed, first, second, limit):
    """A job of two topics, each with its own limit of records a batch and its own table."""
    path = bed.job(
        first.name,
        options={"maxOffsetsPerTrigger": str(limit)},
        streaming={"forEachBatchMode": True},
    )
    manifest = json.loads(path.read_text())
    job = manifest["workflow"]["dag"][0]["spec"]["stackSpec"]["job"]
    (source,), (sink,) = job["inputs"], job["outputs"]
    job["inputs"].append(
        {**source, "name": "other", "dataset": source["dataset"].replace(first.name, second.name)}
    )
    job["outputs"].append(
        {**sink, "name": "rest", "dataset": sink["dataset"].replace("stream/out", "stream/rest")}
    )
    job["steps"][0]["sequence"].append({"name": "rest", "sql": "SELECT * FROM other"})
    return bed.write("two.yaml", json.dumps(manifest))


def ends(bed, batch):
    """Where each source's partition 0 ended in a batch, in the order of the sources."""
    lines = (bed.checkpoint().folder / "offsets" / str(batch)).read_text().split("\n")[2:]
    return [next(iter(json.loads(line).values()))["0"] for line in lines]


# --- triggers ------------------------------------------------------------------------------------


def c008_c011_available_now_over_two_sources(bed):
    first, second = bed.topic(1, 15), bed.topic(1, 7)
    manifest = two_inputs(bed, first, second, 5)
    assert rows_of(bed.run(manifest)) == [10, 7, 5]
    assert [ends(bed, batch) for batch in range(3)] == [[5, 5], [10, 7], [15, 7]]
    second.produce(3)
    assert rows_of(bed.run(manifest)) == [3]
    bed.table().must_hold(first)
    bed.table("stream/rest").must_hold(second)


def c012_available_now_ends_where_the_topic_ended(bed):
    topic = bed.topic(2, 100)
    program = bed.start(
        bed.job(topic.name, options={"maxOffsetsPerTrigger": "50"}),
        env={"FLARE_FAIL_POINTS": "lake.before_data_files=delay:1000"},
    )
    program.until(lambda: bed.checkpoint().offsets(), "batch 0 to be logged")
    topic.produce(40)
    assert program.wait() == 0
    assert bed.table().rows() == 100


def c013_a_run_with_nothing_new_is_idle(bed):
    topic = bed.topic(2, 100)
    manifest = bed.job(topic.name)
    bed.run(manifest)
    before = bed.files()
    assert bed.run(manifest).batches() == []
    assert bed.files() == before


def c014_once_ends_both_logs_with_the_same_batch(bed):
    topic = bed.topic(2, 100)
    bed.run(bed.job(topic.name, trigger="Once"))
    assert list(bed.checkpoint().offsets()) == bed.checkpoint().commits() == [0]
    bed.table().must_hold(topic)


def c018_fifteen_records_by_five(bed):
    topic = bed.topic(1, 15)
    program = bed.run(bed.job(topic.name, options={"maxOffsetsPerTrigger": "5"}))
    assert rows_of(program) == [5, 5, 5]
    assert bed.checkpoint().commits() == [0, 1, 2]
    bed.table().must_hold(topic)


# --- Kafka ---------------------------------------------------------------------------------------


def c090_limits_are_shared_and_a_restart_goes_on(bed):
    topic = bed.topic(3)
    for count, partitions in ((3, 3), (20, 2), (90, 1)):  # 101, 11 and 1 records
        topic.produce(count, "--partitions", partitions)
    manifest = bed.job(topic.name, options={"maxOffsetsPerTrigger": "10"})
    killed_at(bed, manifest, "checkpoint.after_commits", 2)
    bed.run(manifest)
    offsets = [one[topic.name] for one in bed.checkpoint().offsets().values()]
    assert offsets[:4] == [
        {"0": 8, "1": 1, "2": 1},
        {"0": 17, "1": 2, "2": 1},
        {"0": 26, "1": 3, "2": 1},
        {"0": 35, "1": 4, "2": 1},
    ]
    assert offsets[-1] == {"0": 101, "1": 11, "2": 1}
    assert bed.table().rows() == 113


def c041_c095_first_offsets_of_old_versions_count(bed):
    """sources/0/0 as Spark 2.1.0 wrote it (one byte of length, no version) and as all later versions do."""
    for number in range(2):
        topic = bed.topic(2, 100)
        text = json.dumps({topic.name: {"1": 20, "0": 30}}, separators=(",", ":")).encode()
        old = bytes([len(text) % 256]) + text
        manifest = bed.job(topic.name, checkpoint=f"stream/c{number}", table=f"stream/t{number}")
        folder = bed.checkpoint(f"stream/c{number}").folder / "sources" / "0"
        folder.mkdir(parents=True)
        (folder / "0").write_bytes((old, b"\0v1\n" + text)[number])
        bed.run(manifest)
        assert bed.table(f"stream/t{number}").query(
            'SELECT partition, min("offset"), count(*) FROM t GROUP BY 1 ORDER BY 1'
        ) == [(0, 30, 20), (1, 20, 30)]


def c095_first_offsets_of_the_future_are_refused(bed):
    topic = bed.topic(1, 10)
    put(bed, "sources/0/0", b'\0v99999\n{"%s":{"0":0}}' % topic.name.encode())
    bed.refused(bed.job(topic.name), says=["sources/0/0", "v99999", "maximum supported.*v1"])
    assert not bed.table().exists() or bed.table().snapshots() == []


def c096_topics_of_a_pattern_come_and_go(bed):
    first = bed.topic(1, 100)
    options = {"subscribePattern": f"{first.name[:-1]}.*", "failOnDataLoss": "false"}
    program = bed.start(
        bed.job(first.name, trigger="ProcessingTime", duration="1 second", options=options)
    )
    program.until_batches(1)
    first.delete()
    second = bed.topic(2, 60, name=f"{first.name[:-1]}-new")
    program.until(lambda: sum(rows_of(program)) >= 160, "the new topic's records")
    program.interrupt()
    assert bed.table().query("SELECT topic, count(*) FROM t GROUP BY 1 ORDER BY 2") == [
        (second.name, 60),
        (first.name, 100),
    ]


def c097_no_empty_offset_is_logged(bed):
    topic = bed.topic(1, 10)
    options = {"subscribePattern": f"{topic.name}.*", "failOnDataLoss": "false"}
    manifest = bed.job(topic.name, options=options)
    bed.run(manifest)
    topic.delete()
    bed.run(manifest)
    assert list(bed.checkpoint().offsets().values()) == [{topic.name: {"0": 10}}]
    later = bed.topic(1, 5, name=f"{topic.name}-later")
    bed.run(manifest)
    assert bed.checkpoint().offsets()[1] == {later.name: {"0": 5}}
    assert bed.table().rows() == 15


def c099_committed_records_under_a_limit(bed):
    topic = bed.topic(1)
    for count, end in ((5, "commit"), (5, "abort"), (5, "commit")):
        topic.produce(count, "--transaction", end)
    # 15 records and 3 markers; the last marker is behind the last stable offset, too.
    options = {"maxOffsetsPerTrigger": "3", "kafka.isolation.level": "read_committed"}
    manifest = bed.job(topic.name, options=options)
    assert rows_of(bed.run(manifest)) == [3, 2, 0, 0, 3, 2]
    offsets = [one[topic.name]["0"] for one in bed.checkpoint().offsets().values()]
    assert offsets == [3, 6, 9, 12, 15, 18]
    topic.produce(4, "--transaction", "open")
    assert rows_of(bed.run(manifest)) == []  # what may yet be aborted is not there
    assert bed.checkpoint().commits() == list(range(6))
    bed.table().must_hold(topic)


def c100_a_topic_made_anew_during_available_now_fails_the_run(bed):
    for number, (partitions, records) in enumerate(((1, 200), (2, 10))):
        topic = bed.topic(2, 100)
        program = bed.start(
            bed.job(
                topic.name,
                checkpoint=f"stream/c{number}",
                table=f"stream/t{number}",
                options={"maxOffsetsPerTrigger": "50", "failOnDataLoss": "false"},
            ),
            env={"FLARE_FAIL_POINTS": "checkpoint.before_commits=delay:4000@1"},
        )
        offsets = bed.checkpoint(f"stream/c{number}")
        program.until(lambda: offsets.offsets(), "batch 0 to be logged")
        program.until(lambda: bed.table(f"stream/t{number}").exists(), "the table")
        topic.delete()
        topic.create(partitions)
        topic.produce(records)
        assert program.wait() == 1
        program.must_say(topic.name, "start the run again")
        assert list(offsets.offsets()) == offsets.commits()


def c101_an_exhausted_source_keeps_its_offset(bed):
    first, second = bed.topic(1, 20), bed.topic(1, 4)
    manifest = two_inputs(bed, first, second, 5)
    killed_at(bed, manifest, "checkpoint.after_commits", 2)
    bed.run(manifest)
    assert [ends(bed, batch) for batch in range(4)] == [[5, 4], [10, 4], [15, 4], [20, 4]]
    bed.table().must_hold(first)
    bed.table("stream/rest").must_hold(second)


# --- checkpoints of other versions ----------------------------------------------------------------

STATE = "spark.sql.streaming.stateStore"
CONF_23 = {
    f"{STATE}.providerClass": "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider",
    "spark.sql.shuffle.partitions": "10",
}
CONF_35 = {
    **CONF_23,
    "spark.sql.streaming.multipleWatermarkPolicy": "min",
    "spark.sql.streaming.flatMapGroupsWithState.stateFormatVersion": "2",
    "spark.sql.streaming.aggregation.stateFormatVersion": "2",
    "spark.sql.streaming.join.stateFormatVersion": "2",
    f"{STATE}.compression.codec": "lz4",
    f"{STATE}.rocksdb.formatVersion": "5",
    "spark.sql.streaming.statefulOperator.useStrictDistribution": "true",
}
CONF_40 = {
    **CONF_35,
    "spark.sql.optimizer.pruneFiltersCanPruneStreamingSubplan": "false",
    f"{STATE}.encodingFormat": "unsaferow",
}
CONF_41 = {**CONF_40, "spark.sql.streaming.something.of.later": "false"}
# Spark's version -> the version of its offset log, its settings, and what a commit entry holds.
SPARKS = {
    "2.3": (1, CONF_23, "v1\n{}"),
    "3.5": (1, CONF_35, 'v1\n{"nextBatchWatermarkMs":0}'),
    "4.0": (1, CONF_40, 'v1\n{"nextBatchWatermarkMs":0}'),
    "4.1": (1, CONF_41, 'v1\n{"nextBatchWatermarkMs":0}'),
    "4.2": (2, CONF_41, 'v1\n{"nextBatchWatermarkMs":0}'),
}


def put_spark_checkpoint(bed, topic, version):
    """Two committed batches of a query that began at offset 10 and is at 40, as that version of Spark leaves them."""
    log, conf, commit = SPARKS[version]
    put(bed, "metadata", '{"id":"6f1f0c1e-5f43-4c8b-9a43-0d7b1c2f9e10"}')
    put(bed, "sources/0/0", '\0v1\n{"%s":{"0":10}}' % topic.name)
    for batch, end in enumerate((25, 40)):
        head = {"batchWatermarkMs": 0, "batchTimestampMs": 1760000000123 + batch, "conf": conf}
        if log == 2:
            head["sourceMetadataInfo"] = {"0": {"sourceId": "0", "providerName": "kafka"}}
        prefix = "0:" if log == 2 else ""
        put(
            bed,
            f"offsets/{batch}",
            f"v{log}\n{json.dumps(head, separators=(',', ':'))}\n{prefix}"
            + json.dumps({topic.name: {"0": end}}, separators=(",", ":")),
        )
        put(bed, f"commits/{batch}", commit)
        for name in (f"offsets/.{batch}.crc", f"commits/.{batch}.crc"):
            put(bed, name, b"crc\0\0\0\2\0\0\0\0\0")


def goes_on_from_spark(bed, version):
    topic = bed.topic(1, 100)
    put_spark_checkpoint(bed, topic, version)
    bed.run(bed.job(topic.name, options={"maxOffsetsPerTrigger": "30"}))
    assert bed.table().query('SELECT count(*), min("offset"), max("offset") FROM t') == [(60, 40, 99)]
    snapshots = bed.table().snapshots()
    assert [one["spark.sql.streaming.epochId"] for one in snapshots] == ["2", "3"]
    assert {one["spark.sql.streaming.queryId"] for one in snapshots} == {bed.checkpoint().query_id()}
    log, conf, _ = SPARKS[version]
    head, metadata, *sources = (bed.checkpoint().folder / "offsets/3").read_text().split("\n")
    assert head == f"v{log}" and len(sources) == 1
    found = json.loads(metadata)["conf"]
    ours = [key for key in found if key not in conf]
    assert {key: found[key] for key in conf} == conf
    assert ours and all(key.startswith("flare.") for key in ours), ours
    assert (bed.checkpoint().folder / "commits/3").read_text() == 'v1\n{"nextBatchWatermarkMs":0}'


def c032_goes_on_from_spark_2_3(bed):
    goes_on_from_spark(bed, "2.3")


def c029_goes_on_from_spark_3_5(bed):
    goes_on_from_spark(bed, "3.5")


def goes_on_from_spark_4_0(bed):
    goes_on_from_spark(bed, "4.0")


def goes_on_from_spark_4_1(bed):
    goes_on_from_spark(bed, "4.1")


def c028_goes_on_from_spark_4_2_with_version_2(bed):
    goes_on_from_spark(bed, "4.2")


def a_checkpoint_with_state_is_refused(bed):
    topic = bed.topic(1, 100)
    put_spark_checkpoint(bed, topic, "4.0")
    put(bed, "state/0/0/1.delta", b"x")
    bed.refused(bed.job(topic.name), says=["state/", "stateful", "checkpointLocation"])
    assert not bed.table().exists() or bed.table().snapshots() == []


# --- Iceberg -------------------------------------------------------------------------------------


def without_commit_1(bed, manifest, topic):
    """Two batches, then the newest commit entry is removed and the job started again; the snapshots before and after."""
    bed.run(manifest)
    topic.produce(30)
    bed.run(manifest)
    before = bed.table().snapshots()
    (bed.checkpoint().folder / "commits" / "1").unlink()
    bed.run(manifest)
    assert bed.checkpoint().commits() == [0, 1]
    return before, bed.table().snapshots()


def c112_a_batch_that_the_table_has_is_not_appended_again(bed):
    topic = bed.topic(2, 100)
    before, after = without_commit_1(bed, bed.job(topic.name), topic)
    assert len(after) == 2 and after == before
    bed.table().must_hold(topic)


def c113_a_batch_that_replaces_the_table_is_not_written_again(bed):
    topic = bed.topic(2, 100)
    manifest = bed.job(
        topic.name,
        sql="SELECT CAST(value AS STRING) AS text FROM input",
        streaming={"forEachBatchMode": True},
        output={"saveMode": "overwrite"},
    )
    before, after = without_commit_1(bed, manifest, topic)
    assert [one["operation"] for one in after] == ["overwrite"] * 2 and after == before
    assert bed.table().rows() == 30


def c114_update_mode_is_refused(bed):
    bed.refused(bed.job("events", output={"saveMode": "update"}), says=["update", "append or overwrite"])
    assert not bed.table().exists()
