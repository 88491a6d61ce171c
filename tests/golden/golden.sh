#!/bin/bash
# A repository that an earlier igudar made, one for each version of the format (see make_repository): what it holds comes
# back for ever, by this igudar and by the reader in Python, and it can be gone on with.
#   golden.sh IGUDAR FOLDER
golden=$(realpath -e -- "$2") || exit 2
set -- "$1"
. "$(dirname "$0")/../e2e/lib.sh"

export IGUDAR_PASSWORD=golden
mkdir -p "$IGUDAR_REPOSITORY"
cp -r "$golden/repository/." "$IGUDAR_REPOSITORY"
chmod -R go= "$IGUDAR_REPOSITORY"

options=(--no-holes)
is_root || options+=(--no-owner)
: >probe
setfattr -n user.probe -v x probe 2>/dev/null || skip_part "the file system keeps no extended attributes of users"

# comparable: less what this user or file system cannot give back.
comparable() {
  if is_root; then cat; else sed -E 's/^(.* 0o[0-7]+) [0-9]+:[0-9]+ /\1 /; s/ 0o104751 / 0o100751 /'; fi |
    if getfattr -n user.probe probe >/dev/null 2>&1; then cat; else sed -E 's/ (user|system)\.[^ ]*//g'; fi
}

# compared NAME FOLDER: the folder is what the golden snapshot of that name was made of.
compared() {
  "$python" "$here/tree_state.py" "$2" "${options[@]}" | comparable >found.tree || fail "cannot read $2"
  comparable <"$golden/$1.tree" | diff -U1 - found.tree >tree.diff || { head -20 tree.diff >&2; fail "$1 did not come back as it was"; }
}

read_it() { PYTHONDONTWRITEBYTECODE=1 "$python" "$tools/igudar-read" "$IGUDAR_REPOSITORY" "$@" >out 2>err; }

checking "the snapshots"
run_json 0 snapshots
json '"\n".join(" ".join([s["id"], *s["tags"]]) for s in last["snapshots"])' | diff "$golden/snapshots" - || fail "other snapshots"
checking "all its data"
check_clean --read-data

while read -r id name; do
  checking "snapshot $name"
  run 0 restore "$id" --target "$name"
  mkdir "$name.read" && { read_it restore "$id" "$name.read" || fail "igudar-read ended with $?"; }
  if [ "$name" = stream ]; then
    cmp "$name/dump.sql" "$name.read/dump.sql" || fail "two readers, two streams"
    seq -f "%.0f is a number of the golden repository" 1 50000 | cmp - "$name/dump.sql" || fail "another stream"
  else
    compared "$name" "$name"
    compared "$name" "$name.read"
  fi
done <"$golden/snapshots"

checking "every kind of key"
IGUDAR_PASSWORD="golden pbkdf2" run 0 ls latest
IGUDAR_PASSWORD="golden maintainer" run 0 check
IGUDAR_PASSWORD="golden writer" run 0 backup after-a-prune
IGUDAR_PASSWORD="golden stranger" run 12 snapshots
cp "$golden/recovery.txt" recovery.txt
chmod 600 recovery.txt
run 0 snapshots --recovery-file recovery.txt

checking "another domain"
run 0 restore latest --domain "golden domain" --target in-domain
read_it --domain "golden domain" check || fail "igudar-read ended with $?"
seq -f "%.0f is a number of the golden repository" 1 2000 | cmp - in-domain/contents/small || fail "another file"

checking "going on with it"
(cd every-type && "$program" backup . --json >../out 2>../err) || fail "the backup failed"
assert_at_most "$(json 'last["new_bytes"]')" 10000 "bytes added, though all content was there"
run 0 forget --keep-last 1 --prune --max-unused 0
check_clean --read-data
restore_equals latest every-type
