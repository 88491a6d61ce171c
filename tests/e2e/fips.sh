#!/bin/bash
# A repository that keeps to FIPS 140 does all that others do, with what is approved alone; the rest is refused with the reason and
# what to use instead. With OPENSSL_CONF (and OPENSSL_MODULES) naming a FIPS provider, that one does the work.
. "$(dirname "$0")/lib.sh"
needs_folder_store
command -v openssl >/dev/null || skip "there is no openssl"
openssl() { env -u OPENSSL_CONF -u OPENSSL_MODULES openssl "$@"; }  # a helper, whatever the program is tried with
umask 077

layered=aes-256-gcm+chacha20-poly1305
with() { IGUDAR_PASSWORD=$1 run "${@:2}"; }
read_it() { "$python" -B "$tools/igudar-read" "${reader_options[@]}" "$IGUDAR_REPOSITORY" "$@" >out 2>err || fail "igudar-read ${reader_options[*]} $* ended with $?"; }
# refused ALGORITHM INSTEAD ARGUMENT…: ends in status 1, names the one and says to use the other.
refused() {
  run 1 "${@:3}"
  assert_says "FIPS 140 does not approve .*$1"
  assert_says "$2"
}
# unapproved ARGUMENT…: what the repository uses and FIPS 140 does not approve, by 'crypto list'.
unapproved() { run_json 0 crypto list "$@"; json '[a["name"] for a in last["algorithms"] if a["used"] and not a["fips_approved"]]'; }

checking "an identity and an ordinary repository, made before"
run 0 key generate-identity identity
recipient=$(head -1 out)
IGUDAR_REPOSITORY=$work/ordinary init

checking "what is refused when it is made"
refused argon2id 'kdf pbkdf2' init --fips --kdf argon2id
refused scrypt 'kdf pbkdf2' init --fips --kdf scrypt
refused chacha20-poly1305 'aes-256-gcm' init --fips --cipher $layered
assert_absent "$IGUDAR_REPOSITORY/config"
refused X25519 'RSA' key generate-identity other --fips
assert_absent other

checking "making it"
run_json 0 init --fips
assert_equal "$(json 'last["fips"]')" true
assert_equal "$(unapproved)" '[]' "what is not approved"
assert_equal "$(json 'sorted(a["name"] for a in last["algorithms"] if a["used"] and a["kind"] in ("sealed_box", "key_derivation", "cipher_suite"))')" \
  '["aes-256-gcm", "hkdf-sha256", "hpke-p256-sha256-aes-256-gcm", "pbkdf2"]'
assert_equal "$(json 'last["fips"]["repository"] and last["fips"]["in_force"]')" true
provider=$(json 'last["fips"]["provider"] or ""')
if [ -n "$provider" ]; then
  echo "the $provider does the work"
  run 0 crypto list
  assert_says 'FIPS 140 is kept to; the .* does the work'
else
  skip_part "the real provider: this system has none that starts"
  run 0 snapshots
  assert_says 'no FIPS provider'
fi

checking "backing up with a password, an RSA key, a key in words, a Fernet key, and a password that only writes"
mkdir source/folder
random_file source/folder/large 3000000
for i in $(seq 300); do echo "small file $i" >"source/folder/file $i"; done
cp -a source first-source
backup source --digest sha256,sha1 --tag first
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out rsa.key 2>err && openssl pkey -in rsa.key -pubout -out rsa.pub || fail "openssl made no key"
"$python" -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())' >fernet.key
printf writer >writer
printf second >second
run 0 key add --recipient rsa.pub
run 0 key add --recipient fernet.key
run 0 key add --new-password-file writer --capability write
run 0 key add --new-password-file second --kdf pbkdf2
run 0 key recovery create --output kit.txt
run 0 key recovery create --output shares.txt --shares 3 --threshold 2
random_file source/of-the-writer 400000
with writer 0 backup source
with writer 1 restore latest --target stolen
random_file source/by-rsa 400000
unset IGUDAR_PASSWORD
run 0 backup source --identity rsa.key
run 0 snapshots --identity fernet.key
run 0 snapshots --recovery-file shares-1.txt --recovery-file shares-3.txt
run 0 restore latest --target by-words --recovery-file kit.txt
assert_same_tree source by-words/source
export IGUDAR_PASSWORD="the password of $test_name"
restore_equals latest:/source source
check_clean --read-data
assert_equal "$(unapproved)" '[]' "what is not approved"

checking "what is refused in it"
run_json 0 key list
slots=$(json 'len(last["keys"])')
refused Argon2id 'kdf pbkdf2' key add --new-password-file writer --kdf argon2id
refused scrypt 'kdf pbkdf2' key passwd --new-password-file writer --kdf scrypt
refused X25519 'RSA' key add --recipient "$recipient"
refused X25519 'RSA' key add --recipient identity
refused X25519 'RSA' snapshots --identity identity
refused ChaCha20 'aes-256-gcm' key rotate --cipher $layered
refused ChaCha20 'aes-256-gcm' domain create other --cipher $layered
refused MD5 'sha256' backup source --digest md5
openssl rsa -in rsa.key -aes256 -passout pass:phrase -traditional -out old.key 2>err || fail "openssl sealed no key"
printf phrase >phrase
refused MD5 'pkcs8' snapshots --identity old.key --passphrase-file phrase
openssl pkcs8 -topk8 -v2 aes256 -iter 10000 -in rsa.key -passout file:phrase -out sealed.key || fail "openssl sealed no key"
run 0 snapshots --identity sealed.key --passphrase-file phrase
run_json 0 key list
assert_equal "$(json 'len(last["keys"])')" "$slots" "key slots"
assert_equal "$(json '{key["recipient"] for key in last["keys"] if "password" in key["recipient"]} == {"password (PBKDF2)"}')" true

checking "rotation, a changed password, revocation"
run_json 0 key rotate
assert_equal "$(json 'last["epoch"]')" 1
assert_equal "$(json 'last["left_over"]')" '[]'
random_file source/after-rotation 300000
with writer 0 backup source
run 0 key rotate --rewrap
run_json 0 snapshots
first=$(json '[s["id"] for s in last["snapshots"] if "first" in s["tags"]][0]')
printf changed >changed
with second 0 key passwd --new-password-file changed
for password in "$IGUDAR_PASSWORD" changed; do
  IGUDAR_PASSWORD=$password restore_equals latest:/source source
  IGUDAR_PASSWORD=$password restore_equals "$first:/source" first-source
done
run_json 0 key list
run 0 key revoke "$(json '[k["id"] for k in last["keys"] if k["capability"] == "write"][0]')"
with writer 12 backup source
backup source

checking "a second domain"
run 0 domain create second
mkdir theirs
random_file theirs/file 200000
run 0 key add --domain second --new-password-file writer --capability write
with writer 0 backup --domain second theirs
run 0 restore latest:/theirs --domain second --target restored-theirs
assert_same_tree theirs restored-theirs
run_json 0 key rotate --domain second
with writer 0 backup --domain second theirs

checking "everything stored anew under new keys"
run 0 key rotate --reencrypt
restore_equals latest:/source source

checking "a hold, an erasure, a prune, the audit log"
run_json 0 hold set --all --reason "a case"
hold=$(json 'last["id"]')
run 0 hold list
assert_says "a case"
run 0 hold release "$hold" --reason closed
run_json 0 erase plan --path of-the-writer --reason "a request"
run 0 erase run "$(json 'last["plan"]["id"]')"
touch -r source its-time
rm source/of-the-writer
touch -r its-time source
run 0 forget --keep-last 1 --prune --max-unused 0
check_clean --read-data
run 0 audit verify
restore_equals latest:/source source
assert_equal "$(unapproved)" '[]' "what is not approved"

checking "a reader made from the format alone"
for options in "" "--identity rsa.key" "--identity fernet.key" "--recovery-file kit.txt" "--recovery-file shares-2.txt --recovery-file shares-3.txt"; do
  read -ra reader_options <<<"$options"
  rm -rf by-reader
  read_it restore latest by-reader
  assert_same_tree source by-reader/source
done
reader_options=()
read_it check
[ ! -s err ] || fail "igudar-read check has complaints"
read_it audit
reader_options=(--domain second)
read_it restore latest theirs-by-reader
assert_same_tree theirs theirs-by-reader/theirs

checking "the config is lost, the key slot knows"
cp -r "$IGUDAR_REPOSITORY" kept
rm -f "$IGUDAR_REPOSITORY/config"
refused Argon2id 'kdf pbkdf2' key add --new-password-file writer --kdf argon2id
restore_equals latest:/source source
rm -rf "$IGUDAR_REPOSITORY"
mv kept "$IGUDAR_REPOSITORY"

checking "a machine that allows nothing else"
restore_equals latest:/source source
run 0 snapshots --fips
IGUDAR_FIPS=1 run 0 snapshots
IGUDAR_REPOSITORY=$work/ordinary run 1 snapshots --fips
assert_says 'does not keep to FIPS 140'
assert_says 'init --fips'
IGUDAR_REPOSITORY=$work/ordinary IGUDAR_FIPS=1 run 1 backup source
assert_says 'does not keep to FIPS 140'
IGUDAR_REPOSITORY=$work/ordinary IGUDAR_FIPS=0 run 0 snapshots
IGUDAR_REPOSITORY=$work/made-there IGUDAR_FIPS=1 run_json 0 init
assert_equal "$(json 'last["fips"]')" true
