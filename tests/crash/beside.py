"""Who else works on the table while flare is killed: a producer on its topics, maintenance, Spark."""

import signal
import threading

from model import Wrong

MAINTENANCE_POINTS = ("lake.before_expire", "lake.after_expire")
MAINTENANCE_POINTS += ("lake.before_expired_file", "lake.after_expired_file")


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

    def __init__(self, start, table, random):
        super().__init__()
        self._start, self._table, self._random = start, table, random
        self.kills = 0
        self.reached = set()

    def step(self):
        if not self._table.exists():
            return
        env, point = {}, None
        if self._random.random() < 0.5:
            point = self._random.choice(MAINTENANCE_POINTS)
            env = {"FLARE_FAIL_POINTS": f"{point}=kill@{self._random.randint(1, 3)}"}
        code = self._run_once("--expire-older-than", "0s", "--retain-last", "2", env=env)
        if code == -signal.SIGKILL and point:
            self.kills += 1
            self.reached.add(point)
        elif code != 0:
            raise Wrong(f"flare maintain ended with {code}")

    def _run_once(self, *arguments, env=None):
        dataset = "dataos://lakehouse:stream/out"
        return self._start(dataset, *arguments, command="maintain", env=env).wait(60)

    def clean_up(self):
        """What killed maintenance left is for --remove-orphans."""
        code = self._run_once("--remove-orphans", "--older-than", "0s", "--no-writers")
        if code != 0:
            raise Wrong(f"flare maintain --remove-orphans ended with {code}")


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
