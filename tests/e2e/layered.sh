#!/bin/bash
# A repository in two layers of encryption is as usable as any: by this program and by the reader in Python, with full and
# smaller rights, before and after a prune. What says that it is of the simple suite is refused.
. "$(dirname "$0")/lib.sh"
needs_folder_store

suite=aes-256-gcm+chacha20-poly1305
read_it() { PYTHONDONTWRITEBYTECODE=1 "$python" "$tools/igudar-read" "$IGUDAR_REPOSITORY" "$@" >out 2>err || fail "igudar-read $* ended with $?"; }

# used: the cipher suites that the repository uses, by 'crypto list'.
used() { run_json 0 crypto list; json '" ".join(a["name"] for a in last["algorithms"] if a["kind"] == "cipher_suite" and a["used"])'; }

checking "what can be chosen"
run 2 init --cipher rot13
assert_absent "$IGUDAR_REPOSITORY/config"
run_json 0 init --cipher "$suite"
assert_equal "$(json 'last["cipher"]')" "$suite"
assert_equal "$(IGUDAR_PASSWORD='' used)" "$suite"

checking "every sealed record begins with the suite"
mkdir source/folder
random_file source/folder/large 3000000
for i in 1 2 3 4 5; do echo "small file $i" >source/folder/$i; done
backup source
random_file source/second 2000000 2
backup source
for record in "$IGUDAR_REPOSITORY"/{index,snapshots}/*; do
  assert_equal "$(od -An -tu1 -j10 -N1 "$record" | tr -d ' ')" 2 "suite of ${record#"$IGUDAR_REPOSITORY"/}"
done

checking "reading it"
check_clean --read-data
restore_equals latest:/source source
read_it restore latest by-reader
assert_same_tree source by-reader/source
read_it check
[ ! -s err ] || fail "igudar-read check has complaints"

checking "smaller rights and another password"
printf writer >writer
printf maintainer >maintainer
run 0 key add --new-password-file writer --capability write
run 0 key add --new-password-file maintainer --capability maintain
echo more >source/more
(IGUDAR_PASSWORD=writer backup source)
IGUDAR_PASSWORD=writer run 1 restore latest --target stolen

checking "a prune that copies frames as they are"
rm source/folder/large source/second
backup source
run_json 0 snapshots
kept=$(json 'last["snapshots"][-1]["id"]')
IGUDAR_PASSWORD=maintainer run_json 0 forget --keep-last 1 --prune --max-unused 0
assert_at_least "$(json 'last["prune"]["packs_repacked"]')" 1 "packs written anew"
check_clean --read-data
restore_equals "$kept:/source" source
read_it restore latest by-reader-after
assert_same_tree source by-reader-after/source

checking "a record that says it is of the simple suite"
cp -r "$IGUDAR_REPOSITORY" kept
snapshot=$(echo "$IGUDAR_REPOSITORY"/snapshots/*)
chmod u+w "$snapshot"
printf '\001' | dd of="$snapshot" bs=1 seek=10 conv=notrunc status=none
mv "$snapshot" "$IGUDAR_REPOSITORY/snapshots/$(sha256sum <"$snapshot" | cut -d' ' -f1)"
run 11 check
rm -rf "$IGUDAR_REPOSITORY"
mv kept "$IGUDAR_REPOSITORY"

checking "a config that says so"
python3 - "$IGUDAR_REPOSITORY/config" <<'END'
import hashlib, os, pathlib, sys
config = pathlib.Path(sys.argv[1])
data = bytearray(config.read_bytes()[:-32])
assert data[-65] == 2, "the suite of the last domain stands before the signature"
data[-65] = 1
os.chmod(config, 0o600)
config.write_bytes(data + hashlib.sha256(data).digest())
END
echo downgraded >source/downgraded
run 0 backup source
assert_says 'config cannot be used'
for record in "$IGUDAR_REPOSITORY"/{index,snapshots}/*; do
  assert_equal "$(od -An -tu1 -j10 -N1 "$record" | tr -d ' ')" 2 "suite of ${record#"$IGUDAR_REPOSITORY"/}"
done
