"""What a kill costs the next start: seconds from the start of the process to the first new batch committed, after
a clean end and after a kill at several points of a batch, with the same few new records; by turns, on one job."""

import copy
import json
import os
import signal
import statistics
import time

# Where the killed run dies, and how people say it.
KILLS = {
    "checkpoint.after_offsets": "behind the offset log",
    "lake.after_data_files": "behind the data files",
    "lake.after_metadata_swap": "behind the table's commit",
    "checkpoint.before_commits": "before the commit log",
}
NEW_RECORDS = 100
HISTORY_RECORDS = 4  # of each batch that is there before


def spread(values):
    return [min(values), statistics.median(values), max(values)]


class Job:
    """A job with a history of `batches` committed batches, over one topic for each of its tables."""

    def __init__(self, bed, name, batches, topics):
        self._bed = bed
        self._name = name
        self._topics = [bed.topic(4, batches * HISTORY_RECORDS) for _ in range(topics)]
        self._checkpoint = bed.checkpoint(f"bench/{name}_ckpt")
        started = time.monotonic()
        bed.run(self._manifest({"maxOffsetsPerTrigger": str(HISTORY_RECORDS)}), "--quiet", seconds=3600)
        self.history_s = time.monotonic() - started
        assert self._checkpoint.commits()[-1] == batches - 1
        self._words = [
            os.environ["FLARE_PROGRAM"],
            "run",
            str(self._manifest({})),
            "--quiet",
            "--resources",
            str(bed.resources),
            "--lakehouse",
            str(bed.lakehouse),
        ]

    def _manifest(self, options):
        """The job as written, once more for every further topic: an input, a step and an output each."""
        path = self._bed.job(
            self._topics[0].name,
            name=self._name,
            table=f"bench/{self._name}_0",
            checkpoint=f"bench/{self._name}_ckpt",
            options=options,
            streaming={"forEachBatchMode": True} if len(self._topics) > 1 else None,
        )
        document = json.loads(path.read_text())
        job = document["workflow"]["dag"][0]["spec"]["stackSpec"]["job"]
        first = copy.deepcopy(job)
        for number, topic in enumerate(self._topics[1:], 1):
            source, sink = copy.deepcopy(first["inputs"][0]), copy.deepcopy(first["outputs"][0])
            source.update(name=f"input{number}", dataset=f"dataos://bed:default/{topic.name}")
            sink.update(name=f"final{number}", dataset=f"dataos://lakehouse:bench/{self._name}_{number}?acl=rw")
            job["inputs"].append(source)
            job["outputs"].append(sink)
            job["steps"][0]["sequence"].append({"name": f"final{number}", "sql": f"SELECT * FROM input{number}"})
        path.write_text(json.dumps(document, indent=1))
        return path

    def produce(self):
        for topic in self._topics:
            topic.produce(NEW_RECORDS)

    def die(self, point):
        """A run over new records that is killed there."""
        self.produce()
        code, _ = self._run({"FLARE_FAIL_POINTS": f"{point}=kill"}, None)
        assert code == -signal.SIGKILL, f"{point} did not kill flare, it ended with {code}"

    def start(self):
        """A run over new records: when the first batch that no run began before is committed, and how long a batch
        was run again."""
        self.produce()
        new = max(self._checkpoint.offsets()) + 1
        progress = self._bed.folder / "progress.jsonl"
        progress.unlink(missing_ok=True)
        code, seconds = self._run({}, self._checkpoint.folder / "commits" / str(new), "--progress-json", str(progress))
        assert code == 0, f"flare ended with {code}"
        batches = [json.loads(line) for line in progress.read_text().splitlines()]
        again = [one["batchDuration"] / 1000 for one in batches if one["batchId"] < new]
        return seconds, sum(again)

    def _run(self, variables, awaited, *more):
        clean = {key: value for key, value in os.environ.items() if not key.startswith("FLARE_")}
        output = self._bed.folder / f"{self._name}.txt"
        stream = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        actions = [(os.POSIX_SPAWN_DUP2, stream, 1), (os.POSIX_SPAWN_DUP2, stream, 2)]
        words = [*self._words, *more]
        begin = time.monotonic()
        pid = os.posix_spawn(words[0], words, {**clean, **variables}, file_actions=actions)
        os.close(stream)
        seconds, ended = None, 0
        while not ended:
            if awaited is not None and seconds is None and awaited.exists():
                seconds = time.monotonic() - begin
            ended, status = os.waitpid(pid, os.WNOHANG)
            time.sleep(0.0005)
        if awaited is not None and seconds is None:
            assert awaited.exists(), f"no new batch was committed:\n{output.read_text()}"
            seconds = time.monotonic() - begin
        return os.waitstatus_to_exitcode(status), seconds

    def verify(self):
        for number, topic in enumerate(self._topics):
            self._bed.table(f"bench/{self._name}_{number}").must_hold(topic)


def measure(bed, rounds, history):
    cases = {
        "3 batches": ("few", 3, 1),
        "3 batches, two sources and tables": ("two", 3, 2),
        f"{history:,} batches and snapshots": ("many", history, 1),
    }
    result = {"cases": {}}
    print(f"recovery: seconds from start to the first new batch committed, {NEW_RECORDS} new records (min / median / max)")
    for title, (name, batches, topics) in cases.items():
        job = Job(bed, name, batches, topics)
        case = {"history_s": job.history_s, "clean_s": [], "kills": {}}
        for point in KILLS:
            case["kills"][point] = {"killed_s": [], "again_s": [], "extra_s": []}
        for _ in range(rounds):
            for point, found in case["kills"].items():
                clean, _ = job.start()
                job.die(point)
                killed, again = job.start()
                case["clean_s"].append(clean)
                found["killed_s"].append(killed)
                found["again_s"].append(again)
                found["extra_s"].append(killed - clean)
        show(title, case)
        job.verify()
        result["cases"][title] = case
    kills = [found for case in result["cases"].values() for found in case["kills"].values()]
    worst = max(kills, key=lambda found: statistics.median(found["extra_s"]))
    result["spread"] = {"extra_s": spread(worst["extra_s"])}
    return result


def show(title, case):
    text = lambda values: " / ".join(f"{value:.3f}" for value in spread(values))
    print(f"   {title}\n      {text(case['clean_s'])}  after a clean end")
    for point, found in case["kills"].items():
        print(
            f"      {text(found['killed_s'])}  killed {KILLS[point]}: "
            f"{text(found['extra_s'])} more, of which {text(found['again_s'])} its batch again",
            flush=True,
        )
