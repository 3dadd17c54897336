"""A round: one topic, table and checkpoint, killed a few times by the seed, then run to the end and compared."""

import contextlib
import json
import signal
import threading
import time

import disks
import moments
from beside import Maintenance, Producer, SparkWriter
from model import Model, Wrong
from scenarios.sql_catalog import use_sql_catalog

RUN_SECONDS = 60
STARTING = threading.Lock()


class Writer:
    """A job with its own topic and checkpoint."""

    def __init__(self, bed, number, draw):
        self.bed = bed
        self.draw = draw
        self.topic = bed.topic(draw.partitions, 300)
        self.checkpoint = bed.checkpoint(f"stream/checkpoint{number}")
        iceberg = {"properties": {"commit.retry.num-retries": "30", **draw.properties}}
        if draw.partitioned:
            iceberg["partitionSpec"] = [{"type": "identity", "column": "partition"}]
        options = {"maxOffsetsPerTrigger": str(draw.limit)} if draw.limit else {}
        self.manifest = bed.job(
            self.topic.name,
            name=f"job{number}",
            trigger=draw.trigger,
            duration="10 milliseconds" if draw.trigger == "ProcessingTime" else None,
            table="stream/out",
            checkpoint=f"stream/checkpoint{number}",
            options=options,
            output={"iceberg": iceberg},
        )
        self.places = {"checkpoint": self.checkpoint.folder, "table": bed.lakehouse / "stream/out"}
        self.starts = 0

    def logged(self):
        """How many records the offset log covers."""
        folder = self.checkpoint.folder / "offsets"
        last = max(map(int, moments.names(folder, "[0-9]+")), default=None)
        if last is None:
            return 0
        try:
            text = (folder / str(last)).read_text()
        except OSError:  # purged meanwhile
            return 0
        return sum(json.loads(text.split("\n")[2])[self.topic.name].values())

    def settled(self):
        """All records are in committed batches."""
        logged = moments.names(self.checkpoint.folder / "offsets", "[0-9]+")
        commits = moments.names(self.checkpoint.folder / "commits", "[0-9]+")
        return logged and logged <= commits and self.logged() == self.topic.next_id

    def start(self, env=None):
        self.starts += 1
        missing = self.logged() + self.draw.batches * (self.draw.limit or 200) - self.topic.next_id
        if missing > 0:
            self.topic.produce(missing)
        with STARTING:  # the bed numbers its runs
            return self.bed.start(self.manifest, env=env)

    def kill(self, moment, env, may_fail):
        """One run that is to die at a moment; gives how it ended."""
        both = [one["LD_PRELOAD"] for one in (moment.env, env) if "LD_PRELOAD" in one]
        preload = {"LD_PRELOAD": ":".join(both)} if both else {}
        program = self.start({**env, **moment.env, **preload})
        moment.watch(program, self.places)
        if self.draw.endless:
            deadline = time.monotonic() + moments.REACH_SECONDS
            while program.running() and time.monotonic() < deadline:
                time.sleep(0.005)
            if program.running():
                program.send(signal.SIGTERM)
        code = program.wait(RUN_SECONDS)
        if may_fail and code == -signal.SIGTERM:
            code = 1  # it met the fault just then, and was about to end
        if code == 0 or code == -signal.SIGKILL or (may_fail and 0 < code < 128):
            return code
        raise Wrong(f"flare ended with {code}: {moment.text}")

    def finish(self, env):
        """Runs without faults until all records are in the table; each run must end well."""
        if self.draw.endless:
            program = self.start(env)
            program.until(self.settled, "all records in committed batches", RUN_SECONDS)
            program.interrupt(RUN_SECONDS, signal.SIGTERM)
            return
        for _ in range(3):  # a Once run may only finish what was begun
            code = self.start(env).wait(RUN_SECONDS)
            if code != 0:
                raise Wrong(f"flare ended with {code} after a kill, expected 0")
            if self.settled():
                return
        raise Wrong(f"after three runs not all of {self.topic.next_id} records are committed")


class Round:
    def __init__(self, bed, random, draw, say, spark=None):
        self.bed, self.random, self.draw, self.say = bed, random, draw, say
        self.table = use_sql_catalog(bed) if draw.catalog == "sql" else bed.table("stream/out")
        self.spark = SparkWriter(spark, self.table, bed.lakehouse) if draw.spark else None
        self.maintenance = (
            Maintenance(self._start, self.table, draw.catalog, of_its_own(random))
            if draw.maintained
            else None
        )
        self.writers = [Writer(bed, number, draw) for number in range(draw.writers)]
        self.disk = disks.make(draw.disk, bed, random)
        self.model = Model(self.table, bed.lakehouse / "stream/out")
        self.beside = []
        self.kills = self.faults = 0
        self.reached = set()

    def starts(self):
        return sum(writer.starts for writer in self.writers)

    def play(self, kills):
        if self.draw.long_history:
            self.writers[0].topic.produce(102 * self.draw.limit)
            self._restart_and_check()
        others = [one for one in (self.maintenance, self.spark) if one]
        with contextlib.ExitStack() as stack:
            for one in (Producer(self.writers, of_its_own(self.random)), *others):
                stack.enter_context(one)
                self.beside.append(one)
            for number in range(kills):
                if self.disk.forgets and self.random.random() < 0.25:
                    self._hand_over(number)
                else:
                    self._kill(number)
                if self.random.random() < 0.2:
                    with contextlib.ExitStack() as pauses:
                        for one in self.beside:
                            pauses.enter_context(one.paused())
                        self._restart_and_check()
        self._restart_and_check()
        self._compare()

    def _start(self, *arguments, **options):
        with STARTING:
            return self.bed.start(*arguments, **options)

    def _draw_moment(self, writer, first):
        world = (self.random, first and not self.draw.long_history, self.draw)
        if self.draw.failing_steps and self.random.random() < 0.5:
            return moments.FailingStep(*moments.draw_fail_point(*world))
        places = list(writer.places.values()) if self.disk.allows_calls else []
        return moments.draw(*world, places)

    def _kill(self, number):
        victims = self.writers[: 1 if self.draw.spare_second else None]
        may_fail = self.disk.may_fail or self.draw.failing_steps
        plan = []
        for writer in victims:
            moment = self._draw_moment(writer, number == 0)
            env, disk_text = self.disk.env(writer)
            plan.append((writer, moment, env))
            self.say(f"run {number}: {writer.manifest.stem} dies {moment.text} {disk_text}")
        beside = [writer.start() for writer in self.writers[len(victims) :]]
        codes = together([lambda w=w, m=m, e=e: w.kill(m, e, may_fail) for w, m, e in plan])
        self.disk.died()
        for (_, moment, _), code in zip(plan, codes):
            self.kills += code == -signal.SIGKILL
            self.faults += code > 0
            if code != 0:
                self.reached.add(moment.name)
        for program in beside:
            if self.draw.endless:
                program.until(
                    lambda p=program: "started job" in p.output(), "its start", RUN_SECONDS
                )
                program.interrupt(RUN_SECONDS, signal.SIGTERM)
            elif (code := program.wait(RUN_SECONDS)) != 0:
                raise Wrong(f"the other writer ended with {code}")

    def _hand_over(self, number):
        """A run is killed behind a name that it did not sync; the next one finishes that batch and no other; then the
        power is cut. What the second run took for done must have stayed."""
        writer = self.writers[0]
        folder = self.random.choice(list(writer.places.values()))
        moment = moments.AtCall("after", "link", self.random.randint(1, 9), folder)
        self.say(f"run {number}: dies {moment.text}, then Once, then a power cut")
        code = writer.kill(moment, self.disk.env(writer)[0], False)
        self.kills += code == -signal.SIGKILL
        writer.starts += 1
        once = self._start(writer.manifest, "--trigger", "Once", env=self.disk.sound_env())
        if (code := once.wait(RUN_SECONDS)) != 0:
            raise Wrong(f"flare ended with {code} after a kill, expected 0")
        self.disk.cut_power()

    def _restart_and_check(self):
        for writer in self.writers:
            writer.topic.produce(30)  # so that a batch follows whatever was finished
        env = self.disk.sound_env()
        together([lambda w=writer: w.finish(env) for writer in self.writers])
        self.disk.died()
        self._check()  # nobody removed orphans: the batches since have finished what killed expiries left
        if self.maintenance and self.random.random() < 0.7:
            self.maintenance.die_alone(self._check)
        if self.maintenance:
            self.kills, self.maintenance.kills = self.kills + self.maintenance.kills, 0
            self.reached |= self.maintenance.reached

    def _check(self):
        others = {(self.spark.TOPIC, 0): (0, self.spark.rows)} if self.spark else {}
        jobs = [(one.topic.name, one.checkpoint) for one in self.writers]
        self.model.check(jobs, others)

    def _compare(self):
        """The whole comparison, by both readers and a consumer. With Spark's rows the model's has to do."""
        if self.spark:
            return
        try:
            self.table.must_hold(*(writer.topic for writer in self.writers))
        except AssertionError as error:
            raise Wrong(str(error), lost=1) from None


def of_its_own(random):
    """A source of chance for another thread, so that the seed alone decides what this one draws."""
    return type(random)(random.random())


def together(calls):
    """Runs the calls at the same time; gives what they return, or raises what the first of them raised."""
    if len(calls) == 1:
        return [calls[0]()]
    results = [None] * len(calls)

    def run(index):
        try:
            results[index] = calls[index]()
        except Exception as error:  # noqa: BLE001 - raised again below
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results
