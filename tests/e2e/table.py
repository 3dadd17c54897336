"""An Iceberg table of a directory catalog, read by PyIceberg and by DuckDB; the two must agree."""

import functools
import importlib.resources
import pathlib

import duckdb
import pyarrow
import pyarrow.compute as compute
from pyiceberg.table import StaticTable


@functools.cache
def duckdb_connection():
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    for name in ("avro", "iceberg"):
        files = pathlib.Path(str(importlib.resources.files(f"duckdb_extension_{name}")))
        connection.execute(f"LOAD '{next(files.glob('extensions/*/*.duckdb_extension'))}'")
    return connection


class Table:
    def __init__(self, folder):
        self.folder = folder

    def exists(self):
        return bool(self._versions())

    def _versions(self):
        files = (self.folder / "metadata").glob("v*.metadata.json")
        return {int(path.name[1:].split(".")[0]): path for path in files}

    def metadata_file(self):
        """The newest metadata file; as Java does, the hint is only where to begin looking."""
        versions = self._versions()
        assert versions, f"{self.folder} holds no table"
        return versions[max(versions)]

    def pyiceberg(self):
        return StaticTable.from_metadata(str(self.metadata_file()))

    def snapshots(self):
        """The summaries of all snapshots, oldest first."""
        return [
            dict(one.summary.additional_properties, operation=one.summary.operation.value)
            for one in self.pyiceberg().snapshots()
        ]

    def properties(self):
        return self.pyiceberg().properties

    def query(self, sql):
        """Rows of a DuckDB query over the table, named `t` in it."""
        path = self.metadata_file()
        codec = (
            ", metadata_compression_codec = 'gzip'"
            if path.name.endswith(".gz.metadata.json")
            else ""
        )
        return (
            duckdb_connection()
            .execute(f"WITH t AS (SELECT * FROM iceberg_scan('{path}'{codec})) {sql}")
            .fetchall()
        )

    def rows(self):
        """The number of rows, by both readers."""
        ((by_duckdb,),) = self.query("SELECT count(*) FROM t")
        by_pyiceberg = self.pyiceberg().scan().count()
        assert by_duckdb == by_pyiceberg, f"DuckDB reads {by_duckdb} rows, PyIceberg {by_pyiceberg}"
        return by_duckdb

    def totals(self):
        """count, distinct records, sums of offsets, ids and value lengths, by both readers.
        For tables with Kafka's columns; the ids are those of the generated events."""
        is_text = str(self.pyiceberg().schema().find_field("value").field_type) == "string"
        text, size = (
            ("value", "strlen(value)") if is_text else ("decode(value)", "octet_length(value)")
        )
        found = self.query(f"""
            SELECT count(*), count(DISTINCT (topic, partition, "offset")), coalesce(sum("offset"), 0)::BIGINT,
                   coalesce(sum(TRY_CAST(regexp_extract({text}, '^."id":([0-9]+)', 1) AS BIGINT)), 0)::BIGINT,
                   coalesce(sum({size}), 0)::BIGINT
            FROM t""")[0]
        by_duckdb = dict(zip(("count", "distinct", "offset_sum", "id_sum", "value_bytes"), found))
        by_pyiceberg = self._totals_by_pyiceberg()
        assert by_duckdb == by_pyiceberg, f"DuckDB reads {by_duckdb}, PyIceberg {by_pyiceberg}"
        return by_duckdb

    def _totals_by_pyiceberg(self):
        totals = {"count": 0, "distinct": 0, "offset_sum": 0, "id_sum": 0, "value_bytes": 0}
        keys = []
        for batch in (
            self.pyiceberg()
            .scan(selected_fields=("topic", "partition", "offset", "value"))
            .to_arrow_batch_reader()
        ):
            text = compute.cast(batch["value"], "string")
            ids = compute.struct_field(compute.extract_regex(text, r'^\{"id":(?P<id>[0-9]+)'), "id")
            totals["count"] += batch.num_rows
            totals["offset_sum"] += compute.sum(batch["offset"]).as_py() or 0
            totals["id_sum"] += compute.sum(compute.cast(ids, "int64")).as_py() or 0
            totals["value_bytes"] += compute.sum(compute.binary_length(batch["value"])).as_py() or 0
            keys.append(batch.select(["topic", "partition", "offset"]))
        if keys:
            columns = ["topic", "partition", "offset"]
            totals["distinct"] = (
                pyarrow.Table.from_batches(keys).group_by(columns).aggregate([]).num_rows
            )
        return totals

    def must_hold(self, topic, *more):
        """The table holds each record of the topics once and nothing else, as a consumer reads them now."""
        expected = {"count": 0, "offset_sum": 0, "id_sum": 0, "value_bytes": 0}
        for one in (topic, *more):
            for key, value in one.sum().items():
                if key in expected:
                    expected[key] += value
        expected["distinct"] = expected["count"]
        found = self.totals()
        assert found == expected, f"the table holds {found}, the topic {expected}"
        return found
