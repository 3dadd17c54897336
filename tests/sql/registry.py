"""The functions that flare has, read from its registry (src/sql/functions_*.cc), with the kinds of their arguments."""

import dataclasses
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# A line of the registry: {"substring substr", "a i i=2147483647", "string", ...
SPEC = re.compile(r'\{"([a-z0-9_ ]+)",\s*"((?:[^"\\]|\\.)*)",\s*"([^"]*)"')
FILE = re.compile(r"functions_(\w+)\.cc")

LETTERS = {
    "s": "string",
    "i": "int",
    "l": "bigint",
    "d": "double",
    "b": "boolean",
    "x": "binary",
    "D": "date",
    "T": "timestamp",
    "Z": "timestamp_ntz",
    "n": "number",
    "I": "whole",
    "A": "array",
    "M": "map",
    "S": "struct",
}


@dataclasses.dataclass(frozen=True)
class Function:
    """One signature: `least` of `kinds` must be given; a variadic one repeats the last."""

    name: str
    subject: str
    kinds: tuple
    least: int
    variadic: bool
    result: str


def _parameters(text):
    kinds, least, at = [], 0, 0
    variadic = "*" in text
    for match in re.finditer(r"([a-zA-Z])(=(?:'[^']*'|\S+))?", text):
        if match.start() < at:
            continue
        at = match.end()
        kinds.append(LETTERS.get(match[1], "any"))
        least += match[2] is None
    return tuple(kinds), least - variadic, variadic


def functions():
    found = []
    for path in sorted((ROOT / "src" / "sql").glob("functions_*.cc")):
        subject = FILE.fullmatch(path.name)[1]
        if subject.endswith("_test"):
            continue
        for names, parameters, result in SPEC.findall(path.read_text()):
            kinds, least, variadic = _parameters(parameters)
            found += [Function(name, subject, kinds, least, variadic, result) for name in names.split()]
    assert len(found) > 100, "the registry in src/sql could not be read"
    return found
