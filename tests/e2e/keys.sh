#!/bin/bash
# Passwords are added, changed and removed; each opens the repository until it is removed, and the last one stays.
. "$(dirname "$0")/lib.sh"

echo content >source/file
init
backup source
# opens STATUS PASSWORD
opens() {
  checking "opening with '$2'"
  IGUDAR_PASSWORD=$2 run "$1" snapshots
}

checking "key list"
run_json 0 key list
assert_equal "$(json 'len(last["keys"])')" 1
first=$(json 'last["keys"][0]["id"]')

checking "key remove of the only one"
run 2 key remove "$first"
assert_says "in use cannot be removed"
opens 0 "$IGUDAR_PASSWORD"

printf 'second\n' >second
run_json 0 key add --new-password-file second
added=$(json 'last["id"]')
opens 0 second
opens 0 "$IGUDAR_PASSWORD"
opens 12 third

checking "one more, by PBKDF2"
printf 'fips' >fips
run 0 key add --new-password-file fips --kdf pbkdf2
opens 0 fips
run_json 0 key list
assert_equal "$(json 'len(last["keys"])')" 3

checking "key passwd"
printf 'new second' >new
IGUDAR_PASSWORD=second run 0 key passwd --new-password-file new
opens 12 second
opens 0 "new second"
run_json 0 key list
assert_equal "$(json 'len(last["keys"])')" 3

checking "a new password keeps the way it is made into a key"
printf 'fips again' >again
IGUDAR_PASSWORD=fips run 0 key passwd --new-password-file again
run_json 0 key list --password-file again
assert_equal "$(json '[key["recipient"] for key in last["keys"] if key["current"]][0]')" 'password (PBKDF2)'
IGUDAR_PASSWORD='fips again' run 0 key passwd --new-password-file fips --kdf argon2id
run_json 0 key list --password-file fips
assert_equal "$(json '[key["recipient"] for key in last["keys"] if key["current"]][0]')" 'password (Argon2id)'

checking "scrypt"
printf 'scrypted' >scrypted
run 0 key add --new-password-file scrypted --kdf scrypt
run_json 0 key list --password-file scrypted
assert_equal "$(json '[key["recipient"] for key in last["keys"] if key["current"]][0]')" 'password (scrypt)'
printf 'scrypted again' >again
IGUDAR_PASSWORD=scrypted run 0 key passwd --new-password-file again
run_json 0 key list --password-file again
assert_equal "$(json '[key["recipient"] for key in last["keys"] if key["current"]][0]')" 'password (scrypt)'
if [ -d "$IGUDAR_REPOSITORY" ]; then
  IGUDAR_PASSWORD='scrypted again' PYTHONDONTWRITEBYTECODE=1 "$python" "$tools/igudar-read" "$IGUDAR_REPOSITORY" list >out 2>err || fail "the reader does not know scrypt"
fi

checking "key remove"
export IGUDAR_PASSWORD="new second"
run_json 0 key remove "${first:0:8}"
assert_equal "$(json 'last["id"]')" "$first" "the id in full"
opens 12 "the password of keys"
checking "key remove of one that is not there"
run 1 key remove "$added"
run 2 key remove
run 2 key frobnicate

checking "passwords from files and commands"
unset IGUDAR_PASSWORD
run 0 snapshots --password-file fips
run 0 snapshots --password-command 'printf "%s\n" fips'
IGUDAR_PASSWORD_FILE=new run 0 snapshots
run 1 snapshots --password-command 'exit 3'
run 1 snapshots --password-file missing
checking "no password at all"
status=0
setsid "$program" snapshots >out 2>err </dev/null || status=$?
[ "$status" != 0 ] || fail "the repository opened without a password"
assert_says 'password'
run 0 restore latest --target restored --password-file fips
assert_file restored/source/file content
