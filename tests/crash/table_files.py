"""The files of an Iceberg table, read from its metadata down without a reader of tables: fast enough to look after
every few kills. Files never change once named, so what was read of one is kept."""

import gzip
import json
import os
import pathlib

import table


def local(uri):
    return uri.removeprefix("file://").removeprefix("file:")  # Java writes file:/a/b


def _read_metadata(path):
    text = path.read_bytes()
    return json.loads(gzip.decompress(text) if path.name.endswith(".gz.metadata.json") else text)


def _avro(columns, paths):
    if not paths:
        return []
    query = f"SELECT filename, {columns} FROM read_avro($paths, filename = true)"
    return table.duckdb_connection().execute(query, {"paths": sorted(paths)}).fetchall()


class TableFiles:
    def __init__(self, of, folder):
        self._of = of  # a table.Table
        self.folder = pathlib.Path(folder)
        self._lists = {}  # manifest list -> its manifests
        self._manifests = {}  # manifest -> [(status, data file)]
        self._rows = {}  # data file -> {(topic, partition): [(first offset, end)]}
        self.metadata = {}

    def read(self):
        """Reads the newest metadata and what it names and was not read before."""
        self.metadata = _read_metadata(self._of.metadata_file())
        lists = [local(one["manifest-list"]) for one in self.snapshots()]
        self._read_lists(lists)
        self._read_manifests({manifest for name in lists for manifest in self._lists[name]})

    def _read_lists(self, paths):
        self._read(self._lists, paths, "manifest_path", lambda row: local(row[1]))

    def _read_manifests(self, paths):
        entry = lambda row: (row[1], local(row[2]))  # noqa: E731
        self._read(self._manifests, paths, "status, data_file.file_path", entry)

    @staticmethod
    def _read(known, names, columns, value):
        new = {name for name in names if name not in known and os.path.exists(name)}
        known.update({name: [] for name in new})
        for row in _avro(columns, new):
            known[row[0]].append(value(row))

    def snapshots(self):
        return self.metadata.get("snapshots", [])

    def live(self):
        """The data files of the current snapshot, each as often as it is named."""
        head = self.metadata.get("current-snapshot-id")
        return [
            path
            for snapshot in self.snapshots()
            if snapshot["snapshot-id"] == head
            for manifest in self._lists[local(snapshot["manifest-list"])]
            for status, path in self._manifests[manifest]
            if status != 2
        ]

    def ranges(self):
        """(topic, partition) -> the offset ranges [first, end) of all rows of the current snapshot."""
        live = self.live()
        new = [path for path in set(live) if path not in self._rows]
        if new:
            found = table.duckdb_connection().execute(
                """WITH one AS (SELECT filename, topic, partition, "offset" AS place,
                                       row_number() OVER (PARTITION BY filename, topic, partition, "offset") AS copy
                                FROM read_parquet($paths, filename = true, hive_partitioning = false)),
                        run AS (SELECT *, place - row_number() OVER (PARTITION BY filename, topic, partition, copy
                                                                     ORDER BY place) AS head FROM one)
                   SELECT filename, topic, partition, min(place), max(place) + 1
                   FROM run GROUP BY filename, topic, partition, copy, head""",
                {"paths": new},
            )
            self._rows.update({path: {} for path in new})
            for path, topic, partition, first, end in found.fetchall():
                self._rows[path].setdefault((topic, partition), []).append((first, end))
        merged = {}
        for path in live:
            for key, ranges in self._rows[path].items():
                merged.setdefault(key, []).extend(ranges)
        return merged

    def missing(self):
        """Data files that a retained snapshot needs and that are not there."""
        return sorted(
            path
            for snapshot in self.snapshots()
            for manifest in self._lists[local(snapshot["manifest-list"])]
            for status, path in self._manifests[manifest]
            if status != 2 and not os.path.exists(path)
        )

    def orphans(self):
        """Files below the table that neither its metadata nor a retained snapshot names. Old metadata files and the
        hint are part of the table."""
        named = set()
        for snapshot in self.snapshots():
            manifest_list = local(snapshot["manifest-list"])
            named.add(manifest_list)
            for manifest in self._lists[manifest_list]:
                named.add(manifest)
                named.update(path for _, path in self._manifests[manifest])
        found = []
        for folder, _, names in os.walk(self.folder):
            for name in names:
                of = name[1:-4] if name.startswith(".") and name.endswith(".crc") else name
                path = os.path.join(folder, of)  # Java's checksum belongs to its file
                ours = of == "version-hint.text" or of.endswith(".metadata.json")
                if path not in named and not ours:
                    found.append(path)
        return sorted(found)
