"""Who else works on the table while flare is killed: a producer on its topics, maintenance, Spark."""

import signal
import threading

import moments
from model import Wrong

EXPIRE = ("--expire-older-than", "0s", "--retain-last", "2")
# A name is published within the expiry, by the way of the table's catalog.
EXPIRY = moments.MAINTENANCE[:-2]
REMOVE_ORPHANS = ("--remove-orphans", "--older-than", "0s", "--no-writers")
ORPHANS = moments.MAINTENANCE[-2:]


class Beside:
    """Takes one step after the other in a thread of its own, until the round leaves it; an error is raised there."""

    def __init__(self):
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._error = None

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        self._thread.join()
        if self._error:
            raise self._error

    def _run(self):
        try:
            while not self._ending.wait(0.05):
                with self._lock:
                    self.step()
        except Exception as error:  # noqa: BLE001 - raised again where the round ends
            self._error = error

    def paused(self):
        """No step is taken while this is held."""
        return self._lock


class Producer(Beside):
    """Writes to the topics, and waits when flare is far behind."""

    AHEAD = 2500

    def __init__(self, writers, random):
        super().__init__()
        self._writers, self._random = writers, random

    def step(self):
        for writer in self._writers:
            if writer.topic.next_id - writer.logged() < self.AHEAD:
                writer.topic.produce(self._random.randint(1, 400))


class Maintenance(Beside):
    """Expires all but the newest snapshots, again and again; every other time it is killed within."""

    def __init__(self, start, table, catalog, random):
        super().__init__()
        self._start, self._table, self._random = start, table, random
        self._expiry = EXPIRY + moments.ONE_CATALOG[catalog]
        self.kills = 0
        self.reached = set()

    def step(self):
        if not self._table.exists():
            return
        chance = self._random.random()
        moment = None
        if chance < 0.4:
            moment = self._at(self._expiry)
        elif chance < 0.5:
            moment = moments.AfterStart(self._random.uniform(0, 0.1))
        self._run_once(moment, *EXPIRE)

    def _at(self, points):
        return moments.AtFailPoint(self._random.choice(points), self._random.randint(1, 3))

    def _run_once(self, moment, *arguments):
        """Dies at its moment; without one, or when it does not come to it, it must end well."""
        dataset = "dataos://lakehouse:stream/out"
        env = moment.env if moment else None
        program = self._start(dataset, *arguments, command="maintain", env=env)
        if moment:
            moment.watch(program, {})
        code = program.wait(60)
        if code == -signal.SIGKILL and moment:
            self.kills += 1
            self.reached.add(moment.name)
        elif code != 0:
            raise Wrong(f"flare maintain {' '.join(arguments)} ended with {code}")

    def die_alone(self, check):
        """Nobody writes now. Expiries die and the next maintenance finishes them; removals of orphans die; `check()` tells
        what must hold."""
        for _ in range(self._random.randint(1, 2)):
            self._run_once(self._at(self._expiry), *EXPIRE)
        self._run_once(None)
        check()
        data = self._table.metadata_file().parent.parent / "data"
        for number in range(3):
            (data / f"stray{number}.parquet").write_text("named by nobody")
        self._run_once(self._at(ORPHANS), *REMOVE_ORPHANS)
        self._run_once(None, *REMOVE_ORPHANS)
        check()


class SparkWriter(Beside):
    """Real Spark appends rows of its own to the table, through the same SQL catalog."""

    TOPIC = "by hand"

    def __init__(self, spark, table, lakehouse):
        super().__init__()
        self._spark, self._table = spark, table
        uri = f"jdbc:sqlite:{table.database}"
        spark.define("lake", type="jdbc", uri=uri, warehouse=f"file://{lakehouse}")
        self.rows = 0

    def step(self):
        if not self._table.exists() or not self._table.pyiceberg().current_snapshot():
            return
        self._spark.sql(
            f"INSERT INTO lake.stream.out SELECT key, value, '{self.TOPIC}' AS topic, 0 AS partition, "
            f"CAST({self.rows} AS BIGINT) AS offset, timestamp, timestampType "
            "FROM lake.stream.out LIMIT 1"
        )
        self.rows += 1
