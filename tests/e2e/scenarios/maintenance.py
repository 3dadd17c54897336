"""`flare maintain` beside jobs, and killed: every row readable, no file missing, none left over."""

import itertools
import json
import pathlib
import re
import signal

from scenarios.fail_points import points_of
from scenarios.sql_catalog import use_sql_catalog

ADDRESS = "dataos://lakehouse:stream/out"
NEWEST = ("--expire-older-than", "0s", "--retain-last", "1")
ENDINGS = ("*.parquet", "*.avro", "*.tmp", ".flare-expired-*")
ORPHANS = ("--remove-orphans", "--older-than", "0s", "--no-writers")


def maintain(bed, *arguments, env=None, expect=0):
    """Runs `flare maintain` to its end; gives what it said as JSON."""
    program = bed.start(ADDRESS, *arguments, "--json", command="maintain", env=env)
    code = program.wait()
    assert code == expect, f"flare maintain ended with {code}, expected {expect}"
    return json.loads(program.output()) if expect == 0 else None


def kill_maintain(bed, point, *arguments):
    maintain(bed, *arguments, env={"FLARE_FAIL_POINTS": point}, expect=-signal.SIGKILL)


def local(uri):
    return pathlib.Path(re.sub("^file:/*", "/", uri))


def needed(table):
    """The files that some snapshot needs, as PyIceberg finds them; they must all be there."""
    read = table.pyiceberg()
    files = set()
    for snapshot in read.snapshots():
        files.add(local(snapshot.manifest_list))
        for manifest in snapshot.manifests(read.io):
            files.add(local(manifest.manifest_path))
            entries = manifest.fetch_manifest_entry(read.io)
            files |= {local(entry.data_file.file_path) for entry in entries}
    missing = [str(path) for path in files if not path.exists()]
    assert not missing, f"files that the table needs are gone: {missing}"
    return files


def left_over(table):
    """Data files, manifests and lists that no snapshot needs."""
    there = {
        path for ending in ENDINGS for path in table.folder.rglob(ending)
    }
    return sorted(str(path) for path in there - needed(table))


def expiry_points():
    return [name for name in points_of("maintenance") if not name.endswith("orphan")]


def small_batches(bed, topic, limit, name="job", checkpoint="stream/ckpt", **options):
    return bed.job(
        topic.name,
        name=name,
        checkpoint=checkpoint,
        options={"maxOffsetsPerTrigger": str(limit)},
        output={
            "iceberg": {
                "properties": {
                    "commit.manifest.min-count-to-merge": "5",
                    "commit.retry.min-wait-ms": "5",
                    "write.metadata.delete-after-commit.enabled": "true",
                    "write.metadata.previous-versions-max": "5",
                }
            }
        },
        **options,
    )


def beside_a_running_job(bed):
    """Again and again while small batches are committed, now and then killed: nothing is lost, nothing missing."""
    topic = bed.topic(2, 12_000)
    program = bed.start(small_batches(bed, topic, 100, trigger="ProcessingTime", duration="1 ms"))
    program.until_batches(2)
    expired = 0
    points = [f"{name}=kill@{visit}" for name in expiry_points() for visit in (1, 2)]
    for number in itertools.count():
        if sum(one["numInputRows"] for one in program.batches()) >= 12_000:
            break
        assert program.running(), "the job ended"
        if number % 3 == 2:
            point = points[number // 3 % len(points)]
            killed = bed.start(
                ADDRESS, *NEWEST, command="maintain", env={"FLARE_FAIL_POINTS": point}
            )
            assert killed.wait() in (0, -signal.SIGKILL)
        else:
            found = maintain(bed, *NEWEST, "--remove-orphans", "--older-than", "1h")
            assert found["expired"]["failed"] == found["orphans"]["deleted"] == 0
            expired += found["expired"]["snapshots"]
    program.interrupt()
    assert expired > 5, f"only {expired} snapshots were expired while the job ran"
    table = bed.table()
    table.must_hold(topic)
    maintain(bed, *NEWEST, *ORPHANS)
    assert len(table.snapshots()) == 1
    table.must_hold(topic)
    assert left_over(table) == []


def beside_two_jobs_without_a_crash(bed):
    """Two jobs commit to one table and two maintainers expire: nothing is left over, even without orphan removal."""
    topic = bed.topic(2, 3000)
    jobs = [
        bed.start(small_batches(bed, topic, 100, f"job{number}", f"stream/c{number}"))
        for number in range(2)
    ]
    jobs[0].until_batches(1)
    while any(job.running() for job in jobs):
        both = [bed.start(ADDRESS, *NEWEST, command="maintain") for _ in range(2)]
        assert [one.wait() for one in both] == [0, 0]
    assert [job.wait() for job in jobs] == [0, 0]
    maintain(bed, *NEWEST)
    found = bed.table().totals()
    assert (found["count"], found["distinct"]) == (6000, 3000)
    assert left_over(bed.table()) == []


def killed_at_each_of_its_fail_points(bed):
    """Whoever comes next finishes what a killed expiry left: the next maintenance, whatever it is asked for, and the next
    batch of a job that starts. Nobody removes orphans."""
    topic = bed.topic(2, 100)
    manifest = small_batches(bed, topic, 50)
    bed.run(manifest)
    table = bed.table()
    points = (*expiry_points(), "lake.before_metadata_swap", "lake.after_metadata_swap")
    visits = [(point, visit) for point in points for visit in ((1, 2) if point.endswith("file") else (1,))]
    for point, visit in visits:
        for batch in (True, False):
            topic.produce(150)
            bed.run(manifest)
            kill_maintain(bed, f"{point}=kill@{visit}", *NEWEST)
            table.must_hold(topic)
            needed(table)
            if batch:
                topic.produce(50)
                bed.run(manifest)
            else:
                maintain(bed)
            left = left_over(table)
            assert left == [], f"after {point} at visit {visit}, batch {batch}: {left}"
            table.must_hold(topic)
    maintain(bed, *NEWEST)
    assert len(table.snapshots()) == 1 and left_over(table) == []


def killed_while_removing_orphans(bed):
    topic = bed.topic(2, 100)
    manifest = small_batches(bed, topic, 50)
    bed.run(manifest)
    table = bed.table()
    for point in ("lake.before_orphan", "lake.after_orphan"):
        for number in range(3):
            (table.folder / "data" / f"stray{number}.parquet").write_text("named by nobody")
        kill_maintain(bed, f"{point}=kill@2", *NEWEST, *ORPHANS)
        table.must_hold(topic)
        needed(table)
        maintain(bed, *NEWEST, *ORPHANS)
        assert left_over(table) == [], f"after {point}"
    bed.run(manifest)
    table.must_hold(topic)


def died_attempts_are_gone_before_their_snapshots(bed):
    """Once the snapshot of a batch is expired, nothing can tell what died attempts at it left. A run that could not clean
    up committed that batch and the next."""
    topic = bed.topic(2, 100)
    manifest = small_batches(bed, topic, 50)
    died = bed.start(manifest, env={"FLARE_FAIL_POINTS": "lake.after_manifest_list=kill"})
    assert died.wait() == -signal.SIGKILL
    bed.start(manifest, env={"FLARE_FAIL_POINTS": "lake.before_cleanup=fail"}).wait()
    table = bed.table()
    assert len(table.snapshots()) > 1 and left_over(table) != []
    maintain(bed, *NEWEST)
    assert len(table.snapshots()) == 1 and left_over(table) == []
    table.must_hold(topic)


def a_half_done_batch_is_recognised_after_expiry(bed):
    """The batch is in the table and not in the checkpoint; others commit; all that may be expired is."""
    topic = bed.topic(2, 600)
    manifest = small_batches(bed, topic, 200)
    code = bed.start(manifest, env={"FLARE_FAIL_POINTS": "checkpoint.before_commits=kill@2"}).wait()
    assert code == -signal.SIGKILL
    assert bed.checkpoint().commits() == [0]
    query = bed.checkpoint().query_id()
    other = bed.topic(1, 300)
    bed.run(small_batches(bed, other, 100, "other", "stream/other"))
    found = maintain(bed, *NEWEST, *ORPHANS)
    assert [one["query"] for one in found["expired"]["heldBack"]] == [query]
    epochs = [
        one["spark.sql.streaming.epochId"]
        for one in bed.table().snapshots()
        if one["spark.sql.streaming.queryId"] == query
    ]
    assert epochs == ["1"], f"of the half-done query the batches {epochs} are left"
    bed.run(manifest)
    assert bed.checkpoint().commits() == [0, 1, 2]
    bed.table().must_hold(topic, other)


def a_half_done_batch_after_its_query_was_forgotten(bed):
    """Even without its snapshot the table's mark of the query tells that the batch is there."""
    topic = bed.topic(2, 400)
    manifest = small_batches(bed, topic, 200)
    code = bed.start(manifest, env={"FLARE_FAIL_POINTS": "checkpoint.before_commits=kill@2"}).wait()
    assert code == -signal.SIGKILL
    other = bed.topic(1, 300)
    bed.run(small_batches(bed, other, 100, "other", "stream/other"))
    maintain(bed, *NEWEST, "--forget-query", bed.checkpoint().query_id())
    assert len(bed.table().snapshots()) == 1
    bed.run(manifest)
    bed.table().must_hold(topic, other)


def a_table_of_a_sql_catalog(bed):
    """Beside a running job, with PyIceberg committing as well; then nothing is left over."""
    table = use_sql_catalog(bed)
    topic = bed.topic(2, 4000)
    program = bed.start(small_batches(bed, topic, 100))
    program.until_batches(1)
    while program.running():
        maintain(bed, *NEWEST)
    assert program.wait() == 0
    table.must_hold(topic)
    rows = table.pyiceberg().scan(limit=1).to_arrow()
    table.pyiceberg().append(rows)
    kill_maintain(bed, "lake.after_expire=kill", *NEWEST)
    maintain(bed, *NEWEST, *ORPHANS)
    assert table.rows() == 4001
    folder = table.metadata_file().parent.parent
    left = {path for ending in ("*.parquet", "*.avro") for path in folder.rglob(ending)} - needed(table)
    assert not left, f"nothing needs {sorted(map(str, left))}"
    topic.produce(100)
    bed.run(small_batches(bed, topic, 100))
    assert table.rows() == 4101


def metadata_and_files_shrink(bed):
    """Overwriting batches leave data files behind; expiry deletes them, and the metadata are small again."""
    topic = bed.topic(1, 4000)
    manifest = bed.job(
        topic.name,
        options={"maxOffsetsPerTrigger": "100"},
        output={"saveMode": "overwrite"},
        streaming={"forEachBatchMode": True},
    )
    bed.run(manifest)
    table = bed.table()
    before = table.metadata_file().stat().st_size
    planned = maintain(bed, *NEWEST, "--dry-run")
    assert len(planned["expired"]["paths"]) > 3 * 39 and len(table.snapshots()) == 40
    done = maintain(bed, *NEWEST)
    assert done["expired"]["dataFiles"] == 39 and done["expired"]["snapshots"] == 39
    after = table.metadata_file().stat().st_size
    assert after * 5 < before, f"the metadata had {before} bytes and have {after}"
    assert len(list(table.folder.rglob("*.parquet"))) == 1
    assert table.rows() == 100 and left_over(table) == []


def says_what_is_wrong(bed):
    topic = bed.topic(1, 10)
    missing = "dataos://lakehouse:stream/none"
    bed.refused(missing, command="maintain", says=["there is no table", "stream/none"])
    bed.refused("dataos://nodepot:a/b", command="maintain", says=["nodepot"])
    young = ("--remove-orphans", "--older-than", "1m")
    bed.refused(ADDRESS, *young, command="maintain", says=["--no-writers"])
    properties = {"iceberg": {"properties": {"gc.enabled": "false"}}}
    bed.run(bed.job(topic.name, output=properties))
    bed.refused(ADDRESS, *NEWEST, command="maintain", says=["gc.enabled is false"])
