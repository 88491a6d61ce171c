#!/bin/bash
# A machine that only backs up is stolen, with its password and all that it keeps, by someone who can read and write the
# storage: what was stored stays unread, unnamed and whole.
. "$(dirname "$0")/lib.sh"
needs_folder_store
here_python() { "$python" "$here/stolen_writer.py" "$@" >out 2>err || fail "stolen_writer.py $1: $(tail -n 3 err)"; }

init
mkdir owner source/inner
echo "the owner's words" >owner/owner-name-3f81
backup owner
printf writer >password
run 0 key add --new-password-file password --capability write
owner=$IGUDAR_PASSWORD

checking "the client backs up, names come and go"
export IGUDAR_PASSWORD=writer XDG_CACHE_HOME=$work/client-cache XDG_STATE_HOME=$work/client-state
echo "words that are gone" >source/inner/gone-name-9c27
ln -s gone-target-5d02 source/inner/link
random_file source/inner/large-name-7711 9000000
"$python" -c 'import os
with open("source/inner/sparse-name-20ab", "wb") as file:  # so many extents that they are in lists
    for place in range(1500):
        file.seek(place * 8192)
        file.write(os.urandom(4096))'
backup source --host host-name-61aa --tag secret-tag-88
cp -a source before
rm source/inner/gone-name-9c27 source/inner/link
mv source/inner/large-name-7711 source/inner/new-name-1234
echo changed >source/inner/another
run_json 0 backup source --host host-name-61aa --tag secret-tag-88
assert_equal "$(json 'last["files_unchanged"]')" 1 "files compared without the parent"
assert_at_most "$(json 'last["new_bytes"]')" 100000

checking "what was in lists of extents is kept, over three backups"
run_json 0 backup source --host host-name-61aa
assert_equal "$(json 'last["files_unchanged"]')" 3
assert_equal "$(json 'last["read_bytes"]')" 0
checking "also when the last snapshot was forgotten"
id=$(latest)
IGUDAR_PASSWORD=$owner run 0 forget "$id"
run_json 0 backup source --host host-name-61aa
assert_equal "$(json 'last["files_unchanged"]')" 3
assert_equal "$(json 'last["parent_id"]')" ""
IGUDAR_PASSWORD=$owner run 0 prune --max-unused 0
IGUDAR_PASSWORD=$owner XDG_CACHE_HOME=$work/cache restore_equals latest:/source source

kept=$(latest)

checking "a backup that was cut short goes on"
random_file more 30000000
mkfifo pipe
"$program" --no-progress backup --stdin --compression none <pipe >out 2>err &
pid=$!
exec 7>pipe
cat more >&7
until [ "$(find "$IGUDAR_REPOSITORY/packs" "$IGUDAR_REPOSITORY/tmp" -type f -newer more -size +2000k | wc -l)" -ge 1 ]; do
  [ -d "/proc/$pid/fd" ] || fail "the backup ended too soon"
done
kill -TERM "$pid"
wait "$pid" && fail "the backup was not cut short"
exec 7>&-
"$program" backup --stdin --json <more >out 2>err || fail "the backup failed"
assert_at_most "$(json 'last["new_bytes"]')" 27000000 "new bytes"

names="gone-name-9c27 gone-target-5d02 large-name-7711 new-name-1234 another sparse-name-20ab inner owner-name-3f81 secret-tag-88 host-name-61aa"
checking "no command tells names, tags or content"
for command in "snapshots" "ls latest" "ls -R latest" "find gone" "restore latest --target stolen" "stats" \
  "snapshots --tag secret-tag-88" "check --read-data" "key list" "backup . --dry-run --verbose --parent latest"; do
  (mkdir -p empty && cd empty && "$program" $command >../out 2>../err </dev/null)
  for name in $names; do
    assert_silent_about "$name"
  done
done
assert_absent stolen
run_json 0 snapshots
assert_equal "$(json '[s for s in last["snapshots"] if s["host"] or s["user"] or s["paths"] or s["tags"]]')" "[]"
run 1 ls latest
assert_says "capability 'full'"

checking "what the machine keeps tells none either"
for name in $names; do
  ! grep -rqaF -- "$name" client-cache client-state || fail "'$name' is in $(grep -rlaF -- "$name" client-cache client-state | head -n 1)"
done
[ -n "$(find client-cache -path '*/files/*' -type f)" ] || fail "there is no files cache to look into"
assert_equal "$(find client-cache client-state -perm /077 | wc -l)" 0 "files and folders that others may read"

checking "no secret of its slot opens a frame or a description"
here_python read "$IGUDAR_REPOSITORY"

checking "it deletes nothing"
before=$(find "$IGUDAR_REPOSITORY"/{snapshots,packs,index} -type f | sort)
snapshots=$(IGUDAR_PASSWORD=$owner snapshot_count)
id=$(IGUDAR_PASSWORD=$owner latest)
for command in "forget $id" "forget --keep-last 1" "prune" "forget --keep-last 1 --prune" "key remove $(ls "$IGUDAR_REPOSITORY/keys" | head -n 1 | cut -c -32)" \
  "key add --new-password-file password"; do
  run 1 $command
  assert_says "capability|password"
done
assert_equal "$(find "$IGUDAR_REPOSITORY"/{snapshots,packs,index} -type f | sort)" "$before"

checking "records that it forges are refused"
touch before_forging
here_python forge "$IGUDAR_REPOSITORY"
export IGUDAR_PASSWORD=$owner XDG_CACHE_HOME=$work/cache XDG_STATE_HOME=$work/state
run_json 11 snapshots
assert_says "someone without the right wrote it"
assert_equal "$(json 'len(last["snapshots"])')" "$snapshots"
run 11 check
assert_says "tombstones/"
assert_says "gc/0000000000000001"
restore_equals "$kept":/source source
checking "a forged record of garbage collection stops backups until a prune replaces it, and condemns nothing"
run 11 backup source
assert_says "igudar prune"
run 0 prune --max-unused 0
run 0 backup source
restore_equals "$kept":/source source
find "$IGUDAR_REPOSITORY/tombstones" -type f -newer before_forging -delete
check_clean --read-data
