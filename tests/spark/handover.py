"""One topic, one table, one checkpoint, and two engines that carry each other's work on."""

import pathlib
import signal

QUERY, EPOCH = "spark.sql.streaming.queryId", "spark.sql.streaming.epochId"


class Handover:
    def __init__(self, bed, spark, partitions=4, topics=1, per_batch=100, name="job", names=None):
        self._bed = bed
        self._spark = spark
        self.topics = [
            bed.topic(partitions, name=names[number] if names else None) for number in range(topics)
        ]
        self._table, self._checkpoint = f"stream/{name}", f"stream/{name}_ckpt"
        self.options = {
            "subscribe": ",".join(topic.name for topic in self.topics),
            "startingOffsets": "earliest",
            "maxOffsetsPerTrigger": str(per_batch),
        }
        self.manifest = bed.job(
            self.topics[0].name,
            name=name,
            table=self._table,
            checkpoint=self._checkpoint,
            options=self.options,
        )

    # --- what happens -----------------------------------------------------------------------------

    def produce(self, count):
        """That many new records in each topic."""
        for topic in self.topics:
            topic.produce(count)

    def flare(self, *arguments, **options):
        """A run of flare to its end; gives (batch, rows) of each batch that it ran."""
        program = self._bed.run(self.manifest, *arguments, **options)
        return [(one["batchId"], one["numInputRows"]) for one in program.batches()]

    def flare_asks(self, *says):
        """flare must stop and say so, having written nothing."""
        before = self.state()
        self._bed.refused(self.manifest, says=says)
        assert self.state() == before, f"flare refused but wrote: {before} became {self.state()}"

    def flare_dies(self, point, visit):
        code = self._bed.start(
            self.manifest, env={"FLARE_FAIL_POINTS": f"{point}=kill@{visit}"}
        ).wait(60)
        assert code == -signal.SIGKILL, f"{point} did not kill flare, it ended with {code}"

    def _stream(self, how, **more):
        return self._spark.stream(
            options={"kafka.bootstrap.servers": self._bed.bootstrap, **self.options},
            checkpoint=str(self.checkpoint.folder),
            table=self.spark_table,
            how=how,
            **more,
        )

    @property
    def spark_table(self):
        return f"{self._spark.catalog(self._bed.lakehouse)}.{self._table.replace('/', '.')}"

    def create_table(self):
        """By Spark, for foreachBatch, which makes none itself."""
        self._spark.sql(f"""CREATE TABLE {self.spark_table} (key binary, value binary, topic string, partition int,
                            offset bigint, timestamp timestamp, timestampType int) USING iceberg""")

    def spark(self, how="sink"):
        """A run of Spark to the end of the topic; gives (batch, rows) of each batch that it ran."""
        answer = self._stream(how)
        assert answer["error"] is None, answer["error"]
        assert answer["id"] == self.checkpoint.query_id(), f"Spark took the id {answer['id']}"
        return [(one["batch"], one["rows"]) for one in answer["batches"]]

    def spark_dies(self, hold, how="sink"):
        """Spark is killed with -9 in its next batch: at a record, or before or after foreachBatch's append."""
        self._stream(how, hold=hold)

    def spark_fails(self, point):
        """foreachBatch throws before or after its append."""
        answer = self._stream("foreach", fail=point)
        assert f"told to fail {point}" in (answer["error"] or ""), answer

    def forget_commit(self, batch):
        """The directory as a death between the table's commit and commits/N leaves it."""
        for name in (str(batch), f".{batch}.crc"):
            (self.checkpoint.folder / "commits" / name).unlink(missing_ok=True)

    # --- what must hold ---------------------------------------------------------------------------

    @property
    def checkpoint(self):
        return self._bed.checkpoint(self._checkpoint)

    @property
    def table(self):
        return self._bed.table(self._table)

    def epochs(self):
        """(query id, epoch) of the table's snapshots that carry them, oldest first."""
        return [
            (one[QUERY], int(one[EPOCH])) for one in self.table.snapshots() if QUERY in one
        ]

    def state(self):
        """What a run without new data must leave as it is."""
        return (
            self.checkpoint.query_id(),
            sorted(self.checkpoint.offsets()),
            self.checkpoint.commits(),
            len(self.table.snapshots()),
        )

    def holds(self, batches, epochs=None, snapshots=None):
        """Each record once; batches 0..N logged and committed; one snapshot a batch, of this query."""
        self.table.must_hold(*self.topics)
        assert sorted(self.checkpoint.offsets()) == list(range(batches)), self.checkpoint.offsets()
        assert self.checkpoint.commits() == list(range(batches)), self.checkpoint.commits()
        marked = list(range(batches)) if epochs is None else epochs
        query = self.checkpoint.query_id()
        assert self.epochs() == [(query, epoch) for epoch in marked], self.epochs()
        found = len(self.table.snapshots())
        assert found == (batches if snapshots is None else snapshots), f"{found} snapshots"
        self.leaves_no_litter()

    def leaves_no_litter(self):
        """No temporary and no checksum without its file, which would stop Spark."""
        for path in pathlib.Path(self.checkpoint.folder).rglob(".*"):
            if path.name.endswith(".crc"):
                owner = path.with_name(path.name[1:].removesuffix(".crc"))
                assert owner.exists(), f"{path} has no file"
            else:
                assert path.name == ".flare.lock", f"{path} was left"

    def nothing_new(self, *engines):
        """None of the engines does anything when there is nothing to do."""
        before = self.state()
        for engine in engines:
            ran = engine()
            assert not ran, f"without new data {engine.__name__} ran {ran}"
            assert self.state() == before, f"{engine.__name__} made {self.state()} of {before}"

    def nothing_new_but_commit(self, batch):
        """flare finds the batch in the table and makes good its commits/N."""
        query, offsets, commits, snapshots = self.state()
        assert self.flare() == []
        assert self.state() == (query, offsets, [*commits, batch], snapshots), self.state()
