#!/bin/bash
# Keys in a token: RSA and AES keys of SoftHSM open what was added for them; a wrong PIN is tried once; what is missing is named.
. "$(dirname "$0")/lib.sh"

module=/usr/lib/softhsm/libsofthsm2.so
for tool in softhsm2-util pkcs11-tool; do command -v $tool >/dev/null || skip "there is no $tool"; done
[ -e $module ] || skip "SoftHSM is not there"
echo content >source/file
init
backup source

umask 077
export SOFTHSM2_CONF=$work/softhsm.conf
mkdir tokens
printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$work/tokens" >"$SOFTHSM2_CONF"
softhsm2-util --init-token --free --label backup --so-pin 12345678 --pin 246810 >/dev/null || fail "SoftHSM made no token"
in_token() { pkcs11-tool --module $module --token-label backup --login --pin 246810 "$@" >tool.out 2>&1 || fail "pkcs11-tool $*: $(cat tool.out)"; }
in_token --keypairgen --key-type rsa:2048 --id 01 --label kek --usage-decrypt --usage-wrap
in_token --keygen --key-type aes:32 --id 03 --label aes --sensitive
in_token --keypairgen --key-type rsa:2048 --id 04 --label other --usage-decrypt
in_token --keypairgen --key-type EC:prime256v1 --id 05 --label ec
in_token --keypairgen --key-type rsa:2048 --id 06 --label strict --usage-decrypt --always-auth
printf '246810\n' >pin
printf '135791\n' >wrong-pin
rsa='pkcs11:token=backup;object=kek'
aes='pkcs11:token=backup;object=aes;type=secret-key'
current() { json '[key["recipient"] for key in last["keys"] if key["current"]][0]'; }

checking "an RSA key"
run_json 0 key add --recipient "$rsa" --pin-file pin
run_json 0 key list --pkcs11 "$rsa" --pin-file pin
current | grep -qxE "token, RSA 2048 [0-9a-f]{16} \(pkcs11:token=backup;object=kek\)" || fail "key list says '$(current)'"
run 0 restore latest --target by-rsa --pkcs11 'pkcs11:token=backup;id=%01' --pin-file pin
assert_file by-rsa/source/file content

checking "an AES key"
run 0 key add --recipient "$aes" --pin-command 'cat pin' --capability write
run_json 0 key list --pkcs11 "$aes" --pin-file pin
current | grep -qxE "token, AES [0-9a-f]{16} \(.*\)" || fail "key list says '$(current)'"
IGUDAR_PKCS11=$aes IGUDAR_PIN_FILE=pin run 0 backup source

checking "a key that asks for the PIN at each use"
run 0 key add --recipient 'pkcs11:token=backup;object=strict' --pin-file pin
run 0 snapshots --pkcs11 'pkcs11:token=backup;object=strict' --pin-file pin

checking "the module by its path, and the PIN at the prompt"
run 0 snapshots --pkcs11 "$rsa" --pkcs11-module $module --pin-file pin
run 0 snapshots --pkcs11 "$rsa?module-path=$module" --pin-file pin
"$python" -B "$here/answer.py" 246810 "$program" snapshots --pkcs11 "$rsa" >out 2>err || fail "the PIN at the prompt does not open"
assert_silent_about 246810

checking "a slot made from the public key outside"
in_token --read-object --type pubkey --id 04 --output-file other.der
openssl pkey -pubin -inform DER -in other.der -out other.pub 2>/dev/null || fail "openssl does not read the token's public key"
run 12 snapshots --pkcs11 'pkcs11:token=backup;object=other' --pin-file pin
assert_says "no key slot .* is for the token's key pkcs11:token=backup;object=other"

checking "what is not there"
run 1 snapshots --pkcs11 "$rsa" --pkcs11-module "$work/missing.so" --pin-file pin
assert_says "missing.so"
run 1 snapshots --pkcs11 'pkcs11:token=elsewhere;object=kek' --pin-file pin
assert_says "token .* not there"
run 1 snapshots --pkcs11 'pkcs11:token=backup;object=nothing' --pin-file pin
assert_says "key .* not in the token"
run 2 snapshots --pkcs11 'pkcs11:token=backup' --pin-file pin
assert_says "several keys"
run 2 key add --recipient 'pkcs11:token=backup;object=ec' --pin-file pin
assert_says "neither RSA nor AES"
run 2 snapshots --pkcs11 'pkcs11:nonsense=1' --pin-file pin
run 2 snapshots --pkcs11 'kek' --pin-file pin
run 2 snapshots --pkcs11 "$rsa" --identity missing

checking "a PIN in the URI"
run 2 snapshots --pkcs11 "$rsa?pin-value=246810"
assert_says "carries a PIN"
assert_silent_about 246810
run 2 key add --recipient "$rsa?pin-source=file:$work/pin"

checking "a wrong PIN"
run 12 snapshots --pkcs11 "$rsa" --pin-file wrong-pin
assert_says "PIN of the token backup is wrong"
assert_silent_about 135791
run 0 snapshots --pkcs11 "$rsa" --pin-file pin

if cc -shared -fPIC $(pkg-config --cflags p11-kit-1) "$here/token_module.c" -o token_module.so 2>cc.err; then
  export TOKEN_MODULE=$module TOKEN_LOG=$work/logins
  odd() { run "$1" snapshots --pkcs11 "$rsa" --pkcs11-module "$work/token_module.so" --pin-file "$2"; }
  checking "a wrong PIN is tried once, however many slots are for the key"
  run_json 0 key add --recipient "$rsa" --pin-file pin
  another=$(json 'last["id"]')
  : >"$TOKEN_LOG"
  odd 12 wrong-pin
  assert_equal "$(cat "$TOKEN_LOG")" "login as 1" "logins"
  checking "a locked PIN"
  TOKEN_FAILS=login TOKEN_ANSWER=a4 odd 1 pin
  assert_says "PIN of the token backup is locked"
  checking "a token that is pulled out"
  TOKEN_FAILS=decrypt TOKEN_ANSWER=32 odd 1 pin
  assert_says "token was removed"
  checking "a token that does not decrypt"
  TOKEN_FAILS=decrypt TOKEN_ANSWER=40 odd 11 pin
  odd 0 pin
  run 0 key remove "$another"
else
  skip_part "cannot make the module that fails: $(head -1 cc.err)"
fi

checking "the token is gone"
mv tokens kept && mkdir tokens
run 1 snapshots --pkcs11 "$rsa" --pin-file pin
assert_says "not there"
run 0 snapshots
rmdir tokens && mv kept tokens

checking "nothing was lost"
unset IGUDAR_PASSWORD
run 0 restore latest --target at-last --pkcs11 "$rsa" --pin-file pin
assert_file at-last/source/file content
check_clean --pkcs11 "$rsa" --pin-file pin

for planted in 246810 135791; do
  found=$(grep -rlaF $planted "$HOME" "$XDG_CACHE_HOME" "$XDG_STATE_HOME" "$store" 2>/dev/null)
  assert_equal "$found" "" "files with a PIN"
done
