#!/bin/bash
# Passwords from the kernel's keyring, and what systemd passes to its services.
. "$(dirname "$0")/lib.sh"

echo content >source/file
init
backup source
password=$IGUDAR_PASSWORD
run 0 key generate-identity mine.identity
run 0 key add --recipient mine.identity
unset IGUDAR_PASSWORD
umask 077
mkdir credentials

checking "systemd's credentials: a password"
printf '%s\n' "$password" >credentials/igudar.password
CREDENTIALS_DIRECTORY=credentials run 0 snapshots
printf 'wrong' >wrong
CREDENTIALS_DIRECTORY=credentials run 12 snapshots --password-file wrong
IGUDAR_PASSWORD=wrong CREDENTIALS_DIRECTORY=credentials run 12 snapshots

checking "systemd's credentials: an identity"
cp mine.identity credentials/igudar.identity
chmod 440 credentials/igudar.identity # as systemd's look, for it grants the service's user by an ACL
current() { json '[key["recipient"] for key in last["keys"] if key["current"]][0].split()[0]'; }
CREDENTIALS_DIRECTORY=credentials run_json 0 key list
assert_equal "$(current)" identity "what opened it"
IGUDAR_PASSWORD=$password CREDENTIALS_DIRECTORY=credentials run_json 0 key list
assert_equal "$(current)" password "what opened it"
rm -f credentials/igudar.identity
printf 'a phrase\n' >credentials/igudar.passphrase
CREDENTIALS_DIRECTORY=credentials run 0 key generate-identity sealed.identity --passphrase-file credentials/igudar.passphrase
CREDENTIALS_DIRECTORY=credentials run 0 key add --recipient sealed.identity
cp sealed.identity credentials/igudar.identity
CREDENTIALS_DIRECTORY=credentials run 0 snapshots

checking "the keyring"
command -v keyctl >/dev/null || skip "there is no keyctl"
keyctl session - true >/dev/null 2>&1 || skip "the kernel has no keyrings here"
in_session() { keyctl session - "$BASH" -c "$1"' && exec "$@"' bash "$program" "${@:2}" >out 2>err; }
printf %s "$password" >plain
in_session 'keyctl padd user backup @s <plain >/dev/null' snapshots --password-keyring backup || fail "the keyring's password does not open"
IGUDAR_PASSWORD_KEYRING=backup in_session 'keyctl padd user backup @s <plain >/dev/null' snapshots || fail "the variable does not"
in_session 'keyctl padd user backup @s <wrong >/dev/null' snapshots --password-keyring backup
assert_equal $? 12 "status with a wrong password"
in_session true snapshots --password-keyring missing
assert_equal $? 1 "status without a key"
assert_says "no key 'missing'"
run 2 snapshots --password-keyring backup --password-file plain
