#!/bin/bash
# Identities: the file opens what was locked to its recipient, with its passphrase where it has one, and nothing else does.
. "$(dirname "$0")/lib.sh"

echo content >source/file
init
backup source
recipient_of() { run_json 0 key list "$@"; json '[key["recipient"] for key in last["keys"] if key["current"]][0]'; }

checking "key generate-identity"
run 0 key generate-identity first.identity --quiet
recipient=$(cat out)
assert_equal "$(stat -c %a first.identity)" 600 "mode of the identity file"
grep -qxF "$recipient" first.identity || fail "the file does not hold the recipient"
assert_silent_about "$(grep ^igudar-identity first.identity)"
cp first.identity kept
run 1 key generate-identity first.identity
cmp -s first.identity kept || fail "an identity file was overwritten"
run 2 key generate-identity
run_json 0 key generate-identity second.identity
second=$(json 'last["recipient"]')

checking "key add --recipient"
run_json 0 key add --recipient "$recipient"
slot=$(json 'last["id"]')
run 2 key add --recipient "${recipient%?}$(printf %s "${recipient: -1}" | tr 0-9a-f 1-9a-f0)"
assert_says "mistyped|there is no recipient"
run 2 key add --recipient "$recipient" --kdf pbkdf2
run 2 key add --recipient source/file
assert_says "no recipient"
run 1 key add --recipient missing

checking "opening"
unset IGUDAR_PASSWORD
run 0 snapshots --identity first.identity
IGUDAR_IDENTITY_FILE=first.identity run 0 restore latest --target restored
assert_file restored/source/file content
recipient_of --identity first.identity | grep -qE '^identity [0-9a-f]{16}$' || fail "key list does not name the identity"
run 12 snapshots --identity second.identity
assert_says "no key slot .* is for the identity [0-9a-f]{16}"
run 2 snapshots --identity first.identity --password-file missing
run 1 snapshots --identity missing
echo nonsense >nonsense && chmod 600 nonsense
run 2 snapshots --identity nonsense
assert_says "not an identity file"
sed 's/^igudar-identity-1-../&00/' first.identity >broken && chmod 600 broken
run 2 snapshots --identity broken

checking "the command line goes before the environment"
printf %s "the password of $test_name" >password && chmod 600 password
IGUDAR_IDENTITY_FILE=second.identity run 0 snapshots --password-file password
IGUDAR_PASSWORD=wrong run 0 snapshots --identity first.identity

checking "a file that others can read"
for mode in 640 604; do
  chmod $mode first.identity
  run 1 snapshots --identity first.identity
  assert_says "chmod 600"
done
chmod 600 first.identity

checking "a passphrase"
printf 'a phrase\n' >phrase && chmod 600 phrase
run 0 key generate-identity third.identity --passphrase-file phrase
! grep -q '^igudar-identity-1-' third.identity || fail "the secret key is in clear"
run 0 key add --recipient third.identity --identity first.identity --capability write
run 0 snapshots --identity third.identity --passphrase-file phrase
IGUDAR_PASSPHRASE_FILE=phrase IGUDAR_IDENTITY_FILE=third.identity run 0 backup source
printf 'another' >wrong && chmod 600 wrong
run 12 snapshots --identity third.identity --passphrase-file wrong
assert_says "passphrase"
run 1 restore latest --target denied --identity third.identity --passphrase-file phrase
[ ! -e denied/source/file ] || fail "a write key restored content"

checking "a passphrase at the prompt"
"$python" -B "$here/answer.py" "a new phrase,a new phrase" "$program" key generate-identity fourth.identity --passphrase >out 2>err || fail "the prompt failed"
assert_silent_about "a new phrase"
run 0 key add --recipient fourth.identity --identity first.identity
"$python" -B "$here/answer.py" "a new phrase" "$program" snapshots --identity fourth.identity >out 2>err || fail "the passphrase does not open"
"$python" -B "$here/answer.py" "a,b" "$program" key generate-identity fifth.identity --passphrase >out 2>err && fail "two phrases that differ were taken"
assert_absent fifth.identity

checking "key passwd of an identity"
run 2 key passwd --identity first.identity --new-password-file phrase
assert_says "not opened by a password"

checking "an identity alone"
run_json 0 key list --identity first.identity
for id in $(json '" ".join(key["id"] for key in last["keys"] if key["recipient"].startswith("password"))'); do
  run 0 key remove "$id" --identity first.identity
done
IGUDAR_PASSWORD="the password of $test_name" run 12 snapshots
assert_says "is for a password"
run 0 snapshots --identity first.identity

if [ -d "$IGUDAR_REPOSITORY" ]; then
  checking "a reader made from the format alone"
  reader() { PYTHONDONTWRITEBYTECODE=1 "$python" "$tools/igudar-read" "$@" >out 2>err; }
  reader --identity first.identity "$IGUDAR_REPOSITORY" restore latest by-reader || fail "the reader does not open the identity's slot"
  assert_file by-reader/source/file content
  IGUDAR_PASSPHRASE_FILE=phrase IGUDAR_IDENTITY_FILE=third.identity reader "$IGUDAR_REPOSITORY" list || fail "the reader does not open the sealed identity"
  IGUDAR_PASSPHRASE_FILE=wrong reader --identity third.identity "$IGUDAR_REPOSITORY" list
  assert_equal $? 12 "status of the reader with a wrong passphrase"
  reader --identity second.identity "$IGUDAR_REPOSITORY" list
  assert_equal $? 12 "status of the reader with another identity"
fi

checking "removal"
run 2 key remove "$slot" --identity first.identity
run 0 key add --recipient "$second" --identity first.identity
run 0 key remove "$slot" --identity second.identity
run 12 snapshots --identity first.identity
run 0 restore latest --target again --identity second.identity
assert_file again/source/file content
check_clean --read-data --identity second.identity

checking "one identity in several slots: the one that grants most"
run 0 key generate-identity several.identity --quiet
several=$(cat out)
for capability in write full maintain; do run 0 key add --recipient "$several" --capability $capability --identity second.identity; done
for _ in 1 2; do
  rm -rf again
  run 0 restore latest --target again --identity several.identity
  run_json 0 key list --identity several.identity
  assert_equal "$(json '[key["capability"] for key in last["keys"] if key["current"]]')" '["full"]'
done

checking "another repository, made by one who knows the recipient, in the place of ours"
run_json 0 stats --identity second.identity
authority=$(json 'last["authority"]')
mv "$IGUDAR_REPOSITORY" aside
XDG_STATE_HOME=$work/thief-state XDG_CACHE_HOME=$work/thief-cache IGUDAR_PASSWORD=thief run 0 init
XDG_STATE_HOME=$work/thief-state XDG_CACHE_HOME=$work/thief-cache IGUDAR_PASSWORD=thief run 0 key add --recipient "$second"
for command in "snapshots" "backup source"; do
  run 11 $command --identity second.identity
  assert_says "is not the one that this machine opened there before"
done
mv "$IGUDAR_REPOSITORY/keys" aside-keys
rm -rf "$IGUDAR_REPOSITORY"
cp -a aside "$IGUDAR_REPOSITORY"
run 0 snapshots --identity second.identity
assert_silent_about authority
checking "a slot of theirs among ours"
run 0 key list --identity second.identity
cp aside-keys/* "$IGUDAR_REPOSITORY/keys/"
run 0 snapshots --identity second.identity
assert_silent_about authority
rm -r "$IGUDAR_REPOSITORY"
cp -a aside "$IGUDAR_REPOSITORY"
checking "our repository in another place"
mv aside elsewhere
run 0 snapshots --identity second.identity --repo "$work/elsewhere"
assert_silent_about authority
checking "a machine that has never seen it"
XDG_STATE_HOME=$work/new-state run 0 snapshots --identity second.identity
assert_says "compare its authority, $authority"
XDG_STATE_HOME=$work/new-state run 0 snapshots --identity second.identity
assert_silent_about authority
