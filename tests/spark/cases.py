"""Who carries on whose work, and where the one before died. Each case: def name(bed, spark)."""

from handover import Handover
from scenarios.sql_catalog import use_sql_catalog


def ran(batches, expected):
    assert batches == expected, f"ran {batches}, expected {expected}"


def reads_the_table(bed, spark):
    """Spark reads what flare wrote: every row, the types, a snapshot a batch."""
    job = Handover(bed, spark, per_batch=5000)
    job.produce(20_000)
    job.flare()
    expected = job.table.must_hold(*job.topics)
    (totals,) = spark.sql(f"""
        SELECT count(*) AS count, count(DISTINCT topic, partition, offset) AS distinct, sum(offset) AS offset_sum,
               sum(CAST(get_json_object(CAST(value AS STRING), '$.id') AS BIGINT)) AS id_sum,
               sum(octet_length(value)) AS value_bytes
        FROM {job.spark_table}""")
    assert totals == expected, f"Spark reads {totals}, the others {expected}"
    kinds = {
        one["col_name"]: one["data_type"] for one in spark.sql(f"DESCRIBE {job.spark_table}")
    }
    assert kinds == {
        "key": "binary",
        "value": "binary",
        "topic": "string",
        "partition": "int",
        "offset": "bigint",
        "timestamp": "timestamp",
        "timestampType": "int",
    }, kinds
    (snapshots,) = spark.sql(f"SELECT count(*) AS count FROM {job.spark_table}.snapshots")
    assert snapshots == {"count": 4}


def clean_stops(bed, spark):
    """flare, Spark, flare, Spark; twelve partitions, so that an order such as "10" before "2" would show."""
    job = Handover(bed, spark, partitions=12, per_batch=120)
    job.produce(240)
    ran(job.flare(), [(0, 120), (1, 120)])
    job.nothing_new(job.spark, job.flare)
    job.produce(156)
    ran(job.spark(), [(2, 120), (3, 36)])
    job.nothing_new(job.flare, job.spark)
    job.produce(132)
    ran(job.flare(), [(4, 120), (5, 12)])
    job.produce(12)
    ran(job.spark(), [(6, 12)])
    job.nothing_new(job.flare, job.spark)
    job.holds(7)


def several_topics(bed, spark):
    """The topics' order in Spark's text is that of its hash table."""
    job = Handover(bed, spark, partitions=3, topics=6, per_batch=600)
    job.produce(60)
    ran(job.flare(), [(0, 360)])
    job.nothing_new(job.spark, job.flare)
    job.produce(30)
    ran(job.spark(), [(1, 180)])
    job.nothing_new(job.flare, job.spark)
    job.produce(30)
    ran(job.flare(), [(2, 180)])
    job.nothing_new(job.spark)
    job.holds(3)


def begun_by_spark(bed, spark):
    job = Handover(bed, spark, per_batch=100)
    job.produce(160)
    ran(job.spark(), [(0, 100), (1, 60)])
    job.nothing_new(job.flare)
    job.produce(100)
    ran(job.flare(), [(2, 100)])
    job.nothing_new(job.spark)
    job.produce(20)
    ran(job.spark(), [(3, 20)])
    job.holds(4)


def flare_dies_after_the_table_commit(bed, spark):
    job = Handover(bed, spark)
    job.produce(260)
    job.flare_dies("checkpoint.before_commits", 2)
    assert job.checkpoint.commits() == [0] and sorted(job.checkpoint.offsets()) == [0, 1]
    assert len(job.table.snapshots()) == 2
    # Spark runs batch 1 over the logged range, finds its epoch in the table and writes commits/1 only.
    ran(job.spark(), [(1, 100), (2, 60)])
    job.holds(3)


def flare_dies_before_the_table_commit(bed, spark):
    job = Handover(bed, spark)
    job.produce(260)
    job.flare_dies("checkpoint.after_offsets", 2)
    logged = job.checkpoint.offsets()[1]
    job.produce(40)
    ran(job.spark(), [(1, 100), (2, 100)])
    assert job.checkpoint.offsets()[1] == logged
    job.holds(3)


def flare_dies_in_its_first_batch(bed, spark):
    job = Handover(bed, spark)
    job.produce(160)
    job.flare_dies("checkpoint.after_offsets", 1)
    ran(job.spark(), [(0, 100), (1, 60)])
    job.holds(2)


def flare_dies_before_anything_is_logged(bed, spark):
    job = Handover(bed, spark)
    job.produce(160)
    job.flare_dies("checkpoint.before_offsets", 1)
    ran(job.spark(), [(0, 100), (1, 60)])
    job.holds(2)


def spark_dies_after_the_table_commit(bed, spark):
    """Iceberg's streaming sink leaves the epoch in the table: flare finds it and writes commits/N only."""
    job = Handover(bed, spark)
    job.produce(160)
    ran(job.spark(), [(0, 100), (1, 60)])
    job.forget_commit(1)
    job.produce(32)
    ran(job.flare(), [(2, 32)])
    job.produce(12)
    ran(job.spark(), [(3, 12)])
    job.forget_commit(3)
    job.nothing_new_but_commit(3)
    job.holds(4)


def spark_is_killed_in_a_batch(bed, spark):
    """kill -9 while the rows are read, with Iceberg's streaming sink, which has marked the batch before."""
    job = Handover(bed, spark)
    job.produce(160)
    ran(job.spark(), [(0, 100), (1, 60)])
    job.produce(72)
    job.spark_dies("rows")
    assert sorted(job.checkpoint.offsets()) == [0, 1, 2] and job.checkpoint.commits() == [0, 1]
    job.produce(20)
    ran(job.flare(), [(2, 72), (3, 20)])
    job.nothing_new(job.spark)
    job.holds(4)


def spark_is_killed_in_its_first_batch_after_flare(bed, spark):
    """Nothing was added to the table since flare's batch, so the one that Spark began cannot be in it."""
    job = Handover(bed, spark)
    job.produce(100)
    ran(job.flare(), [(0, 100)])
    job.produce(52)
    job.spark_dies("rows")
    job.produce(20)
    ran(job.flare(), [(1, 52), (2, 20)])
    job.nothing_new(job.spark)
    job.holds(3)


ASKS = (r"--assume-committed {0}\b", r"--replay {0}\b")


def _asks(job, batch):
    job.flare_asks(*(one.format(batch) for one in ASKS))


def foreach_batch_dies_after_its_append(bed, spark):
    """foreachBatch leaves no mark, so nobody but a person knows: flare asks, and does as it is told."""
    job = Handover(bed, spark)
    job.create_table()
    job.produce(160)
    ran(job.spark("foreach"), [(0, 100), (1, 60)])
    job.nothing_new(job.flare)
    job.produce(72)
    job.spark_dies("after", "foreach")
    _asks(job, 2)
    job.produce(20)
    ran(job.flare("--assume-committed", "2"), [(3, 20)])
    job.produce(12)
    ran(job.spark("foreach"), [(4, 12)])
    job.nothing_new(job.flare)
    job.holds(5, epochs=[3])


def foreach_batch_dies_before_its_append(bed, spark):
    job = Handover(bed, spark)
    job.create_table()
    job.produce(160)
    ran(job.spark("foreach"), [(0, 100), (1, 60)])
    job.produce(72)
    job.spark_dies("before", "foreach")
    _asks(job, 2)
    job.produce(20)
    ran(job.flare("--replay", "2"), [(2, 72), (3, 20)])
    job.holds(4, epochs=[2, 3])


def foreach_batch_fails_after_its_append(bed, spark):
    """As when it dies, but in one Spark session."""
    job = Handover(bed, spark)
    job.create_table()
    job.produce(100)
    ran(job.spark("foreach"), [(0, 100)])
    job.produce(72)
    job.spark_fails("after")
    _asks(job, 1)
    job.produce(20)
    ran(job.flare("--assume-committed", "1"), [(2, 20)])
    job.holds(3, epochs=[2])


def foreach_batch_fails_before_its_append(bed, spark):
    job = Handover(bed, spark)
    job.create_table()
    job.produce(100)
    ran(job.spark("foreach"), [(0, 100)])
    job.produce(72)
    job.spark_fails("before")
    _asks(job, 1)
    job.produce(20)
    ran(job.flare("--replay", "1"), [(1, 72), (2, 20)])
    job.nothing_new(job.spark)
    job.holds(3, epochs=[1, 2])


def foreach_batch_dies_in_its_first_batch(bed, spark):
    job = Handover(bed, spark)
    job.create_table()
    job.produce(100)
    job.spark_dies("after", "foreach")
    _asks(job, 0)
    ran(job.flare("--assume-committed", "0"), [])
    job.produce(12)
    ran(job.flare(), [(1, 12)])
    job.holds(2, epochs=[1])


def foreach_batch_after_flare(bed, spark):
    """flare's own mark of the batch before says nothing of a batch that Spark began."""
    job = Handover(bed, spark)
    job.produce(100)
    ran(job.flare(), [(0, 100)])
    job.produce(52)
    job.spark_dies("after", "foreach")
    _asks(job, 1)
    ran(job.flare("--assume-committed", "1"), [])
    job.produce(12)
    ran(job.flare(), [(2, 12)])
    job.holds(3, epochs=[0, 2])


def foreach_batch_goes_on(bed, spark):
    """Clean stops with foreachBatch need no mark."""
    job = Handover(bed, spark)
    job.produce(100)
    ran(job.flare(), [(0, 100)])
    job.produce(52)
    ran(job.spark("foreach"), [(1, 52)])
    job.nothing_new(job.flare)
    job.produce(12)
    ran(job.flare(), [(2, 12)])
    job.produce(12)
    ran(job.spark("foreach"), [(3, 12)])
    job.nothing_new(job.flare)
    job.holds(4, epochs=[0, 2])


class _InSqlCatalog(Handover):
    """The table's place is a row of a SQLite file, which Spark reads through JDBC."""

    def __init__(self, bed, spark):
        self._row = use_sql_catalog(bed)
        super().__init__(bed, spark, name="out")
        spark.define(
            "lake",
            type="jdbc",
            uri=f"jdbc:sqlite:{self._row.database}",
            warehouse=f"file://{bed.lakehouse}",
        )

    @property
    def spark_table(self):
        return f"lake.{self._row.name}"

    @property
    def table(self):
        return self._row


def in_a_sql_catalog(bed, spark):
    job = _InSqlCatalog(bed, spark)
    job.produce(160)
    ran(job.flare(), [(0, 100), (1, 60)])
    job.produce(100)
    ran(job.spark(), [(2, 100)])
    job.nothing_new(job.flare, job.spark)
    job.produce(72)
    ran(job.spark(), [(3, 72)])
    job.forget_commit(3)
    job.nothing_new_but_commit(3)
    job.produce(200)
    job.flare_dies("checkpoint.before_commits", 1)
    ran(job.spark(), [(4, 100), (5, 100)])
    job.holds(6)
