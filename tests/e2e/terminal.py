"""A program on a terminal of its own, for tests that type and read what shows."""

import os
import pty
import select
import sys
import time

SECONDS = 30


class Terminal:
    def __init__(self, *words):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "dumb"
            os.execvp(words[0], words)
        self.seen = b""

    def type(self, text):
        os.write(self.fd, text.encode())

    # What showed before `mark`; both are taken away.
    def until(self, mark):
        deadline = time.monotonic() + SECONDS
        while mark.encode() not in self.seen:
            if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
                sys.exit(f"no {mark!r} in {SECONDS} s; the terminal shows: {self.seen!r}")
            self.seen += self.read()
        before, self.seen = self.seen.split(mark.encode(), 1)
        return before.decode().replace("\r\n", "\n")

    # The status of the program when it has ended, and what showed until then.
    def end(self):
        while part := self.read(at_end=b""):
            self.seen += part
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]), self.seen.decode().replace("\r\n", "\n")

    def read(self, at_end=None):
        try:
            if part := os.read(self.fd, 65536):
                return part
        except OSError:  # what Linux says when the other side is closed
            pass
        if at_end is None:
            sys.exit(f"the program ended; the terminal shows: {self.seen!r}")
        return at_end
