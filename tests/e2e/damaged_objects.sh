#!/bin/bash
# Truncated, flipped, missing and foreign files in a repository: check names them, restore gives no wrong byte and goes on
# with what is whole, and nothing is made worse.
. "$(dirname "$0")/lib.sh"
needs_folder_store

random_file source/one 300000
random_file source/two 300000
init
backup source/one
backup source/two
cp -a "$IGUDAR_REPOSITORY" whole

restart() {
  rm -rf "$IGUDAR_REPOSITORY" "$XDG_CACHE_HOME" restored
  cp -a whole "$IGUDAR_REPOSITORY"
}
# No file restored differs from its source.
nothing_wrong_restored() {
  for file in one two; do
    if [ -e "restored/source/$file" ]; then
      cmp "source/$file" "restored/source/$file" || fail "restored with wrong content"
    fi
  done
}
damage() {
  chmod u+w "$2"
  case $1 in
    missing) rm "$2" ;;
    truncated) truncate -s $(($(stat -c %s "$2") / 2)) "$2" ;;
    empty) truncate -s 0 "$2" ;;
    flipped) "$python" - "$2" <<'PYTHON'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[len(data) // 3] ^= 16
open(sys.argv[1], "wb").write(data)
PYTHON
      ;;
  esac
}

# All objects, but for those by which each command says that it was there.
stored() { find "$IGUDAR_REPOSITORY" -type f -not -path "$IGUDAR_REPOSITORY/audit/*" | sort; }

for how in missing truncated empty flipped; do
  for folder in packs index snapshots; do
    restart
    object=$(find "$IGUDAR_REPOSITORY/$folder" -type f -printf '%s %p\n' | sort -n | tail -1 | cut -d' ' -f2)
    checking "a $folder object $how"
    damage "$how" "$object"
    before=$(stored)
    run 11 check --read-data
    [ "$folder" = index ] && [ "$how" = missing ] || assert_says "$(basename "$object")"
    assert_equal "$(stored)" "$before" "the repository after check"
    "$program" restore latest --target restored >out 2>err
    nothing_wrong_restored
  done
done

checking "a restore of what is whole beside what is damaged"
restart
run_json 0 snapshots
damage truncated "$(find "$IGUDAR_REPOSITORY/snapshots" -type f | grep -v "$(json 'last["snapshots"][0]["id"]')")"
run 0 restore latest --path "$work/source/one" --target restored
cmp source/one restored/source/one || fail "the whole snapshot was not restored"

checking "config damaged: the copies in the key slots serve"
for how in missing truncated flipped; do
  restart
  damage "$how" "$IGUDAR_REPOSITORY/config"
  "$program" check >out 2>err && fail "check found the config sound"
  [ "$how" = missing ] && continue  # without a config it may be no repository at all
  run 0 restore latest --target restored
  nothing_wrong_restored
done

checking "one copy of the key slot damaged"
restart
damage flipped "$(find "$IGUDAR_REPOSITORY/keys" -name '*.1')"
run 0 restore latest --target restored
run 11 check

checking "both copies damaged: damage, not a wrong password"
damage flipped "$(find "$IGUDAR_REPOSITORY/keys" -name '*.2')"
run 11 snapshots

checking "foreign files are left alone and stop nothing"
restart
echo foreign >"$IGUDAR_REPOSITORY/README"
echo foreign >"$IGUDAR_REPOSITORY/packs/notes.txt"
echo foreign >"$IGUDAR_REPOSITORY/snapshots/lost+found"
mkdir "$IGUDAR_REPOSITORY/elsewhere"
backup source/one
run 0 forget --keep-last 1 --prune
check_clean --read-data
assert_file "$IGUDAR_REPOSITORY/README" foreign
assert_file "$IGUDAR_REPOSITORY/packs/notes.txt" foreign
assert_file "$IGUDAR_REPOSITORY/snapshots/lost+found" foreign
