"""Undoes what a power cut might undo: reads the journal of lossy_disk.c and takes back names whose folder was not synced
behind them, and bytes behind the last sync of their file."""

import os
import pathlib
import shutil


class LossyDisk:
    """The worst case with `random` None: everything that is not durable is lost. Else each such thing is lost or kept by
    chance."""

    def __init__(self, library, folder, journal, random=None):
        self.library, self.folder = library, pathlib.Path(folder)
        self.journal, self.random = pathlib.Path(journal), random
        self.journal.mkdir()

    def env(self, ignores_sync=False):
        ignores = {"LOSSY_DISK_IGNORES_SYNC": "1"} if ignores_sync else {}
        return {
            "LD_PRELOAD": self.library,
            "LOSSY_DISK_FOLDER": str(self.folder),
            "LOSSY_DISK_JOURNAL": str(self.journal),
            **ignores,
        }

    def cut_power(self):
        """The program is dead: leaves the folder as a disk may have it after a power cut. Gives what was undone. What is
        there then is durable, and a new journal begins."""
        path = self.journal / "journal"
        text = path.read_text() if path.exists() else ""
        lines = [line.split("\t") for line in text.split("\n")[:-1]]
        undone = []
        for line in reversed(self._not_durable(lines)):
            if self._is_lost():
                self._undo(line)
                undone.append(line)
        undone += self._cut_files(lines)
        shutil.rmtree(self.journal)
        self.journal.mkdir()
        return undone

    def _is_lost(self):
        return self.random is None or self.random.random() < 0.5

    @staticmethod
    def _not_durable(lines):
        """The changes of names that no later sync of their folders covers, in their order."""
        synced, left = set(), []
        for line in reversed(lines):
            if line[0] == "S":
                synced.add(line[1])
            names = {
                "C": line[1:2],
                "L": line[2:3],
                "R": line[2:4],
                "U": line[1:2],
                "D": line[1:2],
                "X": line[1:2],
            }
            folders = {os.path.dirname(name) for name in names.get(line[0], ())}
            if folders - synced:
                left.append(line)
        return left[::-1]

    def _undo(self, line):
        kind, *words = line
        if kind == "C" and os.path.lexists(words[0]):
            os.unlink(words[0])
        elif kind == "L" and _inode(words[1]) == int(words[0]):
            os.unlink(words[1])
        elif kind == "R" and _inode(words[2]) == int(words[0]):
            if os.path.isdir(os.path.dirname(words[1])) and not os.path.lexists(words[1]):
                os.rename(words[2], words[1])
            else:
                os.unlink(words[2])
            self._put_back(words[3], words[2])
        elif kind == "U":
            self._put_back(words[1], words[0])
        elif kind == "D":
            shutil.rmtree(words[0], ignore_errors=True)
        elif kind == "X":
            os.makedirs(words[0], exist_ok=True)

    def _put_back(self, kept, path):
        if kept != "-" and os.path.isdir(os.path.dirname(path)) and not os.path.lexists(path):
            os.link(self.journal / kept, path)

    def _cut_files(self, lines):
        """Takes the bytes that were not synced from each file that was written."""
        durable = {}
        for kind, *words in lines:
            if kind in "NWTF":
                inode, size = int(words[0]), int((words + ["0"])[1])
                if kind == "W":
                    durable.setdefault(inode, size)
                elif kind == "T":
                    durable[inode] = min(durable.get(inode, size), size)
                else:
                    durable[inode] = size
        cut = []
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(folder, name)
                info = os.stat(path)
                size = durable.get(info.st_ino, info.st_size)
                if size < info.st_size and self._is_lost():
                    os.truncate(path, size)
                    if self.random is not None and self.random.random() < 0.5:
                        os.truncate(path, info.st_size)  # its length is there, its bytes are zeros
                    cut.append(["cut", path, str(size)])
        return cut


def _inode(path):
    try:
        return os.lstat(path).st_ino
    except OSError:
        return None
