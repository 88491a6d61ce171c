#!/bin/bash
# What the completions offer in real shells: commands, options, their fixed values, files and folders.
. "$(dirname "$0")/lib.sh"

mkdir -p made folder "folder with blank"
touch file other-file
run 0 generate bash
mv out made/igudar
run 0 generate zsh
mv out made/_igudar
run 0 generate fish
mv out made/igudar.fish

# completions LINE: the words that the shell puts in the place of the last one, one a line.
completions() {
  case $shell in
    bash) "$python" -B "$here/typed.py" bash '. made/igudar' "$1" ;;
    zsh) "$python" -B "$here/typed.py" zsh 'fpath=($PWD/made $fpath); autoload -U compinit; compinit -D -u' "$1" ;;
    fish) fish --no-config -c 'source made/igudar.fish; complete -C $argv[1]' "$1" | cut -f1 ;;
  esac
}

# offers LINE WORD…: exactly these words complete the last one of the line.
offers() {
  checking "$shell: '$1'"
  completions "$1" >out 2>err || fail "the shell said nothing"
  local expected=""
  (($# == 1)) || expected=$(printf '%s\n' "${@:2}" | LC_ALL=C sort | tr '\n' ';')
  assert_equal "$(sed 's,/$,,' out | LC_ALL=C sort | tr '\n' ';')" "$expected" "completions"
}

shells=()
for shell in bash zsh fish; do
  if command -v $shell >/dev/null; then shells+=($shell); else skip_part "$shell is not installed"; fi
done
for shell in "${shells[@]}"; do
  offers "igudar s" snapshots stats
  offers "igudar -r /somewhere --quiet re" restore
  offers "igudar --repo=/somewhere fo" forget
  offers "igudar gen"
  offers "igudar restore latest --over" --overwrite
  offers "igudar backup --exclude-" --exclude-caches --exclude-file --exclude-larger-than
  offers "igudar prune --keep"
  offers "igudar restore --overwrite " always if-changed never
  offers "igudar restore --overwrite=ne" --overwrite=never
  offers "igudar init --kdf p" pbkdf2
  offers "igudar init --cipher aes-256-gcm+" aes-256-gcm+chacha20-poly1305
  offers "igudar crypto " list bench
  offers "igudar key --capability m" maintain
  offers "igudar key " list add remove revoke rotate passwd generate-identity recovery
  offers "igudar key remove "
  offers "igudar help ex" exit-codes
  offers "igudar help backup "
  offers "igudar backup fi" file
  offers "igudar backup fo" folder "folder with blank"
  offers "igudar backup --exclude-file ot" other-file
  offers "igudar snapshots --repo f" folder "folder with blank"
  offers "igudar snapshots --repo=folder\\ w" "--repo=folder with blank"
  offers "igudar backup --tag f"
  offers "igudar restore f"
done

checking "every option that the help has, and no other"
run 0 help
mapfile -t commands < <(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' out)
assert_at_least "${#commands[@]}" 13 "commands"
for command in "${commands[@]}"; do
  run 0 help "$command"
  mapfile -t options < <(grep -oE '^ +(-[A-Za-z], )?--[a-z0-9-]+' out | grep -oE -- '--[a-z0-9-]+')
  for shell in "${shells[@]}"; do offers "igudar $command --" "${options[@]}"; done
done
