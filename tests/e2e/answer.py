"""Runs a program on a terminal and answers what it asks for (each question ends in ": ", and echo is off by then). Tells all
that showed, and ends as the program does.

    answer.py ANSWER,ANSWER… PROGRAM ARGUMENT…
"""

import sys
import termios

from terminal import Terminal


def main(answers, *words):
    terminal = Terminal(*words)
    for answer in answers.split(",") if answers else []:
        print(terminal.until(": "))
        if termios.tcgetattr(terminal.fd)[3] & termios.ECHO:
            sys.exit("the terminal shows what is typed")
        terminal.type("\x03" if answer == "^C" else answer + "\n")
    status, shown = terminal.end()
    print(shown)
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
