"""One Spark session that does what it is told: a JSON object a line on standard input, an answer a line on
standard output. Runs in the Python that has PySpark; session.py starts it and speaks with it.

    worker.py JARS
"""

import json
import os
import pathlib
import sys
import time
import traceback

import answers_of
from pyspark.sql import SparkSession, functions


def start(jars):
    settings = {
        "spark.jars": jars,
        "spark.driver.extraClassPath": jars.replace(",", ":"),
        "spark.driver.memory": "768m",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.streaming.numRecentProgressUpdates": "1000",
    }
    builder = SparkSession.builder.master("local[1]").appName("flare-tests")
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def signal_and_block(path):
    """Tells that this point was reached, and stays there until the process is killed."""
    parent = os.getppid()
    pathlib.Path(path).touch()
    while os.getppid() == parent:
        time.sleep(0.05)


def _plain(progress):
    return progress if isinstance(progress, dict) else json.loads(progress.json)


class Worker:
    def __init__(self, spark):
        self._spark = spark

    def hello(self):
        return {"version": self._spark.version, "pid": self._jvm_pid()}

    def _jvm_pid(self):
        return self._spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid()

    def set(self, conf):
        for key, value in conf.items():
            if value is None:
                self._spark.conf.unset(key)
            else:
                self._spark.conf.set(key, value)

    def sql(self, text):
        return [row.asDict(recursive=True) for row in self._spark.sql(text).collect()]

    def answer(self, text, ansi, views=()):
        """Spark's answer to a statement, in the form of flare query --format jsonl."""
        self._spark.conf.set("spark.sql.ansi.enabled", str(ansi).lower())
        try:
            for view in views:
                self._spark.sql(view)
            return answers_of.of(self._spark.sql(text))
        except Exception as error:  # pylint: disable=broad-except
            name = getattr(error, "getCondition", getattr(error, "getErrorClass", lambda: None))()
            return {"error_class": name or type(error).__name__, "message": str(error).splitlines()[0]}

    def stream(
        self, options, checkpoint, table, how, hold=None, hold_file=None, fail=None, source=None
    ):
        """Runs a query over a Kafka source to the end of what there is; gives its id and batches.

        how: "sink" = Iceberg's streaming sink; "foreach" = foreachBatch that appends; "noop" = no table; "count" = the same
        of a query with state. source: the source's name, for which Spark must know source names.
        hold: "before" or "after" blocks a foreachBatch before or after its append; "rows" blocks at a record
        while the batch is read. hold_file is made there. fail: "before" or "after", foreachBatch throws there."""
        reader = self._spark.readStream
        if source:
            reader = reader.name(source)
        rows = reader.format("kafka").options(**options).load()
        if hold == "rows":
            block = functions.udf(lambda value: signal_and_block(hold_file) or value, "binary")
            rows = rows.withColumn("value", block("value"))

        def reached(point):
            if hold == point:
                signal_and_block(hold_file)
            if fail == point:
                raise RuntimeError(f"told to fail {point} the append")

        def append(batch, _):
            reached("before")
            batch.writeTo(table).append()
            reached("after")

        if how == "count":
            rows = rows.groupBy("key").count()
        writer = rows.writeStream.outputMode("update" if how == "count" else "append").option("checkpointLocation", checkpoint).trigger(availableNow=True)
        if how == "sink":
            query = writer.format("iceberg").option("fanout-enabled", "true").toTable(table)
        elif how == "foreach":
            query = writer.foreachBatch(append).start()
        else:
            query = writer.format("noop").start()
        error = None
        try:
            query.awaitTermination()
        except Exception as failure:  # pylint: disable=broad-except
            error = str(failure)
        ran = [
            {"batch": one["batchId"], "rows": one["numInputRows"]}
            for one in map(_plain, query.recentProgress)
            if "addBatch" in one["durationMs"]
        ]
        return {"id": query.id, "batches": ran, "error": error}


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what Spark prints goes to the log
    worker = Worker(start(sys.argv[1]))
    print(json.dumps(worker.hello()), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"done": getattr(worker, request.pop("do"))(**request)}
        except Exception:  # pylint: disable=broad-except
            answer = {"failed": traceback.format_exc()}
        print(json.dumps(answer, default=str), file=answers, flush=True)


if __name__ == "__main__":
    main()
