"""How topics are followed: several of them, patterns, new partitions, transactions, login, odd records."""


def several_topics(bed):
    first, second = bed.topic(2, 1000), bed.topic(3, 500)
    bed.run(bed.job(f"{first.name}", options={"subscribe": f"{first.name},{second.name}"}))
    bed.table().must_hold(first, second)
    (offsets,) = bed.checkpoint().offsets().values()
    assert offsets == {
        first.name: {"0": 500, "1": 500},
        second.name: {"0": 167, "1": 167, "2": 166},
    }


def pattern_finds_a_topic_created_while_running(bed):
    first = bed.topic(1, 100)
    prefix = first.name[:-1]
    program = bed.start(
        bed.job(
            first.name,
            trigger="ProcessingTime",
            duration="1 second",
            options={"subscribePattern": f"{prefix}.*"},
        )
    )
    program.until_batches(1)
    second = bed.topic(2, 60, name=f"{prefix}-new")
    program.until(
        lambda: sum(one["numInputRows"] for one in program.batches()) >= 160,
        "the new topic's records",
    )
    program.interrupt()
    bed.table().must_hold(first, second)


def partitions_added_while_running(bed):
    topic = bed.topic(1, 100)
    program = bed.start(bed.job(topic.name, trigger="ProcessingTime", duration="1 second"))
    program.until_batches(1)
    topic.tool("grow", "--partitions", 3)
    topic.produce(300)
    program.until(
        lambda: sum(one["numInputRows"] for one in program.batches()) >= 400,
        "the new partitions' records",
    )
    program.interrupt()
    bed.table().must_hold(topic)


def aborted_transactions_are_not_read(bed):
    topic = bed.topic(2)
    topic.produce(100, "--transaction", "commit")
    topic.produce(100, "--transaction", "abort")
    topic.produce(100, "--transaction", "commit")
    topic.produce(100, "--transaction", "abort")
    options = {"kafka.isolation.level": "read_committed"}
    bed.run(bed.job(topic.name, options=options))
    assert bed.table().must_hold(topic)["count"] == 200
    everything = bed.job(topic.name, table="stream/all", checkpoint="stream/all_ckpt")
    bed.run(everything)  # as on Spark, the default reads aborted records too
    assert bed.table("stream/all").rows() == 400


def only_aborted_records(bed):
    topic = bed.topic(1)
    topic.produce(50, "--transaction", "abort")
    manifest = bed.job(topic.name, options={"kafka.isolation.level": "read_committed"})
    bed.run(manifest, seconds=30)
    topic.produce(10)
    bed.run(manifest, seconds=30)
    bed.table().must_hold(topic)


def login_with_sasl_plain(bed):
    topic = bed.topic(1, 200)
    login = (
        'org.apache.kafka.common.security.plain.PlainLoginModule required username="tester" '
        'password="tester-secret";'
    )
    options = {
        "kafka.security.protocol": "SASL_PLAINTEXT",
        "kafka.sasl.mechanism": "PLAIN",
        "kafka.sasl.jaas.config": login,
    }
    bed.depot("sasl", bed.sasl_bootstrap)
    bed.run(bed.job(topic.name, depot="sasl", options=options))
    bed.table().must_hold(topic)
    options["kafka.sasl.jaas.config"] = login.replace("tester-secret", "not-the-word")
    refused = bed.refused(
        bed.job(topic.name, depot="sasl", checkpoint="stream/c2", options=options),
        says=["authentication"],
    )
    assert "not-the-word" not in refused.output()


def login_from_a_depots_secret(bed):
    topic = bed.topic(1, 200)
    bed.depot(
        "sasl",
        bed.sasl_bootstrap,
        secret={
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "PLAIN",
            "username": "tester",
            "password": "tester-secret",
        },
    )
    program = bed.run(bed.job(topic.name, depot="sasl"), "--log-level", "DEBUG")
    bed.table().must_hold(topic)
    assert "tester-secret" not in program.output()


def odd_keys_and_values(bed):
    """Null and empty keys and values, zero bytes, broken UTF-8, a large value: bytes come through as they are."""
    topic = bed.topic(1)
    large = "x" * 700_000
    topic.lines(
        r"\N" "\t" "no key",
        "tombstone\t" r"\N",
        "\t",
        r"zero\x00byte" "\t" r"\xff\xfe\x00",
        f"large\t{large}",
    )
    bed.run(
        bed.job(
            topic.name,
            sql="SELECT *, CAST(key AS STRING) AS k, CAST(value AS STRING) AS v FROM input",
        )
    )
    found = bed.table().query(
        'SELECT "offset", CAST(key AS BLOB), CAST(value AS BLOB), k, v FROM t ORDER BY 1'
    )
    assert found[0][1:] == (None, b"no key", None, "no key")
    assert found[1][1:] == (b"tombstone", None, "tombstone", None)
    assert found[2][1:] == (b"", b"", "", "")
    assert found[3][1:4] == (b"zero\x00byte", b"\xff\xfe\x00", "zero\x00byte")
    assert found[3][4] == "\ufffd\ufffd\x00"  # what is not UTF-8 is replaced in strings
    assert found[4][1:] == (b"large", large.encode(), "large", large)
    assert bed.table().rows() == 5


def record_times_and_columns(bed):
    topic = bed.topic(2, 10)
    bed.run(bed.job(topic.name))
    table = bed.table()
    names = [field.name for field in table.pyiceberg().schema().fields]
    assert names == ["key", "value", "topic", "partition", "offset", "timestamp", "timestampType"]
    found = table.query(
        """SELECT partition, "offset", epoch_ms(timestamp), "timestampType", topic FROM t ORDER BY 1, 2"""
    )
    first = 1_704_067_200_000
    assert found == [
        (one % 2, one // 2, first + one, 0, topic.name)
        for one in sorted(range(10), key=lambda n: (n % 2, n))
    ]


def compressed_topics(bed):
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        topic = bed.topic(1)
        topic.produce(500, "--codec", codec)
        bed.run(bed.job(topic.name, table=f"stream/{codec}", checkpoint=f"stream/{codec}_ckpt"))
        bed.table(f"stream/{codec}").must_hold(topic)


def sql_over_json_values(bed):
    topic = bed.topic(2)
    made = topic.produce(2000)
    sql = """SELECT CAST(get_json_object(v, '$.id') AS BIGINT) AS id, parsed.user, upper(parsed.type) AS kind,
                    parsed.amount, parsed.item.sku, date_format(timestamp, 'yyyy-MM-dd') AS day, `offset`
             FROM (SELECT CAST(value AS STRING) AS v, timestamp, `offset`,
                          from_json(CAST(value AS STRING),
                                    'id BIGINT, user STRING, type STRING, amount DECIMAL(10,2), item STRUCT<sku: STRING>')
                            AS parsed FROM input)"""
    bed.run(bed.job(topic.name, sql=sql))
    (found,) = bed.table().query(
        "SELECT count(*), sum(id)::BIGINT, (sum(amount) * 100)::BIGINT, min(day), max(length(sku)) FROM t"
    )
    assert found == (2000, made["id_sum"], made["amount_cents"], "2024-01-01", 7)
