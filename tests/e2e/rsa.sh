#!/bin/bash
# RSA keys: a public key or a certificate locks, the private key opens; OpenSSL, Python and GnuTLS understand what is stored.
. "$(dirname "$0")/lib.sh"

command -v openssl >/dev/null || skip "there is no openssl"
echo content >source/file
init
backup source
umask 077

key_pair() { openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:$2" -out "$1.key" 2>/dev/null && openssl pkey -in "$1.key" -pubout -out "$1.pub" || fail "openssl made no key"; }
certificate() { openssl req -x509 -key "$1.key" -subj "/O=Essai/CN=$1" -out "$1.crt" "${@:2}" 2>/dev/null || fail "openssl made no certificate"; }

checking "public keys of 2048 to 4096 bits"
for bits in 2048 4096; do
  key_pair "k$bits" $bits
  run 0 key add --recipient "k$bits.pub"
  run_json 0 key list --identity "k$bits.key"
  json '[key["recipient"] for key in last["keys"] if key["current"]][0]' | grep -qE "^RSA $bits [0-9a-f]{16}$" || fail "key list does not name the key"
done
run 0 restore latest --target restored --identity k4096.key
assert_file restored/source/file content

checking "keys that are too small, too large or of another kind"
key_pair small 1024
run 2 key add --recipient small.pub
assert_says "1024 bits"
key_pair large 4104
run 2 key add --recipient large.pub
assert_says "4104 bits"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.key 2>/dev/null && openssl pkey -in ec.key -pubout -out ec.pub
run 2 key add --recipient ec.pub
assert_says "not RSA"
run 2 snapshots --identity ec.key
run 2 key add --recipient k2048.key
assert_says "no public key"
run 2 snapshots --identity k2048.pub
assert_says "no private key"

checking "certificates"
key_pair holder 3072
certificate holder -days 30
run 0 key add --recipient holder.crt
run_json 0 key list --identity holder.key
assert_equal "$(json '[key["recipient"] for key in last["keys"] if key["current"]][0].split(" (")[1]')" "certificate CN=holder,O=Essai)"
certificate holder -days 30 -addext keyUsage=digitalSignature
run 2 key add --recipient holder.crt
assert_says "not for encryption"
certificate holder -days 30 -addext keyUsage=digitalSignature,keyEncipherment
run 0 key add --recipient holder.crt

checking "certificates out of their time"
if command -v certtool >/dev/null; then
  template() { printf 'cn = "%s"\nencryption_key\nactivation_date = "%s"\nexpiration_date = "%s"\n' "$@" >template; }
  template expired "2001-01-01 00:00:00" "2002-02-03 00:00:00"
  certtool --generate-self-signed --load-privkey holder.key --template template --outfile expired.crt 2>/dev/null || fail "certtool made no certificate"
  run 2 key add --recipient expired.crt
  assert_says "expired"
  assert_says "2001-01-01 .* to 2002-02-03"
  template early "2201-01-01 00:00:00" "2202-02-03 00:00:00"
  certtool --generate-self-signed --load-privkey holder.key --template template --outfile early.crt 2>/dev/null || fail "certtool made no certificate"
  run 2 key add --recipient early.crt
  assert_says "not valid yet"
  assert_says "2201-01-01"

  checking "keys of GnuTLS"
  printf 'cn = "gnutls"\nencryption_key\nexpiration_days = 30\n' >template
  certtool --generate-privkey --key-type rsa --bits 3072 --no-text --outfile gnutls.key 2>/dev/null || fail "certtool made no key"
  certtool --generate-self-signed --load-privkey gnutls.key --template template --outfile gnutls.crt 2>/dev/null || fail "certtool made no certificate"
  run 0 key add --recipient gnutls.crt
  run 0 snapshots --identity gnutls.key
else
  skip_part "there is no certtool"
fi

checking "an encrypted private key"
printf 'a phrase' >phrase
printf 'another' >wrong
openssl pkcs8 -topk8 -in k2048.key -passout file:phrase -out sealed.key
openssl rsa -in k2048.key -aes256 -passout file:phrase -traditional -out traditional.key 2>/dev/null
for key in sealed traditional; do
  run 0 snapshots --identity $key.key --passphrase-file phrase
  run 12 snapshots --identity $key.key --passphrase-file wrong
  assert_says "passphrase"
  "$python" -B "$here/answer.py" "a phrase" "$program" snapshots --identity $key.key >out 2>err || fail "the passphrase at the prompt does not open"
done

checking "another key, and a file that others can read"
key_pair other 2048
run 12 snapshots --identity other.key
assert_says "no key slot .* is for the RSA key [0-9a-f]{16}"
chmod 644 k2048.key
run 1 snapshots --identity k2048.key
assert_says "chmod 600"
chmod 600 k2048.key

needs_folder_store
checking "a reader made from the format alone"
reader() { PYTHONDONTWRITEBYTECODE=1 "$python" "$tools/igudar-read" "$@" >out 2>err; }
reader --identity holder.key "$IGUDAR_REPOSITORY" restore latest by-reader || fail "the reader does not open the slot"
assert_file by-reader/source/file content
IGUDAR_PASSPHRASE_FILE=phrase reader --identity sealed.key "$IGUDAR_REPOSITORY" list || fail "the reader does not open with an encrypted key"
IGUDAR_PASSPHRASE_FILE=wrong reader --identity sealed.key "$IGUDAR_REPOSITORY" list
assert_equal $? 12 "status of the reader with a wrong passphrase"

checking "openssl and Python unwrap the same slot key"
run_json 0 key list --identity k2048.key
slot=$(json '[key["id"] for key in last["keys"] if key["current"]][0]')
"$python" -B - "$tools/igudar-read" "$IGUDAR_REPOSITORY/keys/$slot.1" k2048.key wrapped by-python <<'P' || fail "Python does not unwrap"
import importlib.machinery, importlib.util, sys
loader = importlib.machinery.SourceFileLoader("igudar_read", sys.argv[1])
reader = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
sys.modules[loader.name] = reader
loader.exec_module(reader)
slot = reader.decode_slot(open(sys.argv[2], "rb").read())
open(sys.argv[4], "wb").write(slot.wrapped[2])
open(sys.argv[5], "wb").write(reader.open_private_key(open(sys.argv[3], "rb").read(), None).slot_key(slot))
P
openssl pkeyutl -decrypt -inkey k2048.key -in wrapped -out by-openssl -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256 || fail "openssl does not unwrap"
assert_equal "$(stat -c %s by-openssl)" 32 "bytes of the slot key"
cmp by-openssl by-python || fail "openssl and Python unwrap different keys"

checking "a slot that was altered"
"$python" - "$IGUDAR_REPOSITORY/keys/$slot" wrapped <<'P'
import hashlib, sys
wrapped = open(sys.argv[2], "rb").read()
for copy in ".1", ".2":
    data = open(sys.argv[1] + copy, "rb").read()[:-32]
    data = data.replace(wrapped, wrapped[:-1] + bytes([wrapped[-1] ^ 1]))
    open(sys.argv[1] + copy, "wb").write(data + hashlib.sha256(data).digest())
P
run 11 snapshots --identity k2048.key
assert_says "altered"
run 0 snapshots --identity k4096.key
