#!/usr/bin/env python3
"""The conformance pages are as the tests are, and the check finds each kind of fault."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
ITEMS = """# Logs
C001 | what is shown
C002 | what is missing | not yet: a capability
C003 | what is done otherwise | different: it is safer
"""
INVARIANTS = """# Order
- one thing holds
  tests: Log.C001_C003_Reads e2e.logs.c001_reads
  fail points: a.before a.after
- another holds
  open: nobody has shown it
"""
CPP = "TEST(Log, C001_C003_Reads) {}\nTEST_F(Log,\n       Other) {}\n"
PYTHON = "def c001_reads(bed):\n    pass\n"
POINTS = 'string_view("a.before"), string_view("a.after")'

ITEMS_FILE, INVARIANTS_FILE = "docs/conformance/items.txt", "docs/conformance/invariants.txt"
CPP_FILE, PYTHON_FILE = "src/log/log_test.cc", "tests/e2e/scenarios/logs.py"
POINTS_FILE = "src/base/fail_point_names.h"
GOOD = {
    ITEMS_FILE: ITEMS,
    INVARIANTS_FILE: INVARIANTS,
    CPP_FILE: CPP,
    PYTHON_FILE: PYTHON,
    POINTS_FILE: POINTS,
}

# file, what stands in it, what it is replaced by, the complaint
FAULTS = (
    (ITEMS_FILE, " | not yet: a capability", "", "C002 has neither a test nor a reason"),
    (ITEMS_FILE, "what is shown", "what is shown | not yet: reading", "C001 is `not yet`, but Log.C001_C003_Reads carries"),
    (ITEMS_FILE, "what is shown", "what is shown | not applicable: no", "C001 is `not applicable`, but"),
    (ITEMS_FILE, "not yet: a capability", "refused: it is unsafe", "C002 has neither a test nor a reason"),
    (ITEMS_FILE, "not yet: a capability", "later: a capability", "C002: the note must be one of"),
    (ITEMS_FILE, "not yet: a capability", "not yet:", "C002: the note must be one of"),
    (ITEMS_FILE, "C002 | what is missing | not yet: a capability\n", "", "C002 is missing"),
    (ITEMS_FILE, "C002 |", "C003 |", "C003 is there twice"),
    (ITEMS_FILE, "C002 |", "2 |", "items.txt:3: is not"),
    (CPP_FILE, "Other", "C007_Other", "Log.C007_Other carries C007, which is no item"),
    (CPP_FILE, "C001_C003_Reads", "C001_Reads", "C003 has neither a test nor a reason"),
    (PYTHON_FILE, "c001_reads", "c009_reads", "e2e.logs.c009_reads carries C009, which is no item"),
    (PYTHON_FILE, "c001_reads", "c001_reads_all", "there is no test e2e.logs.c001_reads"),
    (INVARIANTS_FILE, "  open: nobody has shown it\n", "", "neither a test nor why it is open"),
    (INVARIANTS_FILE, "Log.C001_C003_Reads", "Log.Reads", "there is no test Log.Reads"),
    (INVARIANTS_FILE, "a.after", "a.later", "there is no fail point a.later"),
    (INVARIANTS_FILE, " a.after", "", "no invariant is about the fail point a.after"),
    (INVARIANTS_FILE, "  tests:", "  proofs:", "`proofs` is not tests, fail points or open"),
    (ITEMS_FILE, "what is shown", "what is seen", "docs/conformance/README.md: is stale"),
    (INVARIANTS_FILE, "another holds", "a third holds", "docs/invariants.md: is stale"),
)


def run(root, *arguments):
    done = subprocess.run([root / "tools" / "conformance", *arguments], capture_output=True, text=True)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def write(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def main():
    code, text = run(ROOT, "--check")
    assert code == 0, text
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder)
        (copy / "tools").mkdir()
        shutil.copy(ROOT / "tools" / "conformance", copy / "tools" / "conformance")
        for name, text in GOOD.items():
            write(copy, name, text)
        assert run(copy) == (0, "")
        assert run(copy, "--check") == (0, "")
        page = (copy / "docs" / "conformance" / "README.md").read_text()
        assert "| C001 | what is shown | **proven** | [`Log.C001_C003_Reads`](../../src/log/log_test.cc)" in page, page
        assert "1 proven, 1 not yet, 1 different; 3 items." in page, page
        page = (copy / "docs" / "invariants.md").read_text()
        assert "2 invariants: 1 proven by tests, 0 with a part that is open, 1 open." in page, page
        for name, old, new, complaint in FAULTS:
            assert old in GOOD[name], old
            write(copy, name, GOOD[name].replace(old, new))
            code, text = run(copy, "--check")
            assert code == 1 and complaint in text, f"{name}, {old!r} -> {new!r}: {text}"
            write(copy, name, GOOD[name])
        assert run(copy, "--check") == (0, "")
    print(f"conformance: the pages hold, and {len(FAULTS)} faults were found")


if __name__ == "__main__":
    sys.exit(main())
