"""One scenario's world: a folder, a broker, topics, runs of flare, and readers of what it wrote."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import uuid

from program import Program
from table import Table

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Skipped(Exception):
    """A scenario that cannot run here, with the reason."""


class Bed:
    def __init__(self, name):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"flare-e2e-{name}."))
        self.lakehouse = self.folder / "lakehouse"
        self.resources = self.folder / "resources"
        self.resources.mkdir()
        self._programs = []
        self._topics = []
        self._bootstrap = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for program in self._programs:
            program.kill()
        for topic in self._topics:
            topic.delete()
        if kind is None or kind is Skipped:
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        print(f"what the scenario left is in {self.folder}", file=sys.stderr)
        for program in self._programs:
            print(f"\n$ {program.command_line()}\n{program.output()}", file=sys.stderr)

    # --- Kafka ------------------------------------------------------------------------------------

    def _broker(self, name):
        if self._bootstrap is None:
            self._bootstrap = dict(os.environ)
            if "KAFKA_BOOTSTRAP" not in os.environ:
                text = subprocess.run(
                    [ROOT / "tests/bed/broker", "env"], check=True, capture_output=True, text=True
                )
                pairs = (
                    line.removeprefix("export ").split("=", 1) for line in text.stdout.splitlines()
                )
                self._bootstrap.update(pairs)
        return self._bootstrap[name]

    @property
    def bootstrap(self):
        return self._broker("KAFKA_BOOTSTRAP")

    @property
    def sasl_bootstrap(self):
        return self._broker("KAFKA_SASL_BOOTSTRAP")

    def topic(self, partitions=4, records=0, name=None):
        """A new topic, with that many generated records; a topic of that name before is deleted."""
        topic = Topic(self.bootstrap, name or f"events-{uuid.uuid4().hex[:12]}")
        if name:
            topic.delete()
        topic.create(partitions)
        self._topics.append(topic)
        if records:
            topic.produce(records)
        return topic

    def depot(self, name, bootstrap=None, secret=None):
        """A Kafka depot resource of that name, with the login of a secret where one is given."""
        depot = {
            "type": "KAFKA",
            "external": True,
            "spec": {"brokers": [bootstrap or self.bootstrap]},
        }
        if secret:
            depot["connectionSecret"] = [
                {"acl": acl, "type": "key-value-properties", "data": secret} for acl in ("r", "rw")
            ]
        resource = {"name": name, "version": "v1", "type": "depot", "depot": depot}
        (self.resources / f"{name}.yaml").write_text(json.dumps(resource, indent=1))

    # --- flare ------------------------------------------------------------------------------------

    def job(
        self,
        topic="",
        name="job",
        depot="bed",
        trigger="AvailableNow",
        duration=None,
        table="stream/out",
        checkpoint="stream/ckpt",
        options=None,
        output=None,
        sql="SELECT * FROM input",
        streaming=None,
    ):
        """Writes a manifest of one input, one SQL step and one Iceberg output; gives its path."""
        if depot == "bed" and not (self.resources / "bed.yaml").exists():
            self.depot("bed")
        stream = {
            "triggerMode": trigger,
            "checkpointLocation": f"dataos://lakehouse:{checkpoint}",
            **(streaming or {}),
        }
        if duration:
            stream["triggerDuration"] = duration
        source = {
            "name": "input",
            "dataset": f"dataos://{depot}:default/{topic}",
            "format": "kafkajson",
            "isStream": True,
            "options": {"startingOffsets": "earliest", **(options or {})},
        }
        sink = {
            "name": "final",
            "dataset": f"dataos://lakehouse:{table}?acl=rw",
            "format": "Iceberg",
            "options": {"saveMode": "append", **(output or {})},
        }
        job = {
            "inputs": [source],
            "logLevel": "INFO",
            "outputs": [sink],
            "streaming": stream,
            "steps": [{"sequence": [{"name": "final", "sql": sql}]}],
        }
        manifest = {
            "version": "v1",
            "name": name,
            "type": "workflow",
            "workflow": {
                "dag": [
                    {
                        "name": name,
                        "spec": {
                            "stack": "flare:6.0",
                            "compute": "runnable-default",
                            "stackSpec": {"job": job},
                        },
                    }
                ]
            },
        }
        return self.write(f"{name}.yaml", json.dumps(manifest, indent=1))

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def start(self, manifest, *arguments, env=None, prefix=(), before=None, command="run"):
        """Starts `flare run` on a manifest and gives the running program."""
        number = len(self._programs)
        progress = self.folder / f"progress-{number}.jsonl"
        words = [*prefix, os.environ["FLARE_PROGRAM"], *command.split(), str(manifest)]
        if command != "demo":
            words += ["--resources", str(self.resources), "--lakehouse", str(self.lakehouse)]
        if command == "run":
            words += ["--progress-json", str(progress)]
        program = Program(
            words + list(arguments),
            self.folder / f"output-{number}.txt",
            progress,
            self.folder,
            env,
            before,
        )
        self._programs.append(program)
        return program

    def run(self, manifest, *arguments, expect=0, seconds=120, **options):
        """Runs `flare run` to its end and checks how it ended."""
        program = self.start(manifest, *arguments, **options)
        code = program.wait(seconds)
        assert code == expect, f"flare ended with {code}, expected {expect}"
        return program

    def refused(self, manifest, *arguments, says, seconds=120, **options):
        """Runs flare, which must end with an error (not a signal) whose text matches each of `says`."""
        program = self.start(manifest, *arguments, **options)
        code = program.wait(seconds)
        assert 0 < code < 128, f"flare ended with {code}, expected an error"
        program.must_say(*says)
        return program

    # --- what it wrote ----------------------------------------------------------------------------

    def table(self, path="stream/out"):
        return Table(self.lakehouse / path)

    def checkpoint(self, path="stream/ckpt"):
        return Checkpoint(self.lakehouse / path)

    def files(self):
        """Every file below the lakehouse with its size and time of change, to see that nothing was written."""
        return {
            str(path.relative_to(self.lakehouse)): (path.stat().st_size, path.stat().st_mtime_ns)
            for path in sorted(self.lakehouse.rglob("*"))
            if path.is_file() and path.name != ".flare.lock"
        }


class Topic:
    def __init__(self, bootstrap, name):
        self.bootstrap = bootstrap
        self.name = name
        self.next_id = 0

    def tool(self, command, *arguments, text=None, check=True):
        words = [
            os.environ["KAFKA_TOOL"],
            "--bootstrap",
            self.bootstrap,
            command,
            self.name,
            *map(str, arguments),
        ]
        done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
        return (
            json.loads(done.stdout)
            if done.returncode == 0 and done.stdout.startswith("{")
            else None
        )

    def create(self, partitions):
        for _ in range(100):
            if self.tool("watermarks", check=False) is None:
                break
        self.tool("create", "--partitions", partitions)

    def delete(self):
        self.tool("delete", check=False)

    def produce(self, count, *arguments):
        """Sends the next `count` generated events."""
        self.next_id += count
        return self.tool(
            "produce", "--count", count, "--first-id", self.next_id - count, *arguments
        )

    def lines(self, *lines):
        return self.tool("produce-lines", text="".join(line + "\n" for line in lines))

    def sum(self):
        """What a read_committed consumer finds in it: count, id_sum, offset_sum, value_bytes."""
        return self.tool("sum")


class Checkpoint:
    """A checkpoint directory, read as Spark lays it out."""

    def __init__(self, folder):
        self.folder = folder

    def _log(self, name):
        folder = self.folder / name
        names = (
            sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit())
            if folder.exists()
            else []
        )
        return {number: (folder / str(number)).read_text().split("\n") for number in names}

    def query_id(self):
        return json.loads((self.folder / "metadata").read_text())["id"]

    def offsets(self):
        """Batch -> the offset JSON of its first source."""
        return {batch: json.loads(lines[2]) for batch, lines in self._log("offsets").items()}

    def commits(self):
        return sorted(self._log("commits"))
