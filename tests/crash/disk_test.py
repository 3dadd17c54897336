"""That the disks of the killer do what they are there for. The first test could hardly be left out: on a disk that
forgot nothing, no round would prove that flare syncs."""

import errno
import os
import subprocess
import sys
import tempfile
import unittest

from lossy_disk import LossyDisk

PRELUDE = """
import os, sys
def put(name, text, sync=True):
    fd = os.open(name, os.O_WRONLY | os.O_CREAT, 0o666)
    os.write(fd, text)
    if sync: os.fsync(fd)
    os.close(fd)
def sync_folder(name="."):
    fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(fd)
    os.close(fd)
"""


class LossyDiskTest(unittest.TestCase):
    def setUp(self):
        self.work = tempfile.TemporaryDirectory()
        self.folder = os.path.join(self.work.name, "below")
        os.mkdir(self.folder)
        journal = os.path.join(self.work.name, "journal")
        self.disk = LossyDisk(os.environ["LOSSY_DISK_LIBRARY"], self.folder, journal)

    def tearDown(self):
        self.work.cleanup()

    def run_then_cut(self, program, **options):
        env = {**os.environ, **self.disk.env(**options)}
        command = [sys.executable, "-c", PRELUDE + program]
        subprocess.run(command, check=True, cwd=self.folder, env=env)
        self.disk.cut_power()
        return {name: self.read(name) for name in sorted(os.listdir(self.folder))}

    def read(self, name):
        path = os.path.join(self.folder, name)
        if os.path.isdir(path):
            return sorted(os.listdir(path))
        with open(path, "rb") as file:
            return file.read()

    def test_an_unsynced_write_is_lost(self):
        left = self.run_then_cut("put('a', b'text', sync=False); sync_folder()")
        self.assertEqual(left, {"a": b""})

    def test_a_synced_write_in_a_synced_folder_stays(self):
        left = self.run_then_cut("put('a', b'text'); sync_folder()")
        self.assertEqual(left, {"a": b"text"})

    def test_a_name_in_an_unsynced_folder_is_lost(self):
        self.assertEqual(self.run_then_cut("put('a', b'text')"), {})
        self.assertEqual(self.run_then_cut("sync_folder(); put('a', b'text')"), {})

    def test_bytes_behind_the_sync_are_cut(self):
        program = (
            "put('a', b'text'); sync_folder(); f = open('a', 'ab'); f.write(b'more'); f.close()"
        )
        self.assertEqual(self.run_then_cut(program), {"a": b"text"})

    def test_a_sync_by_another_descriptor_counts(self):
        program = "put('a', b'text', sync=False); fd = os.open('a', os.O_RDONLY); os.fsync(fd); sync_folder()"
        self.assertEqual(self.run_then_cut(program), {"a": b"text"})

    def test_an_unsynced_rename_is_undone_with_what_it_replaced(self):
        program = "put('a', b'old'); put('b', b'new'); sync_folder(); os.rename('b', 'a')"
        self.assertEqual(self.run_then_cut(program), {"a": b"old", "b": b"new"})

    def test_an_unsynced_removal_is_undone(self):
        program = "put('a', b'old'); sync_folder(); os.unlink('a')"
        self.assertEqual(self.run_then_cut(program), {"a": b"old"})

    def test_an_unsynced_link_is_undone_and_a_refused_one_harms_nobody(self):
        program = """
put('a', b'one'); put('b', b'two'); sync_folder()
os.link('a', 'c')
try: os.link('a', 'b')
except FileExistsError: pass
"""
        self.assertEqual(self.run_then_cut(program), {"a": b"one", "b": b"two"})

    def test_a_nameless_file_gets_its_name_by_a_synced_link(self):
        program = """
fd = os.open('.', os.O_WRONLY | os.O_TMPFILE, 0o666)
os.write(fd, b'text'); os.fsync(fd)
here = os.open('.', os.O_RDONLY | os.O_DIRECTORY)
os.link(f'/proc/self/fd/{fd}', 'a', src_dir_fd=here, follow_symlinks=True)
sync_folder()
os.link(f'/proc/self/fd/{fd}', 'b', src_dir_fd=here, follow_symlinks=True)
"""
        self.assertEqual(self.run_then_cut(program), {"a": b"text"})

    def test_a_folder_whose_parent_was_not_synced_is_lost_with_all_in_it(self):
        program = "os.mkdir('d'); put('d/a', b'text'); sync_folder('d')"
        self.assertEqual(self.run_then_cut(program), {})
        self.assertEqual(self.run_then_cut(program + "; sync_folder()"), {"d": ["a"]})

    def test_where_syncing_is_ignored_all_is_lost(self):
        self.assertEqual(
            self.run_then_cut("put('a', b'text'); sync_folder()", ignores_sync=True), {}
        )


class FailingDiskTest(unittest.TestCase):
    def run_on(self, rule, program):
        """Gives the errno with which the program ended, and the names that are there then."""
        with tempfile.TemporaryDirectory() as folder:
            env = dict(os.environ, LD_PRELOAD=os.environ["FAILING_DISK_LIBRARY"])
            env["FAILING_DISK"] = rule.format(folder=folder)
            guarded = "".join(f"\n    {line}" for line in program.split("; "))
            text = f"{PRELUDE}\nos.chdir({folder!r})\ntry:{guarded}\nexcept OSError as e: sys.exit(e.errno)"
            code = subprocess.run([sys.executable, "-c", text], check=False, env=env).returncode
            return code, sorted(os.listdir(folder))

    def test_a_call_fails_before_it_does_anything(self):
        program = "put('a', b'text'); os.link('a', os.getcwd() + '/b')"
        self.assertEqual(self.run_on("link before 5 1 1 {folder}", program), (errno.EIO, ["a"]))

    def test_a_call_is_done_and_its_answer_lost(self):
        program = "put('a', b'text'); os.link('a', os.getcwd() + '/b')"
        self.assertEqual(
            self.run_on("link after 5 1 1 {folder} b", program), (errno.EIO, ["a", "b"])
        )

    def test_only_the_chosen_calls_fail(self):
        program = "put(os.getcwd() + '/a', b''); put(os.getcwd() + '/b', b''); put(os.getcwd() + '/c', b'')"
        self.assertEqual(
            self.run_on("create before 28 2 1 {folder}", program), (errno.ENOSPC, ["a"])
        )
        self.assertEqual(
            self.run_on("create before 28 1 1 {folder} d", program), (0, ["a", "b", "c"])
        )

    def test_a_sync_fails(self):
        self.assertEqual(
            self.run_on("sync before 5 1 1 {folder}", "put('a', b'text')"), (errno.EIO, ["a"])
        )


if __name__ == "__main__":
    unittest.main()
