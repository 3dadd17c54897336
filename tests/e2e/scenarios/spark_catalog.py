"""Spark and flare write to one table at a time through a SQL catalog. Needs `tests/bed/setup spark`, else it
is skipped and says so."""

import sys

from bed import ROOT
from scenarios.sql_catalog import use_sql_catalog

sys.path.insert(0, str(ROOT / "tests" / "spark"))
from session import Spark

APPENDS = 8


def spark_appends_beside_flare(bed):
    with Spark() as spark:
        table = use_sql_catalog(bed)
        topic = bed.topic(4, records=1000)
        manifest = bed.job(topic.name, trigger="ProcessingTime", duration="100 milliseconds", options={"maxOffsetsPerTrigger": "200"})
        running = bed.start(manifest)
        running.until_batches(1)
        spark.define(
            "lake", type="jdbc", uri=f"jdbc:sqlite:{table.database}", warehouse=f"file://{bed.lakehouse}"
        )
        for number in range(APPENDS):  # flare commits all the while
            topic.produce(500)
            spark.sql(
                "INSERT INTO lake.stream.out SELECT key, value, 'by hand' AS topic, partition, "
                f"{number} AS offset, timestamp, timestampType FROM lake.stream.out LIMIT 1"
            )
        running.until(
            lambda: sum(one["numInputRows"] for one in running.batches()) == topic.next_id,
            "all records",
            120,
        )
        running.interrupt()

        expected = topic.sum()
        ((rows, distinct, offsets),) = table.query(
            'SELECT count(*), count(DISTINCT (partition, "offset")), sum("offset")::BIGINT FROM t '
            "WHERE topic <> 'by hand'"
        )
        assert (rows, distinct) == (expected["count"], expected["count"]), (rows, distinct, expected)
        assert offsets == expected["offset_sum"], (offsets, expected)
        by_hand = table.query("SELECT \"offset\" FROM t WHERE topic = 'by hand' ORDER BY 1")
        assert by_hand == [(number,) for number in range(APPENDS)], by_hand
        assert table.rows() == rows + APPENDS
        (seen,) = spark.sql("SELECT count(*) AS n FROM lake.stream.out")
        assert seen == {"n": rows + APPENDS}, seen
        # Both took part while the other wrote: the history alternates more than once.
        engines = [one.get("engine-name", "spark") for one in table.snapshots()]
        changes = sum(left != right for left, right in zip(engines, engines[1:]))
        assert changes >= 2, engines


def spark_makes_the_table(bed):
    """Its row, its folder and its names are Java's."""
    with Spark() as spark:
        table = use_sql_catalog(bed)
        bed.lakehouse.mkdir()
        spark.define(
            "lake", type="jdbc", uri=f"jdbc:sqlite:{table.database}", warehouse=f"{bed.lakehouse}"
        )
        spark.sql("CREATE NAMESPACE lake.stream")
        spark.sql("CREATE TABLE lake.stream.out (topic STRING, offset BIGINT) USING iceberg")
        spark.sql("INSERT INTO lake.stream.out VALUES ('by hand', 1)")
        topic = bed.topic(2, records=1000)
        manifest = bed.job(topic.name, sql="SELECT topic, offset FROM input")
        bed.run(manifest)
        spark.sql("INSERT INTO lake.stream.out VALUES ('by hand', 2)")
        topic.produce(1000)
        bed.run(manifest)
        assert table.rows() == 2002
        (seen,) = spark.sql("SELECT count(*) AS n FROM lake.stream.out")
        assert seen == {"n": 2002}, seen
