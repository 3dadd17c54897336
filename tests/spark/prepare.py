"""What a program of this folder needs around it: the Python with the readers, the modules of e2e/, a broker."""

import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def use_test_python():
    """Starts again with the Python that has the readers."""
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    home = pathlib.Path(cache) / "flare" / "bed" / "python"
    if not (home / "bin" / "python").exists():
        sys.exit("the table readers are missing; run: tests/bed/setup")
    if sys.prefix != str(home):
        os.execv(home / "bin" / "python", [str(home / "bin" / "python"), *sys.argv])


def _start_broker():
    """A broker that ends with this process."""
    folder = f"{tempfile.gettempdir()}/flare-spark-broker-{os.getpid()}"
    words = [ROOT / "tests/bed/broker", "start", "--dir", folder, "--owner", str(os.getpid())]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    os.environ["FLARE_BROKER_DIR"] = folder


def prepare():
    use_test_python()
    os.environ.setdefault("FLARE_PROGRAM", str(ROOT / "build" / "flare"))
    os.environ.setdefault("KAFKA_TOOL", str(ROOT / "build" / "tests" / "kafka_tool"))
    sys.path[:0] = [str(HERE), str(ROOT / "tests" / "e2e")]
    sys.dont_write_bytecode = True
    if not {"KAFKA_BOOTSTRAP", "FLARE_BROKER_DIR"} & set(os.environ):
        _start_broker()
