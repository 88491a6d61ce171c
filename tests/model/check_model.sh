#!/bin/bash
# Checks docs/model/gc.pml with spin: the protocol in each configuration must hold, and must still hold without the rule
# that is only an economy; each mutant (one rule removed) must be found out. One line each. Needs spin and gcc; works
# in a temporary folder. Usage: check_model.sh [NAME...] runs only the lines so named. Exit: 0 all as it should be, 1 not.
set -u

model=$(cd "$(dirname "$0")/../../docs/model" && pwd)/gc.pml
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
only=" $* "
failures=0

for tool in spin gcc; do
  command -v "$tool" >/dev/null || { echo "check_model: $tool is missing; install Debian's package $tool" >&2; exit 1; }
done

two_writers="-DWRITERS=2 -DPRUNERS=1 -DRUNS=1 -DATTEMPTS=1 -DUPLOADS=2"
two_writers_anew="-DWRITERS=2 -DPRUNERS=1 -DRUNS=1 -DATTEMPTS=2 -DUPLOADS=2"
two_pruners="-DWRITERS=1 -DPRUNERS=2 -DRUNS=1 -DATTEMPTS=1 -DUPLOADS=2"
two_runs="-DWRITERS=1 -DPRUNERS=1 -DRUNS=2 -DATTEMPTS=2 -DUPLOADS=3"
three_runs="-DWRITERS=1 -DPRUNERS=2 -DRUNS=2 -DATTEMPTS=1 -DUPLOADS=2"
new_chunk="-DWRITERS=1 -DPRUNERS=1 -DRUNS=1 -DATTEMPTS=1 -DUPLOADS=2 -DWANT_0=6"
bad="-DCLOCKS_BAD"

# run EXPECTED NAME FLAGS...: EXPECTED is holds or fails. A search that ends early (memory, depth) is neither.
run() {
  local expected=$1 name=$2 folder="$scratch/$2" started=$EPOCHREALTIME verdict states
  shift 2
  [[ $only == "  " || $only == *" $name "* ]] || return 0
  mkdir "$folder"
  if ! (cd "$folder" && spin -a "$@" "$model" && gcc -O2 -w -DSAFETY -DCOLLAPSE -DMEMLIM=2000 -o pan pan.c) \
      >"$folder/build" 2>&1; then
    cat "$folder/build"
    verdict=unbuilt
  else
    (cd "$folder" && ./pan -m100000 -w24) >"$folder/out" 2>&1
    if grep -q 'errors: 0' "$folder/out" && ! grep -qE 'out of memory|too small|not completed' "$folder/out"; then
      verdict=holds
    elif [[ -s $folder/gc.pml.trail ]] && grep -qE 'assertion violated|invalid end state' "$folder/out"; then
      verdict=fails
    else
      verdict=undecided
    fi
  fi
  states=$(sed -nE 's/ *([0-9]+) states, stored.*/\1/p' "$folder/out" 2>/dev/null)
  local mark="ok    "
  if [[ $verdict != "$expected" ]]; then
    mark="NOT OK"
    failures=$((failures + 1))
  fi
  awk -v m="$mark" -v n="$name" -v v="$verdict" -v e="$expected" -v s="${states:-0}" -v a="$started" -v b="$EPOCHREALTIME" \
    'BEGIN { printf "%s  %-38s %-9s (should be: %s) %9d states %6.1f s\n", m, n, v, e, s, b - a }'
  rm -rf "$folder"
}
mutant() { run fails "$1" "-DMUTANT_$1" "${@:2}"; }

run holds two_writers          $two_writers
run holds two_writers_bad      $two_writers_anew $bad
run holds two_pruners          $two_pruners
run holds two_pruners_bad      $two_pruners $bad
run holds two_runs             $two_runs -DFORGET
run holds two_runs_bad         $two_runs $bad -DFORGET
run holds new_chunk            $new_chunk
run holds new_chunk_bad        $new_chunk $bad
run holds renewal              $new_chunk -DRENEWAL
run holds economy_w3           $two_writers -DMUTANT_NO_REREAD_BEFORE_COMMIT
run holds economy_w3_bad       $two_writers -DMUTANT_NO_REREAD_BEFORE_COMMIT $bad

# The search must get to what is interesting; a model in which nothing happens holds everything.
run fails reaches_second_sweep      $two_runs -DREACH_SECOND_SWEEP
run fails reaches_rescue            $two_runs -DREACH_RESCUE
run fails reaches_replaced_snapshot $two_runs $bad -DREACH_REPLACED_SNAPSHOT

mutant NO_LEASE_RECHECK               $two_writers
mutant NO_REREAD_AFTER_COMMIT         $two_writers $bad
mutant STILL_EXISTS_IS_ENOUGH         $two_writers $bad
mutant NO_FENCE                       $two_writers
mutant IGNORE_GAP                     $two_runs $bad
mutant TRUST_UNTIL_SWEPT              $two_writers
mutant SNAPSHOTS_LISTED_BEFORE_LEASES $two_writers
mutant SWEEP_IGNORES_LEASES           $two_writers
mutant NO_RESCUE                      $two_writers
mutant SPARE_INSTEAD_OF_RESCUE        $three_runs -DFORGET
mutant DELETE_BEFORE_CONDEMN          $two_writers
mutant PACKS_LISTED_BEFORE_INDEX      $new_chunk
mutant INDEX_ENTRY_IS_ENOUGH          $three_runs
mutant NEXT_BEFORE_SWEPT              $two_pruners
mutant SWEPT_BEFORE_DELETE            $two_pruners
mutant NONEXCLUSIVE_CREATE            $three_runs
mutant NO_RELIST_AFTER_CREATE         $three_runs
mutant LOSER_CLEANS_UP                $two_pruners
mutant FAILED_WRITER_CLEANS_UP        $two_writers
mutant RENEWAL_REMOVES_THE_OLDER      $new_chunk -DRENEWAL

if ((failures)); then
  echo "check_model: $failures of the lines above are not as they should be"
  exit 1
fi
echo "check_model: the protocol holds, and each mutant was found out"
