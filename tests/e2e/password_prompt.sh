#!/bin/bash
# The password is asked for on the terminal, twice when it is new, and shows nowhere.
. "$(dirname "$0")/lib.sh"

unset IGUDAR_PASSWORD
echo content >source/file

# prompted STATUS ANSWER,ANSWER… ARGUMENT…: what shows is in out.
prompted() {
  "$python" -B "$here/answer.py" "$2" "$program" "${@:3}" >out 2>err
  assert_equal "$?" "$1" "status of 'igudar ${*:3}'"
}

checking "a new repository"
prompted 2 "secret of mine,another" init
assert_says "differ"
prompted 2 "," init
assert_says "empty"
assert_absent "$IGUDAR_REPOSITORY/config"
prompted 0 "secret of mine,secret of mine" init
assert_silent_about secret

checking "an old one"
prompted 0 "secret of mine" backup source --no-progress
assert_silent_about secret
prompted 12 "no secret" snapshots

checking "a new password"
prompted 0 "secret of mine,another,another" key passwd
prompted 12 "secret of mine" snapshots
prompted 0 "another" snapshots

checking "Ctrl-C at the prompt"
prompted 130 ^C snapshots

checking "no repository: nothing is asked"
prompted 10 "" snapshots --repo "$work/nowhere"
assert_says "no repository"
