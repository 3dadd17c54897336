"""What goes wrong on Kafka's side: every record once, or a refusal that says what happened and what would help.

The table of docs/reference/kafka-faults.md names these scenarios. Where a broker must be broken, the scenario has
brokers of its own, behind proxies that can hold back or cut what they send.
"""

import contextlib
import hashlib
import signal
import sys

from bed import ROOT, Topic
from program import until

sys.path.append(str(ROOT / "tests/bed"))
import kraft

ENDLESS = {"trigger": "ProcessingTime", "duration": "1 second"}
# How long a question waits for brokers: short where the wait itself is tested, long where brokers come back.
SOON = {"kafka.default.api.timeout.ms": "2000"}
LATE = {"kafka.default.api.timeout.ms": "90000"}
LENIENT = {"failOnDataLoss": "false"}


@contextlib.contextmanager
def own_brokers(bed, nodes=1, **settings):
    """Brokers of this scenario alone, with the depot `own` that leads to them through the proxies."""
    with kraft.Brokers(bed.folder / "brokers", nodes, **settings) as brokers:
        bed.depot("own", brokers.bootstrap)
        yield brokers


def own_topic(brokers, name="events", partitions=2, records=0, replicas=1, config=()):
    topic = Topic(brokers.direct, name)
    words = [word for pair in config for word in ("--config", pair)]
    topic.tool("create", "--partitions", partitions, "--replicas", replicas, *words)
    if records:
        topic.produce(records)
    return topic


def frozen(program):
    """While it lasts, flare does not look: what changes meanwhile changes between two looks."""

    @contextlib.contextmanager
    def frozen_program():
        program.send(signal.SIGSTOP)
        yield
        program.send(signal.SIGCONT)

    return frozen_program()


def read(program):
    return sum(one["numInputRows"] for one in program.batches())


def until_read(program, count, seconds=90):
    program.until(lambda: read(program) >= count, f"{count} records", seconds)


def make_anew(topic, partitions, records):
    topic.delete()
    topic.create(partitions)
    if records:
        topic.produce(records)


def killed(bed, manifest, point):
    code = bed.start(manifest, env={"FLARE_FAIL_POINTS": f"{point}=kill@1"}).wait()
    assert code == -signal.SIGKILL, f"{point} did not kill flare, it ended with {code}"


def must_hold_ids(bed, ids, path="stream/out"):
    """Every generated event of these numbers once and nothing else, whatever offset it had."""
    found = bed.table(path).totals()
    ids = list(ids)
    assert (found["count"], found["id_sum"]) == (len(ids), sum(ids)), f"the table holds {found}"


# --- brokers that go away -----------------------------------------------------------------------------


def broker_restarts_under_an_endless_job(bed):
    with own_brokers(bed) as brokers:
        topic = own_topic(brokers, records=100)
        program = bed.start(bed.job(topic.name, depot="own", options=SOON, **ENDLESS))
        until_read(program, 100)
        for number, leave in enumerate((brokers.node().stop, brokers.node().kill), 1):
            leave()
            program.until(
                lambda: program.output().count("no Kafka broker answered") >= number,
                "word that the broker is gone",
            )
            program.must_say(r"no Kafka broker answered at .* for \d+ s", "trying again until it")
            brokers.node().start()
            brokers.node().until_ready()
            topic.produce(100)
            until_read(program, 100 + 100 * number)
            assert program.output().count("within reach again") == number
        program.interrupt()
        bed.table().must_hold(topic)


def broker_restarts_while_a_bounded_job_reads(bed):
    with own_brokers(bed) as brokers:
        topic = own_topic(brokers, records=30_000)
        brokers.proxy().hold_after(500_000)
        program = bed.start(bed.job(topic.name, depot="own", options=LATE))
        program.until(brokers.proxy().holds, "the batch to be half read")
        brokers.node().kill()
        brokers.proxy().release()
        brokers.node().start()
        brokers.node().until_ready()
        assert program.wait(120) == 0
        bed.table().must_hold(topic)
        assert bed.checkpoint().commits() == [0]


def broker_gone_while_a_bounded_job_reads(bed):
    with own_brokers(bed) as brokers:
        topic = own_topic(brokers, records=30_000)
        manifest = bed.job(topic.name, depot="own", options=SOON)
        brokers.proxy().hold_after(500_000)
        program = bed.start(manifest)
        program.until(brokers.proxy().holds, "the batch to be half read")
        brokers.node().kill()
        brokers.proxy().release()
        assert program.wait() == 1
        program.must_say("no Kafka broker answered at", "the next start runs it again")
        bed.refused(manifest, says=["no Kafka broker answered at", brokers.bootstrap])
        brokers.node().start()
        brokers.node().until_ready()
        topic.produce(10)  # not the half-done batch's
        bed.run(manifest)
        bed.table().must_hold(topic)
        assert bed.checkpoint().commits() == [0, 1]
        assert bed.checkpoint().offsets()[0] == {topic.name: {"0": 15_000, "1": 15_000}}


def frozen_broker_is_told_of_and_keeps_nobody_from_stopping(bed):
    """A broker that keeps its connections and answers nothing, as behind a dead link."""
    with own_brokers(bed) as brokers:
        topic = own_topic(brokers, records=100)
        program = bed.start(bed.job(topic.name, depot="own", options=SOON, **ENDLESS))
        until_read(program, 100)
        brokers.node().freeze()
        program.until(
            lambda: "no Kafka broker answered" in program.output(), "word that nobody answers"
        )
        program.must_say(r"no Kafka broker answered at .* for \d+ s")
        brokers.node().thaw()
        topic.produce(100)
        until_read(program, 200)
        program.must_say("within reach again")
        program.interrupt()
        patient = bed.start(bed.job(topic.name, depot="own", options=LATE, **ENDLESS))
        patient.until(lambda: "no new data" in patient.output(), "it to idle")
        brokers.node().freeze()
        patient.interrupt(10)  # and not after the 90 s that it would wait for an answer
        brokers.node().thaw()
        bed.table().must_hold(topic)


def frozen_broker_while_a_batch_is_read_and_a_stop(bed):
    """A batch that was begun is finished before a stop, unless nobody answers: then it is for the next start."""
    with own_brokers(bed) as brokers:
        topic = own_topic(brokers, records=30_000)
        manifest = bed.job(topic.name, depot="own", options=LATE)
        brokers.proxy().hold_after(500_000)
        program = bed.start(manifest)
        program.until(brokers.proxy().holds, "the batch to be half read")
        brokers.node().freeze()
        program.interrupt(20)
        brokers.node().thaw()
        brokers.proxy().release()
        assert bed.checkpoint().commits() == []
        bed.run(manifest)
        bed.table().must_hold(topic)
        assert bed.checkpoint().commits() == [0]


def connections_that_break_again_and_again(bed):
    with own_brokers(bed) as brokers:
        topic = own_topic(brokers, partitions=4, records=60_000)
        brokers.proxy().cut_after(400_000)
        small = {"kafka.max.partition.fetch.bytes": "60000", "maxOffsetsPerTrigger": "20000"}
        bed.run(bed.job(topic.name, depot="own", options={**LATE, **small}))
        bed.table().must_hold(topic)
        assert bed.checkpoint().commits() == [0, 1, 2]


def leaders_move(bed):
    """To another broker as one stops, back by an election, and away from one that dies in mid-batch."""
    with own_brokers(bed, 3) as brokers:
        topic = own_topic(brokers, partitions=3, replicas=3, records=300)
        program = bed.start(bed.job(topic.name, depot="own", options=LATE, **ENDLESS))
        until_read(program, 300)

        def leaders():
            return {number: one[0] for number, one in topic.tool("leaders").items()}

        before = leaders()
        assert sorted(before.values()) == [1, 2, 3]
        brokers.node(2).stop()
        until(lambda: 2 not in leaders().values() and -1 not in leaders().values(), "new leaders")
        topic.produce(300)
        until_read(program, 600)
        brokers.node(2).start()
        brokers.node(2).until_ready(3)
        until(
            lambda: all(one[1] == 3 for one in topic.tool("leaders").values()),
            "all replicas in sync",
        )
        topic.tool("elect", "--partitions", 3)
        until(lambda: leaders() == before, "the old leaders")
        topic.produce(30_000)
        until_read(program, 30_600)
        program.interrupt()
        bed.table().must_hold(topic)

        brokers.proxy(3).hold_after(300_000)
        bounded = bed.start(
            bed.job(topic.name, depot="own", options=LATE, table="stream/b", checkpoint="stream/bc")
        )
        bounded.until(brokers.proxy(3).holds, "the batch to be half read")
        brokers.node(3).kill()
        brokers.proxy(3).release()
        assert bounded.wait(150) == 0
        bed.table("stream/b").must_hold(topic)
        assert bed.checkpoint("stream/bc").commits() == [0]


# --- topics that are made anew ------------------------------------------------------------------------


def made_anew_under_an_endless_job(bed):
    """With fewer, as many and more records than the old one: only its id tells in the last two."""
    for records in (10, 100, 150):
        topic = bed.topic(1, 100)
        names = {"table": f"stream/t{records}", "checkpoint": f"stream/c{records}"}
        program = bed.start(bed.job(topic.name, **names, **ENDLESS))
        until_read(program, 100)
        with frozen(program):
            make_anew(topic, 1, records)
        assert program.wait() == 1
        program.must_say(
            f"topic {topic.name} was deleted and made anew: its id was .* and is .* now",
            r"read up to \(partition: offset\) 0: 100",
            "failOnDataLoss: false",
        )
        must_hold_ids(bed, range(100), names["table"])


def made_anew_under_an_endless_job_that_may_lose(bed):
    """The new topic is read from its beginning, and followed."""
    for records in (10, 100, 150):
        topic = bed.topic(2, 100)
        names = {"table": f"stream/t{records}", "checkpoint": f"stream/c{records}"}
        program = bed.start(bed.job(topic.name, options=LENIENT, **names, **ENDLESS))
        until_read(program, 100)
        with frozen(program):
            make_anew(topic, 1, records)
        until_read(program, 100 + records)
        program.must_say(
            f"topic {topic.name} was deleted and made anew: its id was .* and is .* now",
            "the new one is read from its beginning",
        )
        topic.produce(5)
        until_read(program, 105 + records)
        program.interrupt()
        must_hold_ids(bed, range(105 + records), names["table"])
        offsets = bed.checkpoint(names["checkpoint"]).offsets()
        assert offsets[max(offsets)] == {topic.name: {"0": records + 5}}


def made_anew_between_runs(bed):
    """The checkpoint keeps the ids. With the option, the new topic is read from its beginning."""
    for records in (10, 100, 150):
        topic = bed.topic(2, 100)
        names = {"table": f"stream/t{records}", "checkpoint": f"stream/c{records}"}
        strict = bed.job(topic.name, name="strict", **names)
        bed.run(strict)
        make_anew(topic, 2, records)
        bed.refused(
            strict,
            says=[
                f"topic {topic.name} was deleted and made anew: its id was .* and is .* now",
                "failOnDataLoss: false",
            ],
        )
        must_hold_ids(bed, range(100), names["table"])
        lenient = bed.job(topic.name, name="lenient", options=LENIENT, **names)
        killed(bed, lenient, "lake.after_data_files")  # its batch is logged: the replay reads the same
        topic.produce(20)
        bed.run(lenient).must_say("the new one is read from its beginning")
        must_hold_ids(bed, range(120 + records), names["table"])
        bed.run(strict)  # the loss is behind it
        assert bed.checkpoint(names["checkpoint"]).commits() == [0, 1, 2]


def made_anew_under_a_half_done_batch(bed):
    """Its range is of the old topic: a loss, whatever the new one holds at those offsets."""
    topic = bed.topic(1, 100)
    strict = bed.job(topic.name, name="strict")
    killed(bed, strict, "lake.after_data_files")
    make_anew(topic, 1, 150)
    bed.refused(strict, says=[f"topic {topic.name} was deleted and made anew", "failOnDataLoss"])
    bed.run(bed.job(topic.name, name="lenient", options=LENIENT)).must_say("was deleted and made anew")
    must_hold_ids(bed, range(100, 250))
    assert bed.checkpoint().offsets() == {0: {topic.name: {"0": 100}}, 1: {topic.name: {"0": 150}}}


def made_anew_while_a_batch_is_read(bed):
    """No batch holds records of both topics."""
    with own_brokers(bed) as brokers:
        topic = own_topic(brokers, partitions=1, records=30_000)
        brokers.proxy().hold_after(500_000)
        program = bed.start(bed.job(topic.name, depot="own", options=LATE))
        program.until(brokers.proxy().holds, "the batch to be half read")
        make_anew(topic, 1, 40_000)
        brokers.proxy().release()
        assert program.wait(120) == 1
        program.must_say("was deleted and made anew", "failOnDataLoss: false")
        assert not bed.table().exists() or bed.table().rows() == 0
        assert bed.checkpoint().commits() == []


def made_anew_after_the_end_was_fixed(bed):
    """AvailableNow reads up to an end fixed at its start; of another topic there is no such end."""
    topic = bed.topic(1, 100)
    program = bed.start(
        bed.job(topic.name, options={"maxOffsetsPerTrigger": "40", **LENIENT}),
        env={"FLARE_FAIL_POINTS": "checkpoint.after_commits=delay:3000@1"},
    )
    until(lambda: bed.checkpoint().commits() == [0], "batch 0 to be committed")
    with frozen(program):
        make_anew(topic, 1, 150)
    assert program.wait() == 1
    program.must_say("was deleted and made anew", "start the run again")
    must_hold_ids(bed, range(40))


def c096_pattern_whose_topic_is_replaced(bed):
    old = bed.topic(1, 100)
    prefix = old.name
    options = {"subscribePattern": f"{prefix}.*", **LENIENT}
    program = bed.start(bed.job(old.name, options=options, **ENDLESS))
    until_read(program, 100)
    held = old.sum()
    old.delete()
    new = bed.topic(2, 60, name=f"{prefix}-new")
    until_read(program, 160)
    program.must_say(f"partition {old.name}-0 is gone")
    program.interrupt()
    found = bed.table().totals()
    assert found["count"] == found["distinct"] == 160
    assert found["id_sum"] == held["id_sum"] + new.sum()["id_sum"]


# --- records that are gone ----------------------------------------------------------------------------


def retention_overtakes_a_running_job(bed):
    topic = bed.topic(1, 100)
    program = bed.start(bed.job(topic.name, **ENDLESS))
    until_read(program, 100)
    with frozen(program):
        topic.produce(100)
        topic.tool("delete-records", "--partition", 0, "--before", 150)
    assert program.wait() == 1
    program.must_say(
        r"expected offset 100 \(reading up to 200\), but the earliest available is 150",
        "failOnDataLoss: false",
    )
    must_hold_ids(bed, range(100))
    lenient = bed.start(bed.job(topic.name, options=LENIENT, **ENDLESS))
    until_read(lenient, 50)
    with frozen(lenient):
        topic.produce(100)
        topic.tool("delete-records", "--partition", 0, "--before", 290)
    until_read(lenient, 60)
    lenient.must_say("the earliest available is 150", "the earliest available is 290")
    lenient.interrupt()
    must_hold_ids(bed, [*range(100), *range(150, 200), *range(290, 300)])


def retention_overtakes_a_half_done_batch(bed):
    """Its range is logged and stays as it is; what of it is gone, in part or as a whole, is a loss."""
    for before, left in ((60, range(60, 100)), (100, range(0)), (120, range(0))):
        topic = bed.topic(1, 100)
        names = {"table": f"stream/t{before}", "checkpoint": f"stream/c{before}"}
        strict = bed.job(topic.name, name="strict", **names)
        killed(bed, strict, "lake.after_data_files")
        topic.produce(100)
        topic.tool("delete-records", "--partition", 0, "--before", before)
        bed.refused(strict, says=[f"the earliest available is {before}", "failOnDataLoss: false"])
        lenient = bed.job(topic.name, name="lenient", options=LENIENT, **names)
        bed.run(lenient).must_say(f"the earliest available is {before}")
        must_hold_ids(bed, [*left, *range(max(before, 100), 200)], names["table"])
        checkpoint = bed.checkpoint(names["checkpoint"])
        assert checkpoint.offsets()[0] == {topic.name: {"0": 100}}
        assert checkpoint.commits() == [0, 1]


def log_cut_at_its_end(bed):
    """A log that ends before the position in the same topic: as after an unclean election or a restored disk."""
    with own_brokers(bed) as brokers:
        topic = own_topic(brokers, partitions=1)
        for _ in range(4):
            topic.produce(25)  # each a record batch of its own
        manifest = bed.job(topic.name, depot="own")
        bed.run(manifest)
        brokers.node().stop()
        log = brokers.node().data(topic.name) / "00000000000000000000.log"
        with open(log, "r+b") as stream:
            stream.truncate(log.stat().st_size * 6 // 10)  # in the third batch
        data = brokers.node().folder / "data"
        for name in (".kafka_cleanshutdown", "recovery-point-offset-checkpoint"):
            (data / name).unlink()
        brokers.node().start()
        brokers.node().until_ready()
        assert topic.tool("watermarks") == {"0": [0, 50]}
        bed.refused(
            manifest,
            says=["end offset of partition events-0 was changed from 100 to 50", "failOnDataLoss"],
        )
        topic.next_id = 50
        topic.produce(10)
        bed.run(bed.job(topic.name, depot="own", name="lenient", options=LENIENT)).must_say(
            "was changed from 100 to 60"
        )
        topic.produce(10)
        bed.run(manifest)  # the loss is behind it
        must_hold_ids(bed, [*range(100), *range(60, 70)])


# --- what a topic may hold ----------------------------------------------------------------------------


def partitions_added_between_runs(bed):
    """They are read from their beginning, also where the job began at the end."""
    topic = bed.topic(1, 100)
    manifest = bed.job(topic.name, options={"startingOffsets": "latest"})
    bed.run(manifest)
    topic.produce(10)
    topic.tool("grow", "--partitions", 3)
    topic.produce(290)  # some of it to each
    bed.run(manifest)
    must_hold_ids(bed, range(100, 400))
    offsets = bed.checkpoint().offsets()[1]
    assert sum(offsets[topic.name].values()) == 400 and len(offsets[topic.name]) == 3


def open_transaction_holds_back_what_follows(bed):
    topic = bed.topic(1)
    topic.produce(50, "--transaction", "commit")
    topic.produce(50, "--transaction", "open")
    topic.produce(50)  # beside the transaction, and behind its beginning
    committed = bed.job(topic.name, options={"kafka.isolation.level": "read_committed"})
    bed.run(committed)
    must_hold_ids(bed, range(50))
    bed.run(committed)  # nothing new, and no waiting for what is undecided
    assert bed.checkpoint().commits() == [0]
    topic.produce(50, "--transaction", "commit")  # the producer's next one aborts the open one
    bed.run(committed)
    must_hold_ids(bed, [*range(50), *range(100, 200)])
    bed.table().must_hold(topic)
    everything = bed.job(topic.name, table="stream/all", checkpoint="stream/all_ckpt")
    bed.run(everything)
    must_hold_ids(bed, range(200), "stream/all")


def transactions_across_batches(bed):
    """Limits count offsets: batches may hold markers and aborted records alone."""
    topic = bed.topic(2)
    for number in range(6):
        topic.produce(70, "--transaction", "abort" if number % 2 else "commit")
    options = {"kafka.isolation.level": "read_committed", "maxOffsetsPerTrigger": "20"}
    bed.run(bed.job(topic.name, options=options))
    assert bed.table().must_hold(topic)["count"] == 210
    (low, end), _ = topic.tool("watermarks").values()
    assert low == 0 and end > 210  # 3 * 70 of each kind, halved, and a marker for each


def compacted_topic_with_gaps(bed):
    """Offsets that the cleaner took out are no loss, be there few or many in a row."""
    cleaner = {
        "log.cleaner.enable": "true",
        "log.cleaner.threads": 1,
        "log.cleaner.backoff.ms": 100,
        "log.cleaner.dedupe.buffer.size": 16 << 20,
    }
    config = (
        "cleanup.policy=compact",
        "min.cleanable.dirty.ratio=0.01",
        "segment.bytes=1048576",
        "segment.ms=500",
        "min.compaction.lag.ms=0",
        "message.timestamp.type=LogAppendTime",  # segments end by the records' times
    )
    with own_brokers(bed, properties=cleaner) as brokers:
        topic = own_topic(brokers, "compacted", partitions=1, config=config)
        half = bed.job(topic.name, depot="own", options={"maxOffsetsPerTrigger": "1000"})
        topic.lines(*(f"first-{number}\t{number}" for number in range(100)))
        for turn in range(3):
            topic.lines(*(f"again-{number % 10}\t{turn}-{number}" for number in range(20_000)))
            topic.lines(f"turn-{turn}\tend")
        written = 100 + 3 * 20_001

        def cleaned():
            topic.lines("roll\tanother segment")  # the active segment is never cleaned
            return topic.sum()["count"] < 1000

        until(cleaned, "the log to be compacted", 120)
        bed.run(half)
        found = bed.table().must_hold(topic)
        assert found["count"] < 1000
        ((low, end),) = topic.tool("watermarks").values()
        assert low == 0 and end > written
        batches = bed.checkpoint().commits()
        assert len(batches) == -(-end // 1000)  # most of them without a record
        topic.lines("again-1\t\\N", "last\tone")
        bed.run(half)
        found = bed.table().query(
            """SELECT decode(key), value IS NULL FROM t ORDER BY "offset" DESC LIMIT 2"""
        )
        assert found == [("last", False), ("again-1", True)]


def values_of_five_megabytes(bed):
    """And null ones and empty ones beside them, through a small prefetch budget."""
    topic = bed.topic(1)
    topic.delete()
    topic.tool("create", "--partitions", 1, "--config", "max.message.bytes=6000000")
    large = [letter * 5_000_000 for letter in "abcdef"]
    for number, value in enumerate(large):
        topic.lines(f"large-{number}\t{value}", f"gone-{number}\t\\N", "\\N\t", "\t\\N")
    bed.run(bed.job(topic.name, options={"maxOffsetsPerTrigger": "7"}))
    found = bed.table().query(
        """SELECT "offset", decode(key), octet_length(value), md5(value) FROM t
           WHERE octet_length(value) > 0 ORDER BY 1"""
    )
    assert found == [
        (4 * number, f"large-{number}", 5_000_000, hashlib.md5(value.encode()).hexdigest())
        for number, value in enumerate(large)
    ]
    kinds = bed.table().query(
        """SELECT key IS NULL, value IS NULL, octet_length(key), count(*) FROM t
           WHERE coalesce(octet_length(value), 0) = 0 GROUP BY ALL ORDER BY ALL"""
    )
    assert kinds == [(False, True, 0, 6), (False, True, 6, 6), (True, False, None, 6)]
    assert bed.table().rows() == 24
