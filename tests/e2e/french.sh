#!/bin/bash
# Messages in French: counts agree with one and with many, numbers are written as the language does.
. "$(dirname "$0")/lib.sh"
[ -e "$(dirname "$program")/locale/fr/LC_MESSAGES/igudar.mo" ] || skip "the catalogues are not built"

export LANGUAGE=fr
echo content >source/file
init
assert_says 'Dépôt|dépôt'
backup source
assert_says '1 nouveau, 0 modifié, 0 inchangé'
assert_says '1 fichier et 1 dossier'
echo more >source/more
echo more >source/again
backup source
assert_says '2 nouveaux, 0 modifié, 1 inchangé'
run 0 check
assert_says '2 instantanés'
run 12 snapshots --password-command 'echo wrong'
assert_says 'n’ouvre pas le dépôt'
run 2 bakcup
assert_says 'pas de commande .*bakcup'

checking "an object that is too short by all but a byte"
needs_folder_store
chmod u+w "$IGUDAR_REPOSITORY/config"
printf x >"$IGUDAR_REPOSITORY/config"
run 11 check
assert_says 'un objet ne fait que 1 octet\b'
