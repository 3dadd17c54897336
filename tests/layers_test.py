#!/usr/bin/env python3
"""The layer check passes on this tree and refuses an include, a clock and a name that are not allowed."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def check(root):
    done = subprocess.run([root / "tools" / "check_layers"], capture_output=True, text=True)
    return done.returncode, done.stdout


def main():
    code, text = check(ROOT)
    assert code == 0, text
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder)
        (copy / "tools").mkdir()
        for name in ("check_layers", "layers.txt"):
            shutil.copy(ROOT / "tools" / name, copy / "tools" / name)
        bad = copy / "src" / "checkpoint"
        bad.mkdir(parents=True)
        for name, line, complaint in (
            ("a.cc", '#include "connector/kafka/source.h"', "a.cc:1: checkpoint/ may not include connector/kafka/source.h"),
            ("b.cc", "#include <duckdb.h>", "b.cc:1: checkpoint/ includes duckdb.h"),
            ("c.cc", "auto t = std::chrono::system_clock::now();", "c.cc:1: system_clock::now outside base"),
            ("log_utils.cc", "", "log_utils.cc:1: the file name says nothing"),
            ("d.cc", '#include "io/file_system.h"', None),
        ):
            file = bad / name
            file.write_text(line + "\n")
            code, text = check(copy)
            assert (code == 1 and complaint in text) if complaint else code == 0, f"{name}: {text}"
            file.unlink()
    print("layers: refused what is forbidden")


if __name__ == "__main__":
    sys.exit(main())
