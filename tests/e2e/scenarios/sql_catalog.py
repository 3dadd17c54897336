"""Tables of a SQL catalog in a SQLite file, shared with PyIceberg."""

import json
import re
import signal
import sqlite3

import pyarrow
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchTableError
from table import Table

# As Java makes it unless told otherwise: without a column for the kind of a row.
OLD_LAYOUT = """
    CREATE TABLE iceberg_tables (catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL,
        table_name VARCHAR(255) NOT NULL, metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000),
        PRIMARY KEY (catalog_name, table_namespace, table_name));
    CREATE TABLE iceberg_namespace_properties (catalog_name VARCHAR(255) NOT NULL, namespace VARCHAR(255) NOT NULL,
        property_key VARCHAR(255) NOT NULL, property_value VARCHAR(1000),
        PRIMARY KEY (catalog_name, namespace, property_key));
"""
SWAP = (
    "lake.before_metadata_file",
    "lake.before_catalog_swap",
    "lake.during_catalog_swap",
    "lake.after_catalog_swap",
)


class CatalogTable(Table):
    """A table that a row names, read through PyIceberg's catalog."""

    def __init__(self, database, warehouse, name="stream.out", catalog="lake"):
        super().__init__(warehouse)
        self.database, self.name, self._catalog = database, name, catalog

    def catalog(self, name=None):
        return SqlCatalog(
            name or self._catalog, uri=f"sqlite:///{self.database}", warehouse=f"file://{self.folder}"
        )

    def pyiceberg(self):
        return self.catalog().load_table(self.name)

    def exists(self):
        return self.database.exists() and self.catalog().table_exists(self.name)

    def metadata_file(self):
        location = self.pyiceberg().metadata_location
        return type(self.folder)(location.removeprefix("file://").removeprefix("file:"))


def use_sql_catalog(bed, **spec):
    """Puts the tables of the lakehouse into a SQL catalog named lake; gives the table that jobs write."""
    database = bed.lakehouse / "catalog.db"
    depot = {
        "type": "FILE",
        "source": "lake",
        "spec": {
            "path": str(bed.lakehouse),
            "format": "ICEBERG",
            "icebergCatalogType": "JDBC",
            "metastoreUrl": f"jdbc:sqlite:{database}",
            **spec,
        },
    }
    resource = {"name": "lakehouse", "version": "v1", "type": "depot", "depot": depot}
    (bed.resources / "lakehouse.yaml").write_text(json.dumps(resource, indent=1))
    return CatalogTable(database, bed.lakehouse)


def _shares(bed, table):
    topic = bed.topic(4, records=3000)
    manifest = bed.job(topic.name)
    bed.run(manifest)
    table.must_hold(topic)

    first = table.pyiceberg().scan(limit=1).to_arrow()
    place = first.schema.get_field_index("topic")
    extra = first.set_column(place, first.schema.field(place), pyarrow.array(["by hand"]))
    table.pyiceberg().append(extra)
    assert table.rows() == 3001

    topic.produce(2000)
    bed.run(manifest)
    assert table.rows() == 5001
    assert table.query("SELECT count(*) FROM t WHERE topic = 'by hand'") == [(1,)]
    ((rows, distinct),) = table.query(
        'SELECT count(*), count(DISTINCT (partition, "offset")) FROM t WHERE topic <> \'by hand\''
    )
    assert (rows, distinct) == (5000, 5000)

    query = bed.start(
        "SELECT count(*) AS n FROM `dataos://lakehouse:stream/out`", command="query"
    )
    assert query.wait() == 0
    query.must_say("5,?001")
    lint = bed.start(manifest, command="lint")
    assert lint.wait() == 0
    lint.must_say(r"table stream\.out of the catalog lake in .*catalog\.db")


def pyiceberg_shares_the_table(bed):
    table = use_sql_catalog(bed)
    _shares(bed, table)
    stranger = table.catalog("pond")
    assert stranger.list_namespaces() == []
    try:
        stranger.load_table("stream.out")
    except NoSuchTableError:
        return
    raise AssertionError("a catalog of another name sees the table")


def the_old_layout_is_shared_too(bed):
    table = use_sql_catalog(bed)
    bed.lakehouse.mkdir()
    with sqlite3.connect(table.database) as connection:
        connection.executescript(OLD_LAYOUT)
    connection.close()
    _shares(bed, table)


def a_table_of_pyiceberg_is_written_to(bed):
    """Its metadata, its folder and its names are PyIceberg's."""
    other = use_sql_catalog(bed)
    bed.lakehouse.mkdir()
    catalog = other.catalog()
    catalog.create_namespace("stream")
    schema = pyarrow.schema([("topic", pyarrow.string()), ("offset", pyarrow.int64())])
    catalog.create_table("stream.out", schema).append(
        pyarrow.table({"topic": ["by hand"], "offset": [1]}, schema=schema)
    )
    topic = bed.topic(2, records=1000)
    bed.run(bed.job(topic.name, sql="SELECT topic, offset FROM input"))
    assert other.rows() == 1001


def kills_around_the_swap(bed):
    table = use_sql_catalog(bed)
    topic = bed.topic(2, records=500)
    manifest = bed.job(topic.name)
    for point in SWAP:  # the first also while the table is made
        code = bed.start(manifest, env={"FLARE_FAIL_POINTS": f"{point}=kill"}).wait(60)
        assert code == -signal.SIGKILL, f"{point} did not kill flare, it ended with {code}"
        bed.run(manifest)
        table.must_hold(topic)
        topic.produce(500)
    bed.run(manifest)
    table.must_hold(topic)


def a_lost_reply_is_looked_up(bed):
    table = use_sql_catalog(bed)
    topic = bed.topic(2, records=2000)
    manifest = bed.job(topic.name, options={"maxOffsetsPerTrigger": "500"})
    bed.run(manifest, env={"FLARE_FAIL_POINTS": "lake.after_catalog_swap=fail"})
    table.must_hold(topic)
    assert len(table.snapshots()) == 4


def a_locked_catalog_ends_a_bounded_run(bed):
    """And the run after it writes what was left."""
    table = use_sql_catalog(bed)
    topic = bed.topic(2, records=500)
    manifest = bed.job(topic.name)
    bed.run(manifest)
    topic.produce(500)
    holder = sqlite3.connect(table.database)
    holder.execute("BEGIN IMMEDIATE")
    bed.refused(manifest, says=("locked by another program",))
    holder.rollback()
    holder.close()
    bed.run(manifest)
    table.must_hold(topic)


def an_endless_job_waits_for_a_locked_catalog(bed):
    """While it runs, and while it opens its table; a second lock is told again."""
    table = use_sql_catalog(bed)
    topic = bed.topic(2, records=500)
    manifest = bed.job(topic.name, trigger="ProcessingTime", duration="100 milliseconds")
    said = r"(?s)catalog\.db is locked by another program .{,999}?trying again until it works or the job is stopped"

    def rows():
        return table.pyiceberg().scan().count()

    program = bed.start(manifest)
    program.until(lambda: table.exists() and rows() == 500, "the first records")
    holder = sqlite3.connect(table.database)
    holder.execute("BEGIN IMMEDIATE")  # others may read: the commit is what is refused
    topic.produce(500)
    program.until(lambda: re.search(said, program.output()), "a word about the lock")
    holder.rollback()
    program.until(lambda: rows() == 1000, "the records behind the lock")
    program.interrupt()

    holder.execute("BEGIN EXCLUSIVE")
    topic.produce(500)
    program = bed.start(manifest)
    program.until(lambda: re.search(said, program.output()), "a word about the lock")
    holder.rollback()
    holder.close()
    program.until(lambda: rows() == 1500, "the records of the second run")
    program.interrupt()
    assert len(re.findall(said, program.output())) == 1
    program.must_say("within reach again")
    table.must_hold(topic)
    leftovers = {path.name for path in table.folder.rglob("*.metadata.json")}
    logged = {entry.metadata_file.rsplit("/", 1)[1] for entry in table.pyiceberg().metadata.metadata_log}
    assert leftovers == logged | {table.metadata_file().name}


def another_catalog_type_is_refused_at_its_line(bed):
    use_sql_catalog(bed, icebergCatalogType="HIVE", metastoreUrl="thrift://nowhere:9083")
    topic = bed.topic(1, records=1)
    manifest = bed.job(topic.name)
    bed.refused(
        manifest, command="lint", says=(r"lakehouse\.yaml:\d+:\d+: error", "HIVE", "JDBC")
    )
    bed.refused(manifest, says=("HIVE",))
