"""flare goes on from checkpoints that Sparks of several versions wrote (fixtures/spark-checkpoints, written by
tests/spark/write_fixtures): a topic of 12 partitions, 5 records of each a batch."""

import json
import re
import shutil

from bed import ROOT

FIXTURES = ROOT / "tests" / "fixtures" / "spark-checkpoints"
TOPIC, PARTITIONS = "spark-fixture", 12


def fixtures(kinds):
    found = {
        path.name: path
        for path in sorted(FIXTURES.iterdir())
        if re.fullmatch(rf"[0-9.]+-({kinds})", path.name)
    }
    assert found, f"no fixture of the kind {kinds}"
    return found


class Taken:
    """A job over a copy of a fixture."""

    def __init__(self, bed, name, folder):
        self._bed = bed
        self._name = name
        slug = re.sub("[^a-z0-9]", "-", name)
        self._table = f"stream/table-{slug}"
        checkpoint = f"stream/checkpoint-{slug}"
        shutil.copytree(folder, bed.lakehouse / checkpoint)
        self.manifest = bed.job(
            TOPIC, name=f"job-{slug}", table=self._table, checkpoint=checkpoint
        )
        self.checkpoint = bed.checkpoint(checkpoint)
        self._query_id = self.checkpoint.query_id()
        self._first = self.entry(0)
        assert "flare" not in self._first[1], "the fixture is not Spark's"

    def entry(self, batch):
        """The version, the settings and the text of the source's line of a logged batch."""
        version, metadata, source = (
            (self.checkpoint.folder / "offsets" / str(batch)).read_text().split("\n")
        )
        return version, json.loads(metadata), source

    def run(self, *arguments):
        program = self._bed.run(self.manifest, *arguments)
        return [(one["batchId"], one["numInputRows"]) for one in program.batches()]

    def table(self):
        return self._bed.table(self._table)

    def goes_on_as_begun(self, batch):
        """The new batch keeps the id, the version, the source's id and every setting that Spark recorded."""
        version, metadata, source = self.entry(batch)
        first_version, first, first_source = self._first
        assert self.checkpoint.query_id() == self._query_id
        assert version == first_version, f"{self._name}: {version} after {first_version}"
        carried = {key: metadata["conf"].get(key) for key in first["conf"]}
        assert carried == first["conf"], f"{self._name}: {carried} after {first['conf']}"
        for key in first:
            assert key in metadata, f"{self._name}: {key} was lost"
        assert metadata.get("sourceMetadataInfo") == first.get("sourceMetadataInfo")
        assert source.split("{")[0] == first_source.split("{")[0], f"{self._name}: {source}"
        commit = (self.checkpoint.folder / "commits" / str(batch)).read_text()
        assert commit == (self.checkpoint.folder / "commits" / "0").read_text()


def _offsets_read(table):
    return table.query(
        'SELECT min("offset"), max("offset"), count(*), count(DISTINCT (partition, "offset")) FROM t'
    )


def go_on_after_a_clean_stop(bed):
    topic = bed.topic(PARTITIONS, 10 * PARTITIONS, name=TOPIC)
    jobs = {
        name: Taken(bed, name, folder) for name, folder in fixtures("clean|v2").items()
    }
    for name, job in jobs.items():
        ran = job.run()
        assert ran == [], f"{name}: without new data flare ran {ran}"
        assert job.checkpoint.commits() == [0, 1]
    topic.produce(5 * PARTITIONS)
    for name, job in jobs.items():
        ran = job.run()
        assert ran == [(2, 5 * PARTITIONS)], f"{name}: ran {ran}"
        assert _offsets_read(job.table()) == [(10, 14, 5 * PARTITIONS, 5 * PARTITIONS)]
        job.goes_on_as_begun(2)


def ask_about_a_half_done_batch(bed):
    """Nothing tells whether Spark wrote batch 2 anywhere; flare goes on by a person's word only."""
    bed.topic(PARTITIONS, 16 * PARTITIONS, name=TOPIC)
    for name, folder in fixtures("(v2-)?half-done").items():
        job = Taken(bed, name, folder)
        logged = job.entry(2)
        bed.refused(job.manifest, says=[r"--assume-committed 2\b", r"--replay 2\b"])
        assert job.checkpoint.commits() == [0, 1]
        ran = job.run("--replay", "2")
        assert ran == [(2, 5 * PARTITIONS), (3, PARTITIONS)], f"{name}: ran {ran}"
        assert job.entry(2) == logged
        assert _offsets_read(job.table()) == [(10, 15, 6 * PARTITIONS, 6 * PARTITIONS)]
        job.goes_on_as_begun(3)


def are_refused_by_name(bed):
    """What only Spark can go on with."""
    bed.topic(PARTITIONS, 11 * PARTITIONS, name=TOPIC)
    for kind, says in (("stateful", "stateful Spark query"), ("v2-named", r"names its sources \(orders\)")):
        for name, folder in fixtures(kind).items():
            job = Taken(bed, name, folder)
            before = bed.files()
            bed.refused(job.manifest, says=[says, "go on with Spark"])
            assert bed.files() == before, f"{name}: flare refused but wrote"
