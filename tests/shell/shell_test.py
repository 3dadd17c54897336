#!/usr/bin/env python3
"""Drives `flare sql` as a person does, through a pseudo-terminal: typing, history, completion, several lines,
Ctrl-C, the pager. FLARE_PROGRAM names the program. Each test has a terminal and a home of its own."""

import contextlib
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

PROGRAM = os.environ["FLARE_PROGRAM"]
PROMPT = "flare> "
MORE = "    -> "
DEADLINE = 60


class Terminal:
    def __init__(self, home, words=(), rows=40, columns=160, env=None):
        self._seen = ""
        self._at = 0
        child, self._fd = pty.fork()
        if child == 0:
            clean = {key: value for key, value in os.environ.items() if key not in ("PAGER", "XDG_STATE_HOME")}
            os.environ.clear()
            os.environ.update({**clean, "HOME": str(home), "TERM": "xterm", **(env or {})})
            os.chdir(home)
            os.execv(PROGRAM, [PROGRAM, "sql", "--lakehouse", str(home / "lake"), *words])
        self.pid = child
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, text):
        os.write(self._fd, text.encode())

    def expect(self, text):
        """Waits until `text` shows behind what was expected last; gives what came before it."""
        deadline = time.monotonic() + DEADLINE
        while True:
            found = self._seen.find(text, self._at)
            if found >= 0:
                before = self._seen[self._at : found]
                self._at = found + len(text)
                return before
            if time.monotonic() > deadline or not self._read(deadline):
                raise AssertionError(f"no {text!r} in {self._seen[self._at:]!r}")

    def _read(self, deadline):
        ready, _, _ = select.select([self._fd], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:  # the other end is closed
            return False
        self._seen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\r", "", data.decode(errors="replace"))
        return bool(data)

    def interrupt_until(self, text):
        """Presses Ctrl-C until `text` shows: who presses cannot see when a statement has begun."""
        deadline = time.monotonic() + DEADLINE
        while self._seen.find(text, self._at) < 0:
            assert time.monotonic() < deadline, f"no {text!r} in {self._seen[self._at:]!r}"
            self.send("\x03")
            self._read(time.monotonic() + 0.2)
        self.expect(text)

    def enter(self, line):
        self.send(line + "\n")

    def ended(self):
        """Waits for the end; gives the exit code."""
        deadline = time.monotonic() + DEADLINE
        while self._read(deadline):
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self._fd)
        return os.waitstatus_to_exitcode(status)


class ShellTest(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="flare-shell-")
        self.addCleanup(self._folder.cleanup)
        self.home = pathlib.Path(self._folder.name)

    @contextlib.contextmanager
    def shell(self, *words, **options):
        terminal = Terminal(self.home, words, **options)
        terminal.expect(PROMPT)
        try:
            yield terminal
        except BaseException:
            os.kill(terminal.pid, signal.SIGKILL)
            raise
        terminal.send("\x04")
        self.assertEqual(terminal.ended(), 0)

    def test_runs_what_is_typed_and_says_how_long_it_took(self):
        with self.shell() as shell:
            shell.enter("SELECT 6 * 7 AS answer;")
            self.assertIn("|    42|", shell.expect("1 row\n"))
            self.assertRegex(shell.expect(PROMPT), r"\d+ ms\n|\d s\n")

    def test_a_statement_may_have_several_lines(self):
        with self.shell() as shell:
            shell.enter("SELECT ';' AS semicolon,")
            shell.expect(MORE)
            shell.enter("  'two")
            shell.expect(MORE)
            shell.enter("lines' AS text;")
            self.assertIn("two\\nlines", shell.expect(PROMPT))

    def test_edits_the_line_and_keeps_letters_outside_ascii(self):
        with self.shell() as shell:
            shell.send("SELECT 'grüß漢x' AS a;")
            shell.send("\x1b[D" * 7 + "\x7f")  # left to behind the x, which goes
            shell.send("\n")
            self.assertIn("grüß漢|", shell.expect(PROMPT))

    def test_history_is_kept_over_sessions(self):
        with self.shell() as shell:
            shell.enter("SELECT 'first' AS a;")
            shell.expect(PROMPT)
            shell.enter("SELECT 'second',")
            shell.expect(MORE)
            shell.enter("  'half';")
            shell.expect(PROMPT)
            shell.enter(" SELECT 'unseen' AS secret;")
            shell.expect(PROMPT)
        kept = self.home / ".local/state/flare/sql_history"
        self.assertEqual(kept.read_text(), "SELECT 'first' AS a;\nSELECT 'second',\\n  'half';\n")
        self.assertEqual(kept.stat().st_mode & 0o077, 0)
        with self.shell() as shell:
            shell.send("\x1b[A")
            shell.expect("SELECT 'second',   'half';")
            shell.send("\x1b[A\n")
            self.assertIn("|first|", shell.expect(PROMPT))
            shell.send("\x12second\x1b")  # Ctrl-R
            shell.send("\n")
            shell.expect("|second|half|")
            shell.expect(PROMPT)

    def test_history_goes_where_the_desktop_keeps_state(self):
        with self.shell(env={"XDG_STATE_HOME": str(self.home / "state")}) as shell:
            shell.enter("SELECT 1;")
            shell.expect("1 row")
            shell.expect(PROMPT)
        self.assertTrue((self.home / "state/flare/sql_history").exists())

    def test_tab_completes_words_functions_and_columns(self):
        with self.shell() as shell:
            shell.enter("CREATE TEMP VIEW readings AS SELECT 1 AS temperature;")
            shell.expect(PROMPT)
            shell.send("sel\t get_json_o\t")
            shell.expect("select get_json_object(")
            shell.send("\x15SELECT tempe\t FROM readi\t;\n")
            self.assertIn("|temperature|", shell.expect("1 row"))
            shell.expect(PROMPT)
            shell.send("SELECT r.tem\t")
            shell.expect("r.temperature")
            shell.send("\x15SELECT date_\t\t")
            shell.expect("date_add(")
            shell.send("\x15")

    def test_tab_completes_addresses_of_tables(self):
        (self.home / "lake/sales/orders/metadata").mkdir(parents=True)
        with self.shell() as shell:
            shell.send("SELECT * FROM `dat\t")
            shell.expect("`dataos://lakehouse:")
            shell.send("sa\t")
            shell.expect("sales/")
            shell.send("o\t")
            shell.expect("orders`")
            shell.send("\x03")
            shell.expect(PROMPT)

    def test_ctrl_c_clears_the_line_and_the_statement(self):
        with self.shell() as shell:
            shell.enter("SELECT 1,")
            shell.expect(MORE)
            shell.send("no such thing\x03")
            shell.expect("^C")
            shell.expect(PROMPT)
            shell.enter("SELECT 'fresh' AS a;")
            self.assertIn("|fresh|", shell.expect(PROMPT))

    def test_ctrl_c_stops_the_statement_that_runs(self):
        with self.shell() as shell:
            shell.enter("SELECT 'started' AS a; SELECT count(*) FROM range(10000000000000) WHERE id % 7 = 3;")
            shell.expect("|started|")
            shell.expect(" ms\n")
            shell.interrupt_until("stopped")
            shell.expect(PROMPT)
            shell.enter("SELECT 'alive' AS a;")
            shell.expect("|alive|")
            shell.expect(PROMPT)

    def test_mistakes_show_their_place(self):
        with self.shell() as shell:
            shell.enter("SELECT 'é',")
            shell.expect(MORE)
            shell.enter("       uper('x');")
            text = shell.expect(PROMPT)
            self.assertIn("sql:2:8: error: [UNRESOLVED_ROUTINE]", text)
            self.assertIn("    2 |        uper('x');\n      |        ^\n", text)
            self.assertIn("did you mean upper?", text)

    def test_what_is_longer_than_the_screen_is_paged(self):
        with self.shell(rows=20) as shell:
            shell.enter("SELECT id FROM range(100);")
            self.assertNotIn("| 30|", shell.expect("-- more"))
            shell.send(" ")
            shell.expect("| 30|")
            shell.expect("-- more")
            shell.send("q")
            self.assertNotIn("| 99|", shell.expect(PROMPT))

    def test_the_pager_is_the_users_choice(self):
        with self.shell(rows=20, env={"PAGER": "tail -n 3 | tr r R"}) as shell:
            shell.enter("SELECT id FROM range(100);")
            text = shell.expect(PROMPT)
            self.assertIn("100 Rows", text)
            self.assertNotIn("| 98|", text)

    def test_commands_of_the_shell(self):
        with self.shell() as shell:
            shell.enter("\\?")
            shell.expect("\\timing on|off")
            shell.expect(PROMPT)
            shell.enter("\\timing off")
            shell.expect("timing is off\n" + PROMPT)
            shell.enter("SELECT 1 AS a;")
            self.assertTrue(shell.expect(PROMPT).endswith("1 row\n"))
            shell.enter("CREATE TEMP VIEW v AS SELECT 1 AS a, 'x' AS b;")
            shell.expect(PROMPT)
            shell.enter("\\d v")
            self.assertRegex(shell.expect(PROMPT), r"a +int not null\nb +string not null\n")
            shell.enter("\\f substring")
            shell.expect("substring(")
            shell.expect(PROMPT)
            shell.enter("\\nonsense")
            shell.expect("there is no command \\nonsense")
            shell.expect(PROMPT)

    def test_backslash_q_ends_it(self):
        shell = Terminal(self.home)
        shell.expect(PROMPT)
        shell.enter("\\q")
        self.assertEqual(shell.ended(), 0)

    def test_a_script_needs_no_terminal(self):
        script = "SELECT 1 AS a;\nSELECT nope;\nSELECT 2 AS a;\n"
        done = subprocess.run([PROGRAM, "sql"], input=script, capture_output=True, text=True, timeout=DEADLINE,
                              env={**os.environ, "HOME": str(self.home)})
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("|  1|", done.stdout)
        self.assertIn("|  2|", done.stdout)
        self.assertIn("-:2:8: error: [UNRESOLVED_COLUMN", done.stderr)
        good = subprocess.run([PROGRAM, "sql"], input="SELECT 1;", capture_output=True, text=True, timeout=DEADLINE,
                              env={**os.environ, "HOME": str(self.home)})
        self.assertEqual((good.returncode, good.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
