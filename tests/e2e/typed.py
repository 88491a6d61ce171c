"""Types a command line into an interactive shell, has the shell insert everything that completes its last word, and
tells the words that stand there then, one a line.

    typed.py bash|zsh SETUP LINE

SETUP are commands that the shell is given first.
"""

import os
import pty
import select
import sys
import time

ARGUMENTS = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}
# Ctrl-T inserts all that completes the word.
KEYS = {
    "bash": "bind 'set enable-bracketed-paste off'; bind 'set bell-style none'; bind '\"\\C-t\": insert-completions'",
    "zsh": "unset zle_bracketed_paste; unsetopt beep; bindkey '^T' complete-word; "
           "zstyle ':completion:*' completer _all_matches _complete; zstyle ':completion:*' insert yes",
}
# The command only tells its arguments.
TELL = "igudar() { printf '<<'; printf '%s\\n' \"$@\"; printf '>>'; }; PS1='rea''dy> '"
SECONDS = 30


class Shell:
    def __init__(self, name):
        child, self.terminal = pty.fork()
        if child == 0:
            os.environ["TERM"] = "dumb"
            os.execvp(name, ARGUMENTS[name])
        self.seen = b""

    def type(self, text):
        os.write(self.terminal, text.encode())

    # What came until `mark`, which is taken away.
    def until(self, mark):
        deadline = time.monotonic() + SECONDS
        while mark not in self.seen:
            if not select.select([self.terminal], [], [], max(0, deadline - time.monotonic()))[0]:
                sys.exit(f"no {mark!r} in {SECONDS} s; the terminal shows: {self.seen!r}")
            self.seen += os.read(self.terminal, 65536)
        before, self.seen = self.seen.split(mark, 1)
        return before


def main(name, setup, line):
    shell = Shell(name)
    shell.type("\n".join((KEYS[name], setup, TELL, "")))
    shell.until(b"ready> ")
    shell.type(line + "\x14\n")
    shell.until(b"<<")
    words = shell.until(b">>").decode().replace("\r\n", "\n").splitlines()
    before = len(line.replace("\\ ", "").split(" ")) - 2
    last = line.split(" ")[-1].replace("\\ ", " ")
    print("".join(word + "\n" for word in words[before:] if word not in (last, "")), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
