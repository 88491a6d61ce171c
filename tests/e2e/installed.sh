#!/bin/bash
# cmake --install puts all in its place, wherever that is, and the program finds its catalogues there.
. "$(dirname "$0")/lib.sh"

build=$(dirname "$program")
[ -e "$build/cmake_install.cmake" ] || skip "$program is not in a build folder"

cmake --install "$build" --prefix "$work/prefix" >out 2>err || fail "cmake --install failed"
DESTDIR=$work/stage cmake --install "$build" >out 2>err || fail "cmake --install with DESTDIR failed"
checking "a staged installation has the same files"
(cd prefix && find . -type f | sort) >expected
(cd "$(dirname "$(find stage -path '*/bin/igudar')")/.." && find . -type f | sort) >found
diff expected found >&2 || fail "other files"
assert_equal "$(find prefix -type f ! -perm -o=r | wc -l)" 0 "files that others cannot read"

checking "the program"
program=$work/prefix/bin/igudar
run 0 version

checking "the man pages"
export MANPATH=$work/prefix/share/man
for page in man1 fr/man1; do
  man --warnings -P cat -l "prefix/share/man/$page/igudar.1" >out 2>err || fail "man cannot show $page"
  assert_says "IGUDAR_PASSWORD_FILE"
done
assert_equal "$(man -w igudar)" "$MANPATH/man1/igudar.1"

checking "messages in French, with and without that locale on the machine"
for language in LANGUAGE=fr LC_ALL=fr_FR.UTF-8 LC_ALL=fr_CA; do
  # The shell itself may not have that locale.
  (export "${language?}" 2>/dev/null; run 10 snapshots) || exit 1
  assert_says "il n’y a pas de dépôt"
done
init
random_file source/file 3000000
backup source
export LANGUAGE=fr
run 0 stats
assert_says "Stocké +2,8[0-9].Mio"
assert_says "Gain +1,0.×"
LANGUAGE=fr run_json 1 ls latest /nothing
assert_equal "$(json 'last["code"]')" not_found
run 0 help exit-codes
assert_says "11 +le dépôt est endommagé"

checking "the completions are where the shells look"
export XDG_DATA_DIRS=$work/prefix/share
if command -v zsh >/dev/null; then
  assert_equal "$("$python" -B "$here/typed.py" zsh 'fpath=($PWD/prefix/share/zsh/site-functions $fpath); autoload -U compinit; compinit -D -u' "igudar snap")" snapshots
fi
if command -v fish >/dev/null; then
  assert_equal "$(PATH=$work/prefix/bin:$PATH fish -c "complete -C 'igudar snap'" | cut -f1)" snapshots
fi
assert_exists prefix/share/bash-completion/completions/igudar
