"""Spark itself reads what flare wrote, and the two carry each other's work on: the short form of
`./dev spark-diff`, in one Spark session. Needs `tests/bed/setup spark`, else it is skipped and says so."""

import sys
import time

from bed import ROOT, Bed

sys.path.insert(0, str(ROOT / "tests" / "spark"))
import cases
from session import Spark

SHORT = (
    cases.reads_the_table,
    cases.clean_stops,
    cases.several_topics,
    cases.flare_dies_after_the_table_commit,
    cases.spark_dies_after_the_table_commit,
    cases.foreach_batch_fails_after_its_append,
    cases.foreach_batch_fails_before_its_append,
)


def carries_on(bed):
    with Spark() as spark:
        for case in SHORT:
            begin = time.monotonic()
            with Bed(f"spark-{case.__name__}".replace("_", "-")) as own:
                case(own, spark)
            print(f"{case.__name__}: {time.monotonic() - begin:.1f} s", flush=True)
