#!/bin/bash
# Recovery keys: on paper, as text, PDF and QR code, whole and in shares. What they open, and what keeps them from it.
. "$(dirname "$0")/lib.sh"

echo content >source/file
init
backup source
other=$work/other

# words FILE: the five words of each of its lines.
words() { grep -E '^[1-6] ' "$1"; }
# No line of words of the file may show in what the program said.
assert_no_words_of() { while read -r _ _ line; do assert_silent_about "$line"; done < <(words "$1"); }
# with FILE…: the options that name them.
with() { printf -- '--recovery-file %s ' "$@"; }

checking "making one"
run 0 key recovery create --output kit.txt
assert_no_words_of kit.txt
assert_equal "$(stat -c %a kit.txt)" 600 "mode of the file"
assert_equal "$(words kit.txt | wc -l)" 6 "lines of words"
run_json 0 key list
repository=$(grep -oE 'Repository [0-9a-f]{32}' kit.txt | cut -d' ' -f2)
fingerprint=$(grep -oE 'Recovery key [0-9a-f]{16}' kit.txt | cut -d' ' -f3)
assert_equal "$(json '[key["recipient"] for key in last["keys"] if key["recovery_key"]][0]')" "recovery key $fingerprint" recipient
assert_equal "$(json '[key["capability"] for key in last["keys"] if key["recovery_key"]][0]')" full capability
assert_equal "$(json '[key["tested"] for key in last["keys"] if key["recovery_key"]][0]')" None tested

checking "nothing is replaced, and what cannot be written leaves no key slot"
before=$(cat kit.txt)
run 1 key recovery create --output kit.txt
assert_file kit.txt "$before"
run 2 key recovery create
run 2 key recovery create --output kit.doc
run 2 key recovery create --output many.txt --shares 3
run 2 key recovery create --output many.txt --shares 2 --threshold 3
run 2 key recovery create --output many.txt --shares 300 --threshold 3
touch many-2.txt
run 1 key recovery create --output many.txt --shares 3 --threshold 2
assert_absent many-1.txt
run_json 0 key list
assert_equal "$(json 'len(last["keys"])')" 2 "key slots"

checking "opening with it"
password=$IGUDAR_PASSWORD
unset IGUDAR_PASSWORD
run 0 restore latest --target restored --recovery-file kit.txt
assert_file restored/source/file content
words kit.txt | tr ' a-z' '-A-Z' >typed.txt
chmod 600 typed.txt
run 0 snapshots --recovery-file typed.txt
chmod 644 typed.txt
run 1 snapshots --recovery-file typed.txt
assert_says "chmod 600"
chmod 600 typed.txt

checking "mistyped"
mistype() { sed -E "$1" kit.txt >wrong.txt; chmod 600 wrong.txt; run "${2:-2}" snapshots --recovery-file wrong.txt; }
mistype '/^4 /s/([a-z]+) ([a-z]+)/\1 quark/'
assert_says "word 2 of line 4 is mistyped"
assert_no_words_of kit.txt
mistype '/^5 /s/^5  ([a-z]+) ([a-z]+)/5  \2 \1/'
assert_says "line 5 does not fit|of line 5 seems mistyped"
mistype '/^3 /d'
assert_says "line 3 is missing"
mistype '/^6 /d'
assert_says "line 6 is missing"

checking "another repository's"
run 2 snapshots --recovery-file kit.txt --password-file /dev/null
export IGUDAR_PASSWORD=$password
run 0 init --repo "$other"
run 0 key recovery create --output other.txt --repo "$other"
unset IGUDAR_PASSWORD
run 12 snapshots --recovery-file other.txt
assert_says "of another repository"

checking "the test, and what is remembered of it"
export IGUDAR_PASSWORD=$password
run 0 key list
assert_says "never tested here"
run 0 check
assert_says "never tested on this machine"
unset IGUDAR_PASSWORD
run 0 key recovery test --recovery-file kit.txt
assert_says "opens the repository .* 'full'"
assert_no_words_of kit.txt
run 2 key recovery test
assert_says "no terminal"
run 0 key list --recovery-file kit.txt
assert_says "recovery key $fingerprint, tested 20[0-9-]+ "
run 0 check --recovery-file kit.txt
assert_silent_about "tested"
tests=$XDG_STATE_HOME/igudar/$repository/recovery-tests
sed -i -E "2s/ [0-9]+$/ $((($(date +%s) - 181 * 86400)))000000000/" "$tests"
run 0 check --recovery-file kit.txt
assert_says "last tested 181 days ago"

checking "typed on the terminal, with a line mistyped at first"
answers=$(words kit.txt | paste -sd,)
second=$(sed -n 2p <(words kit.txt))
"$python" -B "$here/answer.py" "${answers/"$second"/2 babab babab babab babab babab,${second#2}}" "$program" key recovery test >out 2>err
assert_equal "$?" 0 "status of the test"
assert_says "line 2"
assert_says "opens the repository"
assert_no_words_of kit.txt

checking "shares"
run 0 key recovery create --recovery-file kit.txt --output share.txt --shares 4 --threshold 3 --capability maintain
for n in 1 2 3 4; do assert_equal "$(stat -c %a share-$n.txt)" 600 "mode of a share"; done
for set in "1 2 3" "2 3 4" "4 1 3" "1 2 4" "1 2 3 4"; do
  files=$(for n in $set; do echo share-$n.txt; done)
  run 0 key recovery test $(with $files)
  assert_says "'maintain'"
done
run 2 key recovery test $(with share-1.txt share-4.txt)
assert_says "takes 3 shares .* here is 2"
run 2 key recovery test $(with share-1.txt share-4.txt share-4.txt)
assert_says "here is 2"
run 0 key recovery create --recovery-file kit.txt --output second.txt --shares 4 --threshold 3
run 2 key recovery test $(with share-1.txt share-2.txt second-3.txt)
assert_says "different recovery keys"
run 1 key recovery create $(with share-{1,2,3}.txt) --output third.txt
assert_says "may not add others"
assert_absent third.txt
run 0 key list --recovery-file kit.txt
assert_says "recovery key [0-9a-f]{16} \(3 of 4 shares\), tested"

checking "shown when asked for"
run 0 key recovery create --recovery-file kit.txt --output -
cp out shown.txt
chmod 600 shown.txt
run 0 snapshots --recovery-file shown.txt
run 2 key recovery create --recovery-file kit.txt --output - --json

checking "PDF and PNG"
run_json 0 key recovery create --recovery-file kit.txt --output page.pdf --shares 2 --threshold 2
assert_equal "$(json 'last["files"]')" '["page-1.pdf", "page-2.pdf"]' files
run 0 key recovery create --recovery-file kit.txt --output code.png
run 2 snapshots --recovery-file code.png
assert_says "to look at"
assert_equal "$(stat -c %a page-1.pdf code.png | sort -u)" 600 modes
if command -v pdftotext >/dev/null; then
  umask 077
  for n in 1 2; do pdftotext -layout page-$n.pdf page-$n.txt; done
  run 0 snapshots $(with page-1.txt page-2.txt)
  umask 022
else
  skip_part "pdftotext is not installed"
fi
if command -v zbarimg >/dev/null; then
  umask 077
  zbarimg --raw -q code.png 2>/dev/null >code.txt || fail "the QR code cannot be read"
  run 0 snapshots --recovery-file code.txt
  if command -v pdftoppm >/dev/null; then
    for n in 1 2; do
      pdftoppm -r 150 -png -singlefile page-$n.pdf scan-$n
      zbarimg --raw -q scan-$n.png 2>/dev/null >scan-$n.txt || fail "the QR code of a printed page cannot be read"
    done
    run 0 snapshots $(with scan-1.txt scan-2.txt)
  fi
  umask 022
else
  skip_part "zbarimg is not installed"
fi

checking "no key is stored or remembered"
words kit.txt | cut -c4- >secrets
found=$(grep -rlaF -f secrets "$HOME" "$XDG_CACHE_HOME" "$XDG_STATE_HOME" 2>/dev/null)
assert_equal "$found" "" "files with the key"

needs_folder_store
checking "a reader made from the format alone"
reader() { PYTHONDONTWRITEBYTECODE=1 "$python" "$tools/igudar-read" "$@" >out 2>err; }
reader --recovery-file kit.txt "$IGUDAR_REPOSITORY" restore latest by-reader || fail "the reader does not open the slot"
assert_file by-reader/source/file content
reader $(with second-4.txt second-1.txt second-2.txt) "$IGUDAR_REPOSITORY" restore latest by-shares || fail "the reader does not join the shares"
assert_file by-shares/source/file content
reader $(with second-4.txt second-1.txt) "$IGUDAR_REPOSITORY" list && fail "the reader opened with too few shares"

checking "another program joins the shares"
if command -v gfcombine >/dev/null; then
  "$python" -B - "$tools/igudar-read" second-{1,2,4}.txt <<'P' || fail "Python reads no shares"
import importlib.machinery, importlib.util, sys
loader = importlib.machinery.SourceFileLoader("igudar_read", sys.argv[1])
reader = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
sys.modules[loader.name] = reader
loader.exec_module(reader)
pages = [reader.read_recovery_page(open(name, "rb").read()) for name in sys.argv[2:]]
for page in pages:
    open(f"joined.{page.number:03}", "wb").write(page.value)
open("expected", "wb").write(reader.RecoveryOpener(pages).key)
P
  gfcombine -o joined joined.001 joined.002 joined.004 || fail "gfcombine does not join the shares"
  cmp joined expected || fail "gfcombine makes another key"
else
  skip_part "gfcombine is not installed"
fi

checking "a removed one opens no longer"
run_json 0 key list --recovery-file kit.txt
slot=$(json '[key["id"] for key in last["keys"] if key["current"]][0]')
IGUDAR_PASSWORD=$password run 0 key remove "$slot"
run 12 snapshots --recovery-file kit.txt
assert_says "no key slot .* is for the recovery key $fingerprint"
