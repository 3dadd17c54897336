"""Spark, as a scenario uses it: one worker process with one session, started when first needed and killed at will."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from bed import Skipped
from program import until

HERE = pathlib.Path(__file__).resolve().parent
HOME = (
    pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    / "flare"
    / "bed"
    / "spark"
)


class Spark:
    """Real Spark in a process of its own."""

    def __init__(self, python=HOME / "bin" / "python", jars=None, environment=None):
        self._python = python
        self._jars = jars or sorted((HOME / "flare-jars").glob("*.jar"))
        self._environment = environment or {}
        self._process = None
        self._jvm = None
        self._catalogs = {}
        self._log = tempfile.NamedTemporaryFile(prefix="flare-spark-", suffix=".log")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.kill()
        if kind is not None and kind is not Skipped:
            print(f"the end of Spark's log:\n{self.log()}")

    def log(self):
        text = pathlib.Path(self._log.name).read_text(errors="replace")
        return text[-6000:]

    # --- its process ------------------------------------------------------------------------------

    def _start(self):
        if self._process:
            return
        if not pathlib.Path(self._python).exists():
            raise Skipped("PySpark is not here; run: tests/bed/setup spark")
        if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
            raise Skipped("Java is not here; run: tests/bed/setup spark")
        # A group of its own: Spark's JVM and Python workers end with it.
        self._process = subprocess.Popen(
            [self._python, HERE / "worker.py", ",".join(map(str, self._jars))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, "PYSPARK_PYTHON": str(self._python), **self._environment},
            start_new_session=True,
        )
        hello = self._read()
        self._jvm, self.version = hello["pid"], hello["version"]

    def _read(self):
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"Spark ended with {self._process.wait()}:\n{self.log()}")
        return json.loads(line)

    def _send(self, command, **arguments):
        self._start()
        print(
            json.dumps({"do": command, **arguments}, default=str),
            file=self._process.stdin,
            flush=True,
        )

    def ask(self, command, **arguments):
        self._send(command, **arguments)
        answer = self._read()
        assert "failed" not in answer, answer["failed"]
        return answer["done"]

    def kill(self):
        """kill -9, the JVM first, as a machine that dies would."""
        if not self._process:
            return
        for send, number in ((os.kill, self._jvm), (os.killpg, self._process.pid)):
            try:
                if number:
                    send(number, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                pipe.close()
            except BrokenPipeError:
                pass
        self._process = self._jvm = None
        self._catalogs.clear()

    # --- catalogs and SQL -------------------------------------------------------------------------

    def catalog(self, warehouse):
        """The name of a catalog over a folder; the same folder has the same name while the session lives."""
        if warehouse not in self._catalogs:
            name = f"lake{len(self._catalogs)}"
            self.define(name, type="hadoop", warehouse=f"file://{warehouse}")
            self._catalogs[warehouse] = name
        return self._catalogs[warehouse]

    def define(self, name, **settings):
        key = f"spark.sql.catalog.{name}"
        conf = {f"{key}.{one.replace('_', '-')}": str(value) for one, value in settings.items()}
        # A streaming query reads a table anew only without the catalog's cache.
        self.ask(
            "set",
            conf={key: "org.apache.iceberg.spark.SparkCatalog", f"{key}.cache-enabled": "false", **conf},
        )

    def set(self, **conf):
        self.ask("set", conf={key.replace("__", "."): value for key, value in conf.items()})

    def sql(self, text):
        return self.ask("sql", text=text)

    # --- streams ----------------------------------------------------------------------------------

    def stream(self, hold=None, **arguments):
        """Runs a query to its end; with `hold` the query is killed there, and Spark with it."""
        if hold is None:
            return self.ask("stream", **arguments)
        with tempfile.TemporaryDirectory(prefix="flare-spark-hold-") as folder:
            reached = pathlib.Path(folder) / "reached"
            self._send("stream", hold=hold, hold_file=str(reached), **arguments)
            try:
                until(lambda: reached.exists() or self._process.poll(), f"Spark to hold: {hold}", 90)
                assert reached.exists(), f"Spark ended before it held: {hold}"
            finally:
                self.kill()
        return None
