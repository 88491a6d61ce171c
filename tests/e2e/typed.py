"""Types a command line into an interactive shell, has the shell insert everything that completes its last word, and
tells the words that stand there then, one a line.

    typed.py bash|zsh SETUP LINE

SETUP are commands that the shell is given first.
"""

import sys

from terminal import Terminal

ARGUMENTS = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}
# Ctrl-T inserts all that completes the word.
KEYS = {
    "bash": "bind 'set enable-bracketed-paste off'; bind 'set bell-style none'; bind '\"\\C-t\": insert-completions'",
    "zsh": "unset zle_bracketed_paste; unsetopt beep; bindkey '^T' complete-word; "
           "zstyle ':completion:*' completer _all_matches _complete; zstyle ':completion:*' insert yes",
}
# The command only tells its arguments.
TELL = "igudar() { printf '<<'; printf '%s\\n' \"$@\"; printf '>>'; }; PS1='rea''dy> '"


def main(name, setup, line):
    shell = Terminal(*ARGUMENTS[name])
    shell.type("\n".join((KEYS[name], setup, TELL, "")))
    shell.until("ready> ")
    shell.type(line + "\x14\n")
    shell.until("<<")
    words = shell.until(">>").splitlines()
    before = len(line.replace("\\ ", "").split(" ")) - 2
    last = line.split(" ")[-1].replace("\\ ", " ")
    print("".join(word + "\n" for word in words[before:] if word not in (last, "")), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
