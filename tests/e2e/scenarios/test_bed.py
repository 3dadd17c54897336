"""The test bed itself: what it says about topics and brokers is true."""

import json
import os
import pathlib
import subprocess

from bed import ROOT
from program import until


def what_was_sent_is_found(bed):
    topic = bed.topic(3)
    sent = topic.produce(10_001)
    found = topic.sum()
    assert {key: sent[key] for key in ("count", "id_sum", "value_bytes")} == {
        key: found[key] for key in ("count", "id_sum", "value_bytes")
    }
    assert sent["id_sum"] == 10_001 * 10_000 // 2
    assert topic.tool("watermarks") == {"0": [0, 3334], "1": [0, 3334], "2": [0, 3333]}
    topic.tool("delete-records", "--partition", 1, "--before", 34)
    assert topic.sum()["count"] == 10_001 - 34


def only_committed_records_count(bed):
    topic = bed.topic(1)
    topic.produce(10, "--transaction", "abort")
    topic.produce(20, "--transaction", "commit")
    assert topic.sum()["count"] == 20


def a_broker_ends_with_its_owner(bed):
    environment = {**os.environ, "FLARE_BROKER_DIR": str(bed.folder / "own")}
    owner = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    subprocess.run(
        [ROOT / "tests/bed/broker", "start", "--owner", str(owner.pid)],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    keeper = json.loads((bed.folder / "own" / "broker.json").read_text())["pid"]
    owner.kill()
    owner.wait()
    until(lambda: not pathlib.Path(f"/proc/{keeper}").exists(), "the broker to end")
    assert not (bed.folder / "own").exists()
