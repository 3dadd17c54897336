"""`partitionSpec` of an output whose table is there already."""

from pyiceberg.expressions import EqualTo

DAY = {"type": "day", "column": "timestamp"}
HOUR = {"type": "hour", "column": "timestamp"}
FOUR = {"type": "bucket", "column": "offset", "numBuckets": 4}
EIGHT = {"type": "bucket", "column": "offset", "numBuckets": 8}
THREE_LETTERS = {"type": "truncate", "column": "topic", "width": 3}
FOUR_LETTERS = {"type": "truncate", "column": "topic", "width": 4}
PARTITION = {"type": "identity", "column": "partition"}


def write(bed, topic, *fields):
    topic.produce(300)
    output = {"iceberg": {"partitionSpec": list(fields)}} if fields else None
    return bed.job(topic.name, output=output)


def spec_of(table):
    """The spec that new files follow: (name, transform) of each field."""
    return [(field.name, str(field.transform)) for field in table.pyiceberg().spec().fields]


def newest_files_follow(table):
    """The spec of each data file that the newest batch added."""
    one = table.pyiceberg()
    newest = one.current_snapshot().snapshot_id
    return {
        entry.data_file.spec_id
        for manifest in one.current_snapshot().manifests(one.io)
        for entry in manifest.fetch_manifest_entry(one.io)
        if entry.snapshot_id == newest
    }


def a_changed_spec_holds_from_then_on(bed):
    """Older files stay as they are; none of the table's specs calls another cut by the same name."""
    table = bed.table()
    topic = bed.topic(2)
    steps = (
        ([], []),
        ([DAY], [("timestamp_day", "day")]),
        ([HOUR], [("timestamp_hour", "hour")]),
        ([FOUR], [("offset_bucket", "bucket[4]")]),
        ([EIGHT], [("offset_bucket_8", "bucket[8]")]),
        ([EIGHT], [("offset_bucket_8", "bucket[8]")]),
        ([EIGHT, PARTITION], [("offset_bucket_8", "bucket[8]"), ("partition", "identity")]),
        ([PARTITION], [("partition", "identity")]),
        ([THREE_LETTERS], [("topic_trunc", "truncate[3]")]),
        ([FOUR_LETTERS], [("topic_trunc_4", "truncate[4]")]),
        ([FOUR], [("offset_bucket", "bucket[4]")]),
        ([], [("offset_bucket", "bucket[4]")]),  # nothing asked for: it stays
    )
    for fields, expected in steps:
        bed.run(write(bed, topic, *fields))
        assert spec_of(table) == expected, f"{fields} gave {spec_of(table)}"
        assert newest_files_follow(table) == {table.pyiceberg().spec().spec_id}
        table.must_hold(topic)
    assert sorted(table.pyiceberg().specs()) == list(range(9))
    assert len(table.pyiceberg().inspect.files().to_pylist()) > len(steps)
    assert table.pyiceberg().scan(EqualTo("offset", 299)).count() == 2


def a_name_of_another_cut_is_refused(bed):
    """The values of all specs are one struct for readers, in which a name may occur once."""
    topic = bed.topic(1)
    bed.run(write(bed, topic, {**DAY, "name": "cut"}))
    manifest = write(bed, topic, {**HOUR, "name": "cut"})
    bed.refused(manifest, says=("hour of 'timestamp' 'cut'", "the name of day", "timestamp_hour"))
    bed.run(write(bed, topic, {**HOUR, "name": "hourly"}))
    assert spec_of(bed.table()) == [("hourly", "hour")]
    bed.table().must_hold(topic)
