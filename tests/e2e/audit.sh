#!/bin/bash
# The audit log: every command says before and after what it does, and an entry that is removed, changed, moved, cut off
# or forged is found out.
. "$(dirname "$0")/lib.sh"
needs_folder_store

audit=$IGUDAR_REPOSITORY/audit
# operations: the operations of `audit show`, each with its exit status or "unfinished"; that of audit show itself is left out.
operations() {
  run_json 0 audit show
  json '" ".join("%s:%s" % (o["operation"].replace(" ", "-"), o["outcome"]["status"] if "outcome" in o else "unfinished") for o in last["operations"] if o["type"] == "intent" and o["operation"] != "audit show")'
}
# faults: what the last `audit verify --json` found, and of what.
faults() { json '" ".join(sorted({f["fault"] for f in last["findings"]}))'; }
finds() {
  run_json 11 audit verify
  assert_equal "$(faults)" "$1" "found"
}
sound() {
  run_json 0 audit verify
  assert_equal "$(json 'last["findings"]')" "[]" "findings"
}
newest() { ls "$audit" | sed "s/.*\.//" | sort -n | tail -1; }
other_machine() { XDG_STATE_HOME=$work/other-state XDG_CACHE_HOME=$work/other-cache "$@"; }
# All that the tests below damage or add to.
keep() {
  rm -rf "$work/kept" && mkdir "$work/kept"
  cp -a "$IGUDAR_REPOSITORY" "$XDG_STATE_HOME" "$work/other-state" "$work/kept"
}
restart() {
  rm -rf "$IGUDAR_REPOSITORY" "$XDG_STATE_HOME" "$work/other-state"
  cp -a "$work/kept/repository" "$IGUDAR_REPOSITORY"
  cp -a "$work/kept/state" "$XDG_STATE_HOME"
  cp -a "$work/kept/other-state" "$work/other-state"
}

checking "every command leaves its intent and its outcome"
printf writer >writer && printf keeper >keeper && printf planted-new-9e2 >new && chmod 600 writer keeper new
echo one >source/file
init
backup source --tag planted-tag-5d1
run 0 snapshots
run 0 ls latest
run 0 restore latest --target restored
run 0 check
run 0 stats
run 0 key list
run_json 0 key add --new-password-file writer --capability write
slot=$(json 'last["id"]')
run 0 key add --new-password-file keeper --capability maintain
run 0 forget --keep-last 1 --dry-run
run 0 forget latest
run 0 prune
run 0 audit verify
run 0 audit export --format csv
run 1 snapshots ffffffff
run 0 key remove "$slot"
run 0 key passwd --new-password-file new
IGUDAR_PASSWORD=planted-new-9e2 run 0 key passwd --new-password-file <(printf %s "$IGUDAR_PASSWORD")
assert_equal "$(operations)" "init:0 backup:0 snapshots:0 ls:0 restore:0 check:0 stats:0 key-list:0 key-add:0 key-add:0 \
forget:0 forget:0 prune:0 audit-verify:0 audit-export:0 snapshots:1 key-remove:0 key-passwd:0 key-passwd:0"

checking "every newer command as well"
operations_before=$(operations)
backup source --tag personal
run_json 0 erase plan --path file --reason "a request"
plan=$(json 'last["plan"]["id"]')
run 0 erase list
run 0 erase run "$plan"
run 0 erase certificate "$plan" --output certificate.json
run_json 0 hold set --all --reason "a case"
hold=$(json 'last["id"]')
run 0 hold list
run 0 hold release "$hold" --reason closed
run 0 policy set max-key-age=365
run 0 policy show
run 0 domain create other
run 0 domain list
run 0 key rotate
run_json 0 key add --new-password-file writer --capability write
run 0 key revoke "$(json 'last["id"]')"
assert_equal "$(operations)" "$operations_before backup:0 erase-plan:0 erase-list:0 erase-run:0 erase-certificate:0 hold-set:0 hold-list:0 \
hold-release:0 policy-set:0 policy-show:0 domain-create:0 domain-list:0 key-rotate:0 key-add:0 key-revoke:0"
assert_equal "$(json '[o["objects"] + o["outcome"]["objects"] for o in last["operations"] if o["operation"] == "key remove"]')" \
  "[[{\"relation\": \"removed\", \"object\": \"keys/$slot\"}]]"
assert_equal "$(json '{o["user"] + "@" + o["host"] for o in last["operations"]} == {"'"$(id -un)@$(hostname)"'"}')" true
sound
run 0 audit show
assert_says "backup  *done  *source --tag=planted-tag-5d1 snapshots/"
assert_says "audit show  *unfinished"
run 0 audit show --until 2020-01-01
! grep -q backup out || fail "shows what was done later"

checking "an operation that was killed"
mkfifo pipe
# end_backup LEASES SIGNAL: a backup that holds the lease of that number is sent the signal.
end_backup() {
  "$program" backup --stdin <pipe >out 2>err &
  pid=$!
  exec 7>pipe
  until [ "$(repository_objects leases/)" -ge "$1" ]; do [ -d "/proc/$pid/fd" ] || fail "the backup ended too soon"; done
  kill "-$2" $pid
  wait $pid
  exec 7>&-
}
end_backup 1 KILL
checking "one that was interrupted, and one whose output nobody takes"
end_backup 2 TERM
"$program" snapshots --json >/dev/full 2>err && fail "a full disk was not noticed"
operations >operations
grep -q " backup:unfinished backup:130 snapshots:1$" operations || fail "shown: $(cat operations)"
sound

checking "a snapshot names its entry"
backup source
snapshot=$(latest)
sound

checking "two at once keep the chain"
pids=()
for i in 1 2 3 4 5 6; do "$program" snapshots >/dev/null 2>>err & pids+=($!); done
for pid in "${pids[@]}"; do wait "$pid" || fail "a command failed"; done
sound
assert_equal "$(json 'last["logs"]')" 1 "logs"
other_machine run 0 check
keep

checking "an entry is removed"
log=$(ls "$audit" | grep -F "$(basename "$work"/state/igudar/*/audit/*.log .log)" | head -1 | cut -d. -f1)
rm "$audit/$log.3"
other_machine finds missing
assert_says "entries 3 to 3 are missing, after 'backup'"
checking "which this machine puts again"
finds missing
assert_says "put again from this machine's copy"
assert_exists "$audit/$log.3"
sound
restart

checking "an entry is changed"
chmod u+w "$audit/$log.3"
"$python" -c 'import sys
with open(sys.argv[1], "r+b") as file:
    data = bytearray(file.read())
    data[80] ^= 1
    file.seek(0)
    file.write(data)' "$audit/$log.3"
other_machine finds "changed forged"
assert_says "audit/$log.3.*signature is not valid"
assert_says "audit/$log.4.*does not follow the one before"
finds "changed forged"
assert_says "audit/$log.3.*not the one that this machine wrote"
run 11 audit show
assert_says "FORGED or changed"
restart

checking "two entries are swapped"
mv "$audit/$log.3" aside
mv "$audit/$log.4" "$audit/$log.3"
mv aside "$audit/$log.4"
other_machine finds "changed moved"
assert_says "audit/$log.3.*here lies audit/$log.4"
restart

checking "the end is cut off, which another machine's checkpoint tells"
rm "$audit/$log.$(newest)" "$audit/$log.$(($(newest) - 1))"
XDG_STATE_HOME=$work/third-state finds truncated
assert_says "were cut off, after .*a checkpoint names them"
checking "or its memory"
rm "$IGUDAR_REPOSITORY/audit/"$(ls -t "$audit" | grep -v "^$log" | head -1)
other_machine run_json 11 audit verify
assert_says "truncated"
restart
checking "or this machine's copy"
rm "$audit/$log.$(newest)" "$audit/$log.$(($(newest) - 1))"
finds missing
assert_equal "$(json 'last["put_again"]')" 2
sound
restart

checking "a whole log is removed"
rm "$audit/$log".*
XDG_STATE_HOME=$work/fourth-state finds "lost reference"
assert_says "the whole log is gone: a checkpoint names"
assert_says "snapshots/$snapshot.*is gone"
restart

checking "a writing client's key in another's log"
run 0 key add --new-password-file writer --capability write
keep
forged=$(IGUDAR_PASSWORD=writer "$python" "$here/stolen_writer.py" audit "$IGUDAR_REPOSITORY") || fail "no entry was forged"
other_machine finds forged
assert_says "$forged.*another key than its log"
checking "with which the log goes on in another"
run 0 snapshots
run_json 11 audit show
assert_equal "$(json '[o["forked"] for o in last["operations"] if o["type"] == "fork"]')" "[\"$log\"]"
restart
# The log that went on elsewhere is gone again: of this machine's begin, too.
rm -rf "$XDG_STATE_HOME"

checking "a state folder that is an old copy"
run 0 snapshots
cp -a "$XDG_STATE_HOME" old-state
run 0 snapshots
rm -r "$XDG_STATE_HOME"
mv old-state "$XDG_STATE_HOME"
run 0 snapshots
sound
run_json 0 audit show
assert_equal "$(json 'len([o for o in last["operations"] if o["type"] == "fork"])')" 1 "logs that others went on with"

checking "what keys with less than everything may"
IGUDAR_PASSWORD=writer backup source
IGUDAR_PASSWORD=writer run_json 0 audit show
assert_equal "$(json '{o["person"] for o in last["operations"] if o["type"] == "intent"} == {"sealed"}')" true
! grep -qF "$(id -un)@\|planted-tag" out || fail "a writing key reads names"
IGUDAR_PASSWORD=writer "$python" "$here/stolen_writer.py" subjects "$IGUDAR_REPOSITORY" >out || fail "$(cat out)"
IGUDAR_PASSWORD=keeper sound
IGUDAR_PASSWORD=keeper run 1 audit anonymise "$(id -un)@$(hostname)"
assert_says "capability 'full'"

checking "prune merges entries"
for i in $(seq 40); do run 0 snapshots; done
before=$(run_json 0 audit verify && json 'last["entries"]')
IGUDAR_PASSWORD=keeper run 0 prune
assert_at_least "$(ls "$audit" | grep -c -- -)" 1 "merged objects"
assert_at_most "$(ls "$audit" | wc -l)" 130
sound
assert_at_least "$(json 'last["entries"]')" "$before" "entries"
run 0 snapshots
sound
"$tools/igudar-read" "$IGUDAR_REPOSITORY" audit --without-key >out 2>err || fail "igudar-read: $(cat err)"
"$tools/igudar-read" "$IGUDAR_REPOSITORY" audit >out 2>err || fail "igudar-read: $(cat err)"
assert_says "backup  .*source --tag=planted-tag-5d1"

checking "no secret is in any entry"
for planted in "$IGUDAR_PASSWORD" planted-new-9e2; do
  ! grep -qF "$planted" out || fail "'$planted' is in an entry"
done
run 0 snapshots --password-command "echo '$IGUDAR_PASSWORD' # planted-command-77e"
run 0 audit export
assert_silent_about planted-command-77e
assert_silent_about "$IGUDAR_PASSWORD"

checking "exports"
run 0 audit export --format csv --output audit.csv
assert_equal "$(stat -c %a audit.csv)" 600
run 1 audit export --format csv --output audit.csv
"$python" -c 'import csv
rows = list(csv.DictReader(open("audit.csv", newline="", encoding="utf-8")))
assert any(row["operation"] == "backup" and row["type"] == "intent" and "source" in row["arguments"] for row in rows), rows[:3]
assert len({tuple(row) for row in rows}) == 1' || fail "no CSV"
run 0 audit export --format syslog
! grep -qvE '^<1(05|08|09|10)>1 20[0-9T:.-]{24}Z [!-~]+ igudar - [a-z_]+ \[igudar@32473 ([a-z]+="([^]"\\]|\\.)*" ?)+\] ' out || fail "lines that are not RFC 5424"

checking "a person is anonymised"
name=$(id -un)@$(hostname)
run 2 audit anonymise
run 1 audit anonymise nobody@nowhere
run 0 audit anonymise "$name"
sound
assert_at_least "$(json 'last["anonymised"]')" 2 "subjects"
for format in json csv syslog; do
  run 0 audit export --format $format
  assert_silent_about planted-tag-5d1
done
run_json 0 audit show
assert_equal "$(json '{o["person"] for o in last["operations"] if o["operation"] in ("init", "backup")}  == {"anonymised"}')" true
run 0 audit show
assert_says "(anonymised).*backup"
! grep -rqaF planted-tag-5d1 "$XDG_STATE_HOME" "$IGUDAR_REPOSITORY" || fail "the tag is somewhere in clear"
sound

checking "a key that is gone without a word"
rm "$IGUDAR_REPOSITORY/subjects/"*
finds subject
assert_says "who did"

checking "a repository that may only be read"
if is_root && mkdir disk && mount -t tmpfs tmpfs disk 2>/dev/null; then
  mounts+=("$work/disk")
  cp -a "$work/kept/repository" disk/repository
  export IGUDAR_REPOSITORY=$work/disk/repository
  audit=$IGUDAR_REPOSITORY/audit
  rm -rf "$XDG_STATE_HOME"
  mount -o remount,ro disk
  before=$(ls "$audit" | wc -l)
  run 0 snapshots
  assert_equal "$(wc -c <err)" 0 "bytes of warnings"
  run_json 0 audit show
  assert_equal "$(json '[o["operation"] for o in last["operations"]][-2:]')" '["snapshots", "audit show"]'
  assert_equal "$(ls "$audit" | wc -l)" "$before"
  mount -o remount,rw disk
  run 0 snapshots
  assert_equal "$(ls "$audit" | wc -l)" "$((before + 6))" "entries once they can be stored"
else
  skip_part "cannot mount a tmpfs"
fi
