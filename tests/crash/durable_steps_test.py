#!/usr/bin/env python3
"""That the watch over durable steps finds what has no fail point."""

import sys
import unittest

sys.dont_write_bytecode = True
from durable_steps import Change, Passed, must_be_covered, read_events, uncovered  # noqa: E402

# What flare does when it logs batch 7 of a checkpoint that is there.
LOG_ENTRY = """\
P	checkpoint.before_offsets
N	41
F	41	120
L	41	/lake/stream/c0/offsets/7
S	/lake/stream/c0/offsets
P	checkpoint.after_offsets"""


def events(text):
    return read_events([line.split("\t") for line in text.split("\n")], "/lake")


def faults(text):
    return uncovered(events(text))[0]


class DurableStepsTest(unittest.TestCase):
    def test_a_step_between_its_points_is_covered(self):
        left, active = uncovered(events(LOG_ENTRY))
        self.assertEqual((left, active), ([], {"checkpoint.offsets"}))

    def test_each_line_outside_of_them_is_found(self):
        lines = LOG_ENTRY.split("\n")
        for place in (2, 3, 4):  # moved behind the step
            moved = lines[:place] + lines[place + 1 :] + [lines[place]]
            self.assertEqual(len(faults("\n".join(moved))), 1, moved)
        for point in (0, 5):
            late = lines[point + 1 :] if point == 0 else [*lines[:point], lines[4]]
            self.assertEqual(bool(faults("\n".join(late))), point == 0)

    def test_a_sync_without_any_point_is_found(self):
        self.assertEqual(
            faults(LOG_ENTRY + "\nF\t41\t120\nS\t/lake/stream/c0"),
            [
                "syncs stream/c0/offsets/7 (within: no step)",
                "syncs the folder stream/c0 (within: no step)",
            ],
        )

    def test_the_points_of_another_step_do_not_count(self):
        other = LOG_ENTRY.replace("_offsets", "_commits")
        self.assertEqual(len(faults(other)), 3)
        self.assertIn("within: checkpoint.commits", faults(other)[0])

    def test_a_step_hidden_by_a_wider_one_is_found(self):
        wide = [Passed("checkpoint.before_sync"), Change("syncs the folder", ("stream/c0/offsets",), True)]
        with self.assertRaisesRegex(AssertionError, "checkpoint.offsets is hidden"):
            must_be_covered([*wide, Passed("checkpoint.before_offsets"), wide[1]], _names(wide))

    def test_a_point_that_nobody_listed_is_found(self):
        with self.assertRaisesRegex(AssertionError, "not in fail_point_names.h"):
            must_be_covered([Passed("lake.before_lunch")], ["checkpoint.before_sync"])

    def test_an_old_file_is_known_by_its_opening(self):
        found = events("P\tlake.before_catalog_swap\nW\t9\t100\t/lake/catalog.db\nF\t9\t200")
        self.assertEqual(found[1:], [Change("opens", ("catalog.db",)), Change("syncs", ("catalog.db",))])
        self.assertEqual(uncovered(found)[0], [])

    def test_a_rename_must_be_allowed_at_both_ends(self):
        swap = "P\tlake.before_version_hint\nR\t5\t/lake/stream/t0/metadata/{}\t/lake/stream/t0/metadata/{}\t-"
        hint = "version-hint.text"
        self.assertEqual(faults(swap.format(f".{hint}.tmp", hint)), [])
        self.assertEqual(len(faults(swap.format("v1.metadata.json", hint))), 1)
        self.assertEqual(len(faults(swap.format(f".{hint}.tmp", "v2.metadata.json"))), 1)

    def test_a_line_that_is_not_known_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "means nothing"):
            events("Q\t1")


def _names(found):
    return [one.point for one in found if isinstance(one, Passed)] + ["checkpoint.before_offsets"]


if __name__ == "__main__":
    unittest.main()
