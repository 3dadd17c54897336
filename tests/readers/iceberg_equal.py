#!/usr/bin/env python3
"""Reads Iceberg tables with PyIceberg and with DuckDB and compares what they see.

    iceberg_equal.py FOLDER...      prints one JSON line a table: rows and a digest of every column; exits 1
                                    where the readers differ, or a bound would hide a row

Needs pyiceberg, duckdb and pyarrow; the DuckDB packages duckdb-extension-iceberg and -avro, where installed,
read the table's metadata too (otherwise DuckDB reads the files that PyIceberg plans).
"""
import importlib.util
import json
import pathlib
import sys

import duckdb
import pyarrow as pa
from pyiceberg.conversions import from_bytes
from pyiceberg.expressions import AlwaysTrue
from pyiceberg.table import StaticTable


def metadata_file(folder):
    version = int((folder / "metadata" / "version-hint.text").read_text())
    while True:
        found = [folder / "metadata" / f"v{version + 1}{suffix}" for suffix in (".metadata.json", ".gz.metadata.json")]
        if not any(path.exists() for path in found):
            break
        version += 1
    for suffix in (".metadata.json", ".gz.metadata.json"):
        path = folder / "metadata" / f"v{version}{suffix}"
        if path.exists():
            return path
    raise SystemExit(f"{folder}: no metadata file of version {version}")


def canonical(value):
    if isinstance(value, dict):
        return {key: canonical(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [canonical(inner) for inner in value]
    if isinstance(value, tuple):
        return [canonical(inner) for inner in value]
    if isinstance(value, float) and value != value:
        return "NaN"
    if isinstance(value, memoryview):
        return bytes(value)
    return value


def values_of(column):
    # PyIceberg gives an empty list or map where the value is NULL: the two are not told apart.
    nested = pa.types.is_list(column.type) or pa.types.is_large_list(column.type) or pa.types.is_map(column.type)
    return [[] if nested and value is None else value for value in column.to_pylist()]


def rows_of(table):
    names = sorted(table.column_names)
    columns = [values_of(table.column(name)) for name in names]
    return sorted(repr([canonical(value) for value in row]) for row in zip(*columns))


def with_duckdb(path, scan):
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    extensions = []
    for name in ("avro", "iceberg"):
        spec = importlib.util.find_spec(f"duckdb_extension_{name}")
        if spec:
            extensions += list(pathlib.Path(spec.submodule_search_locations[0]).glob("extensions/*/*.duckdb_extension"))
    if len(extensions) == 2:
        for file in extensions:
            connection.execute(f"LOAD '{file}'")
        codec = ", metadata_compression_codec = 'gzip'" if ".gz." in path.name else ""
        return "iceberg_scan", connection.execute(f"SELECT * FROM iceberg_scan('{path}'{codec})").to_arrow_table()
    files = [task.file.file_path.removeprefix("file:").replace("//", "/", 1) for task in scan.plan_files()]
    if not files:
        return "files", scan.to_arrow()
    return "files", connection.execute("SELECT * FROM read_parquet(?, hive_partitioning = false)", [files]).to_arrow_table()


def check_bounds(table, scan):
    """Every value lies within its file's bounds, counts are right, sizes are the files' own."""
    schema = table.schema()
    for task in scan.plan_files():
        file = task.file
        local = pathlib.Path(file.file_path.removeprefix("file:").replace("//", "/", 1))
        assert local.stat().st_size == file.file_size_in_bytes, f"{local}: size"
        parquet = duckdb.connect().execute("SELECT count(*) FROM read_parquet(?)", [str(local)]).fetchone()[0]
        assert parquet == file.record_count, f"{local}: record count"
        data = pa.parquet.read_table(local) if hasattr(pa, "parquet") else None
        for field in schema.fields:
            if not field.field_type.is_primitive or data is None or field.name not in data.column_names:
                continue
            values = [value for value in data.column(field.name).to_pylist() if value is not None]
            nulls = data.num_rows - len(values)
            if field.field_id in (file.null_value_counts or {}):
                assert file.null_value_counts[field.field_id] == nulls, f"{local}: nulls of {field.name}"
            for bounds, inside in ((file.lower_bounds, lambda b, v: b <= v), (file.upper_bounds, lambda b, v: v <= b)):
                raw = (bounds or {}).get(field.field_id)
                if raw is None or not values or isinstance(values[0], bool):
                    continue
                bound = from_bytes(field.field_type, raw)
                if type(bound) is int and not isinstance(values[0], int):
                    continue  # dates and times: compared by the readers' own filters
                if isinstance(bound, str):
                    assert all(inside(bound.encode(), value.encode()) for value in values), f"{local}: {field.name}"
                else:
                    assert all(inside(bound, value) for value in values), f"{local}: bound of {field.name}"


def compare(folder):
    path = metadata_file(folder)
    table = StaticTable.from_metadata(str(path))
    scan = table.scan(row_filter=AlwaysTrue())
    pyiceberg = scan.to_arrow()
    how, by_duckdb = with_duckdb(path, scan)
    mine, theirs = rows_of(pyiceberg), rows_of(by_duckdb)
    check_bounds(table, scan)
    total = table.current_snapshot().summary["total-records"] if table.current_snapshot() else "0"
    sums = {}
    for name in pyiceberg.column_names:
        column = pyiceberg.column(name)
        if pa.types.is_integer(column.type):
            sums[name] = sum(value for value in column.to_pylist() if value is not None)
    equal = mine == theirs and int(total) == len(mine)
    print(json.dumps({"table": str(folder), "rows": len(mine), "duckdb": len(theirs), "total-records": int(total),
                      "snapshots": len(table.metadata.snapshots), "sums": sums, "read by": how, "equal": equal}))
    if not equal:
        for name, only in (("pyiceberg", set(mine) - set(theirs)), ("duckdb", set(theirs) - set(mine))):
            for row in sorted(only)[:3]:
                print(f"  only {name}: {row}", file=sys.stderr)
    return equal


def main():
    import pyarrow.parquet  # noqa: F401  used through pa.parquet
    results = [compare(pathlib.Path(folder)) for folder in sys.argv[1:]]
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
