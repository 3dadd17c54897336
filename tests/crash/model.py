"""What must hold of a checkpoint and a table after any number of kills, told from the topic and the offset log."""

import json

from table_files import TableFiles


class Wrong(AssertionError):
    """Something that must hold does not, with how many records and files it concerns."""

    def __init__(self, text, lost=0, doubled=0, orphans=0):
        super().__init__(text)
        self.lost = lost
        self.doubled = doubled
        self.orphans = orphans


def compare_ranges(found, expected):
    """Compares offset ranges with one expected range [first, end): the offsets that are lost, doubled and foreign, each
    as ranges."""
    first, end = expected
    lost, doubled, foreign = [], [], []
    at = first
    for begin, stop in sorted(found):
        if begin < first or stop > end:
            foreign.append((begin, stop))
        if begin > at:
            lost.append((at, begin))
        elif begin < at:
            doubled.append((begin, min(at, stop)))
        at = max(at, stop)
    if at < end:
        lost.append((at, end))
    return lost, doubled, foreign


def _count(ranges):
    return sum(end - begin for begin, end in ranges)


class Model:
    """Of one table and the jobs that write to it, each with a checkpoint and a topic of its own."""

    def __init__(self, table, folder):
        self.files = TableFiles(table, folder)

    def check(self, jobs, others=()):
        """Every job has ended cleanly after a batch. `jobs` are pairs (topic name, Checkpoint); `others` are topics
        whose rows somebody else wrote, each with the range per partition that is expected of it."""
        self.files.read()
        expected = {}
        for topic, checkpoint in jobs:
            ends = self._check_checkpoint(topic, checkpoint)
            expected.update({(topic, partition): (0, end) for partition, end in ends.items()})
        expected.update(others)
        self._check_rows(expected)
        self._check_files()

    def _check_checkpoint(self, topic, checkpoint):
        """The log's ends; contiguous logs, ranges that chain, each batch in the table once and over that range."""
        offsets = {batch: one[topic] for batch, one in checkpoint.offsets().items()}
        commits = checkpoint.commits()
        batches = sorted(offsets)
        where = f"checkpoint {checkpoint.folder}"
        if not batches:
            raise Wrong(f"{where} has no batch")
        if batches != list(range(batches[0], batches[-1] + 1)):
            raise Wrong(f"{where}: offsets are not contiguous: {batches}")
        if commits != batches[-len(commits) :] or (batches[0] == 0 and commits != batches):
            raise Wrong(f"{where}: commits {commits} do not match offsets {batches}")
        if batches[0] > 0 and batches[-1] - batches[0] < 100:
            raise Wrong(f"{where}: only batches {batches[0]} to {batches[-1]} were kept")
        for batch in batches[1:]:
            before, after = offsets[batch - 1], offsets[batch]
            if any(after.get(partition, -1) < end for partition, end in before.items()):
                raise Wrong(
                    f"{where}: batch {batch} ends at {after}, before batch {batch - 1} at {before}"
                )
        left = [path for path in checkpoint.folder.rglob("*") if ".tmp" in path.name]
        if left:
            raise Wrong(f"{where} has temporary files: {list(map(str, left))}", orphans=len(left))
        self._check_epochs(topic, checkpoint.query_id(), offsets)
        return {int(partition): end for partition, end in offsets[batches[-1]].items()}

    def _check_epochs(self, topic, query_id, offsets):
        found = {}
        for snapshot in self.files.snapshots():
            summary = snapshot["summary"]
            if summary.get("spark.sql.streaming.queryId") != query_id:
                continue
            epoch = int(summary["spark.sql.streaming.epochId"])
            if epoch in found:
                raise Wrong(f"batch {epoch} of query {query_id} is in the table twice")
            found[epoch] = summary
        epochs = list(found)
        last = max(offsets)
        expired = self.files.metadata["last-sequence-number"] > len(self.files.snapshots())
        if epochs != list(range(epochs[0] if expired and epochs else 0, last + 1)):
            raise Wrong(f"query {query_id} has batches 0 to {last}, but the table has {epochs}")
        for epoch, summary in found.items():
            if epoch not in offsets or "flare.end-offsets" not in summary:
                continue
            start, end = (json.loads(summary[f"flare.{side}-offsets"]) for side in ("start", "end"))
            if end != [{topic: offsets[epoch]}]:
                raise Wrong(f"batch {epoch}: logged {offsets[epoch]}, the table has {end}")
            if epoch - 1 in offsets and start != [{topic: offsets[epoch - 1]}]:
                raise Wrong(f"batch {epoch} starts at {start}, after {offsets[epoch - 1]}")

    def _check_rows(self, expected):
        found = self.files.ranges()
        text, lost_rows, doubled_rows = [], 0, 0
        for key in sorted(expected.keys() | found.keys()):
            if key not in expected:
                text.append(f"rows of {key}, which nobody wrote")
                doubled_rows += _count(found[key])
                continue
            lost, doubled, foreign = compare_ranges(found.get(key, []), expected[key])
            lost_rows += _count(lost)
            doubled_rows += _count(doubled) + _count(foreign)
            for what, ranges in (("lost", lost), ("doubled", doubled), ("not expected", foreign)):
                if ranges:
                    text.append(f"{key}: {what} are offsets {ranges[:3]} of {expected[key]}")
        if text:
            raise Wrong("\n".join(text), lost_rows, doubled_rows)

    def _check_files(self):
        missing = self.files.missing()
        if missing:
            raise Wrong(f"{len(missing)} files that a snapshot needs are gone: {missing[:6]}")
        orphans = self.files.orphans()
        if orphans:
            listed = "\n  ".join(orphans[:6])
            raise Wrong(
                f"{len(orphans)} files that no snapshot names:\n  {listed}", orphans=len(orphans)
            )
