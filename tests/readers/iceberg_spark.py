#!/usr/bin/env python3
"""Reads Iceberg tables of a warehouse folder with Spark (hadoop catalog), appends to each and reads again.

    iceberg_spark.py JARS_FOLDER WAREHOUSE NAMESPACE.TABLE...

Needs pyspark 4.0 and iceberg-spark-runtime-4.0_2.13 in JARS_FOLDER. Prints one JSON line a table: rows before
and after Spark's own append, its partitions and snapshots; exits 1 where Spark cannot read or write it.
"""
import json
import pathlib
import sys

from pyspark.sql import SparkSession, functions


def session(jars, warehouse):
    runtime = [str(jar) for jar in pathlib.Path(jars).glob("iceberg-spark-runtime-*.jar")]
    return (SparkSession.builder.master("local[1]").appName("readers")
            .config("spark.jars", ",".join(runtime))
            .config("spark.driver.extraClassPath", ":".join(runtime))
            .config("spark.ui.enabled", "false")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog")
            .config("spark.sql.catalog.lake.type", "hadoop")
            .config("spark.sql.catalog.lake.warehouse", f"file://{warehouse}")
            .getOrCreate())


def check(spark, name):
    table = f"lake.{name}"
    before = spark.table(table).count()
    total = spark.sql(f"SELECT sum(record_count) FROM {table}.files").collect()[0][0] or 0
    partitions = [str(row) for row in spark.sql(f"SELECT DISTINCT partition FROM {table}.files").collect()] \
        if "partition" in spark.table(f"{table}.files").columns else []
    # Filters go through bounds and partition values: together they must find every row.
    column = spark.table(table).columns[0]
    quoted = f"`{column}`"
    found = spark.sql(f"SELECT count(*) FROM {table} WHERE {quoted} IS NULL").collect()[0][0]
    for row in spark.sql(f"SELECT DISTINCT {quoted} FROM {table} WHERE {quoted} IS NOT NULL").limit(20).collect():
        found += spark.table(table).where(functions.col(quoted) == functions.lit(row[0])).count()
    spark.sql(f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1")
    spark.catalog.refreshTable(table)
    after = spark.table(table).count()
    snapshots = spark.sql(f"SELECT count(*) FROM {table}.snapshots").collect()[0][0]
    good = before == total == found and after == before + min(before, 1)
    print("\n" + json.dumps({"table": name, "rows": before, "by files": total, "by filters": found, "after append": after,
                      "partitions": len(partitions), "snapshots": snapshots, "good": good}), flush=True)
    return good


def main():
    jars, warehouse, names = sys.argv[1], sys.argv[2], sys.argv[3:]
    spark = session(jars, warehouse)
    results = [check(spark, name) for name in names]
    spark.stop()
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
