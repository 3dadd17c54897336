"""Answers to SQL statements, as flare and Spark give them, and what it means that two are the same.

An answer: {"names": [...], "types": [...], "typed": [[...]]} (docs/reference/cli.md says how values are written) or
{"error_class": ...}.
"""

import json
import math
import os
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE / "data"
FLARE = os.environ.get("FLARE_PROGRAM") or str(HERE.parent.parent / "build" / "flare")
MODES = ("ansi_off", "ansi_on")


def load(name):
    """The recorded cases of a file: id, sql, ordered, and Spark's answer in each mode."""
    return [json.loads(line) for line in (DATA / name).read_text().splitlines() if line]


def views():
    """The statements that make the tables which recorded statements read."""
    lines = [line for line in (DATA / "tables.sql").read_text().splitlines() if not line.startswith("--")]
    return [one.strip().rstrip(";") for one in "\n".join(lines).split(";\n\n") if one.strip()]


def ask_flare(statements, mode, first=(), timeout=600):
    """flare's answers, one for each statement. `first` are statements that come before them and must succeed."""
    with tempfile.NamedTemporaryFile("w", prefix="flare-sql-", suffix=".sql") as script:
        script.write("".join(f"{one.rstrip().rstrip(';')}\n;\n" for one in [*first, *statements]))
        script.flush()
        words = [FLARE, "query", "--file", script.name, "--format", "jsonl"]
        words += ["--conf", f"spark.sql.ansi.enabled={str(mode == 'ansi_on').lower()}"]
        run = subprocess.run(words, capture_output=True, timeout=timeout, check=False)
    answers = [json.loads(line) for line in run.stdout.decode().split("\n") if line]
    assert run.returncode in (0, 1) and len(answers) == len(first) + len(statements), (
        f"flare exits with {run.returncode} after {len(answers)} of {len(first) + len(statements)} answers: "
        f"{run.stderr.decode(errors='replace')[-2000:]}"
    )
    for one in answers[: len(first)]:
        assert "error_class" not in one, f"a view cannot be made: {one}"
    return answers[len(first) :]


def difference(expected, found, ordered=False):
    """Why `found` is not the answer `expected`; "" when it is. Any error is as good as another, except one that
    says that flare cannot do it."""
    if "error_class" in found:
        name = found["error_class"]
        if "error_class" not in expected:
            return f"{name or 'an error'}: {found['message']}"
        cannot = name.startswith("UNSUPPORTED") or name == "UNRESOLVED_ROUTINE"
        return f"{name}: {found['message']}" if cannot and expected["error_class"] != name else ""
    if "error_class" in expected:
        return f"Spark says {expected['error_class']}, flare answers {_short(found['typed'])}"
    for what in ("names", "types"):
        if expected[what] != found[what]:
            return f"{what} {found[what]} instead of {expected[what]}"
    if _same_rows(expected["typed"], found["typed"], expected["types"], ordered):
        return ""
    return f"{_short(found['typed'])} instead of {_short(expected['typed'])}"


def _short(rows):
    text = json.dumps(rows, ensure_ascii=False)
    return text if len(text) <= 300 else text[:300] + "..."


def _same_rows(expected, found, types, ordered):
    if len(expected) != len(found):
        return False

    def same(a, b):
        return all(_same(x, y, kind) for x, y, kind in zip(a, b, types))

    if ordered:
        return all(map(same, expected, found))
    return _pair_off(expected, found, same)


def _pair_off(left, right, same):
    """Whether each of `left` has one of `right` for itself."""
    rest = list(right)
    for one in left:
        other = next((i for i, candidate in enumerate(rest) if same(one, candidate)), None)
        if other is None:
            return False
        del rest[other]
    return not rest


def _same(expected, found, kind):
    if expected is None or found is None:
        return expected is None and found is None
    if kind in ("double", "float"):
        if isinstance(expected, str) or isinstance(found, str):
            return expected == found
        return math.isclose(expected, found, rel_tol=1e-6 if kind == "float" else 1e-9, abs_tol=1e-12)
    if kind.startswith("array<"):
        return len(expected) == len(found) and all(_same(a, b, kind[6:-1]) for a, b in zip(expected, found))
    if kind.startswith("map<"):
        key, value = _split(kind[4:-1])
        return _pair_off(expected["map"], found["map"], lambda a, b: _same(a[0], b[0], key) and _same(a[1], b[1], value))
    if kind.startswith("struct<"):
        kinds = [field.split(":", 1)[1] for field in _split(kind[7:-1])]
        a, b = _fields(expected, kinds), _fields(found, kinds)
        return len(a) == len(b) == len(kinds) and all(map(_same, a, b, kinds))
    return type(expected) is type(found) and expected == found


def _fields(value, kinds):
    as_list = set(value) == {"struct"} and isinstance(value["struct"], list) and len(kinds) != 1
    return value["struct"] if as_list else list(value.values())


def _split(types):
    """The types of a list, at its commas outside of brackets."""
    parts, depth, part = [], 0, ""
    for letter in types:
        depth += (letter in "<(") - (letter in ">)")
        if letter == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += letter
    return [*parts, part] if part else parts
