"""Spark itself reads what flare wrote. Needs `tests/bed/setup spark`, else it is skipped and says so."""

import json
import os
import pathlib
import subprocess

from bed import Skipped

HOME = (
    pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    / "flare"
    / "bed"
    / "spark"
)
READ = """
import json, sys
from pyspark.sql import SparkSession
jars, warehouse, table = sys.argv[1:]
spark = (SparkSession.builder.master("local[1]").config("spark.jars", jars).config("spark.ui.enabled", "false")
         .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
         .config("spark.sql.session.timeZone", "UTC")
         .config("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog")
         .config("spark.sql.catalog.lake.type", "hadoop").config("spark.sql.catalog.lake.warehouse", warehouse)
         .getOrCreate())
row = spark.sql(f'''SELECT count(*) AS count, count(DISTINCT partition, offset) AS distinct, sum(offset) AS offset_sum,
                           sum(CAST(get_json_object(CAST(value AS STRING), '$.id') AS BIGINT)) AS id_sum,
                           sum(octet_length(value)) AS value_bytes FROM lake.{table}''').collect()[0]
kinds = {field.name: field.dataType.simpleString() for field in spark.table(f"lake.{table}").schema.fields}
snapshots = [dict(one.summary) for one in spark.sql(f"SELECT summary FROM lake.{table}.snapshots ORDER BY committed_at").collect()]
print("ANSWER " + json.dumps({"totals": row.asDict(), "kinds": kinds, "snapshots": len(snapshots)}))
"""


def reads_the_table(bed):
    if not (HOME / "stamp").exists():
        raise Skipped("PySpark is not here; run: tests/bed/setup spark")
    topic = bed.topic(4, 20_000)
    bed.run(bed.job(topic.name, options={"maxOffsetsPerTrigger": "5000"}))
    expected = bed.table().must_hold(topic)
    jars = ",".join(map(str, sorted((HOME / "flare-jars").glob("*.jar"))))
    script = bed.write("read.py", READ)
    done = subprocess.run(
        [HOME / "bin" / "python", script, jars, str(bed.lakehouse), "stream.out"],
        text=True,
        capture_output=True,
        check=False,
        timeout=240,
        cwd=bed.folder,
    )
    answers = [line for line in done.stdout.splitlines() if line.startswith("ANSWER ")]
    assert answers, done.stdout + done.stderr
    answer = json.loads(answers[0].removeprefix("ANSWER "))
    assert answer["totals"] == expected
    assert answer["kinds"] == {
        "key": "binary",
        "value": "binary",
        "topic": "string",
        "partition": "int",
        "offset": "bigint",
        "timestamp": "timestamp",
        "timestampType": "int",
    }
    assert answer["snapshots"] == 4
