#include "cli/command_table.h"

#include "base/translate.h"

namespace igudar {

namespace {

// clang-format off
constexpr CommandSpec kCommands[] = {
    {CommandId::init, "init", "", 0, 0, ValueKind::text, nullptr,
     N_("make a new repository"),
     N_("Makes a new, empty repository at the place that --repo names. Everything in it will be encrypted; the password "
        "opens it.\n\n"
        "Without the password nothing can be restored, by anyone. Keep it somewhere else than on this machine, or add "
        "a second one with 'igudar key add'."),
     "igudar init --repo /srv/backup\n", false},
    {CommandId::backup, "backup", N_("PATH…"), 0, kAnyNumber, ValueKind::file, nullptr,
     N_("make a snapshot of files and folders"),
     N_("Makes a snapshot of the files and folders given. What the repository holds already is not stored again, and "
        "files that did not change since the last snapshot of the same paths are not even read.\n\n"
        "Paths are kept as given: absolute ones in full, relative ones relative, and '.' as the folder's contents.\n\n"
        "Files that cannot be read are reported, the rest is kept, and the exit status is 3. A backup that is "
        "interrupted keeps what it has stored: the next one goes on from there.\n\n"
        "What --exclude takes is explained by 'igudar help patterns'."),
     "igudar backup ~/Documents ~/Pictures\n"
     "igudar backup . --exclude 'node_modules/' --exclude '*.o' --tag project\n"
     "pg_dump shop | igudar backup --stdin --stdin-filename shop.sql\n", false},
    {CommandId::snapshots, "snapshots", N_("[latest [N] | ID…]"), 0, kAnyNumber, ValueKind::text, nullptr,
     N_("list the snapshots"),
     N_("Lists the snapshots, oldest first. 'latest N' shows only the newest N of each host and set of paths."),
     "igudar snapshots --host web1\nigudar snapshots latest 3\n", false},
    {CommandId::ls, "ls", N_("SNAPSHOT [PATH]"), 1, 2, ValueKind::text, nullptr,
     N_("list what is in a snapshot"),
     N_("Lists the files of a snapshot, given by the first digits of its id or as 'latest'. With a path, lists that "
        "folder only, and with --recursive everything below it."),
     "igudar ls latest\nigudar ls -l 1f3a9c2e /home/amina\n", false},
    {CommandId::restore, "restore", N_("SNAPSHOT[:PATH]"), 1, 1, ValueKind::text, nullptr,
     N_("bring files back from a snapshot"),
     N_("Restores a snapshot, or one folder or file of it, below the folder that --target names and never outside it. "
        "The snapshot is given by the first digits of its id, or as 'latest' (see --host, --path, --tag and --at).\n\n"
        "Files that are there already with the same content are left alone; what differs is written. Every byte is "
        "verified before it is used. What cannot be restored is reported, and the rest goes on."),
     "igudar restore latest --target /tmp/restored\n"
     "igudar restore latest:/home/amina/notes --target ~/notes --at 2026-11-01\n"
     "igudar restore 1f3a9c2e --target / --include '/etc/**' --dry-run\n", false},
    {CommandId::check, "check", "", 0, 0, ValueKind::text, nullptr,
     N_("verify the repository"),
     N_("Verifies that every snapshot is there and that all it needs is stored. With --read-data every stored byte "
        "is read and verified as well; with --read-data-subset a part of it, what was not read for the longest time "
        "first.\n\n"
        "Damage is named with what it concerns, and the exit status is 11."),
     "igudar check\nigudar check --read-data-subset 5%\n", false},
    {CommandId::stats, "stats", "", 0, 0, ValueKind::text, nullptr,
     N_("show how much is stored"),
     N_("Shows how large the snapshots are, what they take in the repository, and what could be freed."),
     "igudar stats\n", false},
    {CommandId::forget, "forget", N_("[ID…]"), 0, kAnyNumber, ValueKind::text, nullptr,
     N_("remove snapshots, by name or by a rule"),
     N_("Removes the snapshots given, by id or as 'latest', or those that no --keep option keeps. Snapshots are first "
        "put in groups (see --group-by), and the rule is applied to each group.\n\n"
        "The space is freed by 'igudar prune', or at once with --prune."),
     "igudar forget --keep-daily 7 --keep-weekly 5 --keep-monthly 12 --prune\n"
     "igudar forget 1f3a9c2e\n", false},
    {CommandId::prune, "prune", "", 0, 0, ValueKind::text, nullptr,
     N_("free the space that no snapshot needs"),
     N_("Frees the space of what no snapshot needs any more. Others may back up at the same time: no lock is taken. "
        "Where a running backup could still need something, its deletion is left to a later prune."),
     "igudar prune --dry-run\nigudar prune --max-unused 10%\n", false},
    {CommandId::timestamp, "timestamp", N_("[SNAPSHOT…]"), 0, kAnyNumber, ValueKind::text, nullptr,
     N_("have snapshots stamped by a time-stamp authority"),
     N_("Has the snapshots given (by the first digits of their ids, or as 'latest') stamped by the authority that "
        "--timestamp names, or all that have no stamp. A stamp proves to anyone who trusts the authority that the "
        "snapshot existed at that time. The authority learns nothing of it.\n\n"
        "'igudar backup --timestamp' does the same at once; 'igudar check --signatures' verifies the stamps. A snapshot "
        "may have several: have it stamped again before the certificate of the authority ends."),
     "igudar timestamp --timestamp http://tsa.example.org/tsr --timestamp-ca tsa-ca.pem\n"
     "igudar timestamp latest 1f3a9c2e\n", false},
    {CommandId::erase, "erase", N_("plan\nlist\nconfirm PLAN\nrun PLAN\ncertificate PLAN\nverify-certificate FILE"), 1, 2, ValueKind::text,
     "plan|list|confirm|run|certificate|verify-certificate",
     N_("erase files from all snapshots, or snapshots, for good"),
     N_("Erases files or folders from all snapshots, or whole snapshots, so that nothing of them is left in the storage, and "
        "proves it. What other files hold as well stays for these. --of-domain erases a whole domain by destroying its keys.\n\n"
        "'erase plan' shows what would go and records a plan; nothing is erased yet. Where the policy asks for it, another "
        "key holder confirms it with 'erase confirm'. 'erase run' executes it: snapshots are stored anew without what is erased, "
        "packs that hold any of it are rewritten, and everything is listed and read again to test that nothing is left. "
        "Interrupted, it can be run again. Copies of the repository are named with --also. What a legal hold covers is "
        "refused (status 4).\n\n"
        "'erase certificate' writes a signed certificate, which 'erase verify-certificate' verifies without a password. A restore "
        "leaves out what was erased even where a storage brings it back."),
     "igudar erase plan --path /home/amina --reason 'request of 2026-11-02'\nigudar erase run 1f3a9c2e --also /mnt/copy\n"
     "igudar erase certificate 1f3a9c2e --output erasure.pdf\n", false},
    {CommandId::hold, "hold", N_("set\nlist\nrelease ID"), 1, 2, ValueKind::text, "set|list|release",
     N_("keep snapshots or files from being forgotten or erased"),
     N_("Sets, lists or releases legal holds. A snapshot that a hold covers is not forgotten by any rule, and nothing of it is "
        "erased. A hold is of snapshots, of everything, or of paths: then it covers each snapshot that has an entry which the "
        "pattern matches."),
     "igudar hold set --path '/srv/mail/**' --reason 'case 12/2026' --until 2027-12-31\nigudar hold list\n"
     "igudar hold release 1f3a9c2e --reason 'case closed'\n", false},
    {CommandId::policy, "policy", N_("show\nset NAME=VALUE\nunset NAME"), 1, 2, ValueKind::text, "show|set|unset",
     N_("show or change the rules of the repository"),
     N_("Shows or changes the rules that the key holders of the repository agreed on. Each change is a signed entry of the "
        "repository's registry."),
     "igudar policy show\nigudar policy set erase-confirmation=yes\n", false},
    {CommandId::consent, "consent", N_("record\nlist\nwithdraw ID\nsource add PATH\nsource list\nsource remove ID"), 1, 3, ValueKind::text,
     "record|list|withdraw|source",
     N_("record what allows to keep personal data"),
     N_("A backup of personal data is made only while a recorded consent, or another ground of GDPR article 6, covers each "
        "category of them; otherwise it stores nothing, says so and ends with status 5. What holds personal data is told by "
        "'backup --personal-data', or once for all by 'consent source add': then every backup of that path, of anything in it and "
        "of a folder that leads to it is tagged.\n\n"
        "'consent record' records whose data, which categories, what for and on what ground. 'consent withdraw' ends it: from then on "
        "no backup is made that needs it. What is stored already stays until 'igudar erase' erases it."),
     "igudar consent source add /srv/customers --category customers\n"
     "igudar consent record --subject 'all customers' --category customers --purpose 'orders and invoices' --basis contract\n"
     "igudar consent list\nigudar consent withdraw 1f3a9c2e --reason 'letter of 2026-11-02'\n", false},
    {CommandId::privacy, "privacy", N_("report\nset NAME=TEXT\nunset NAME"), 1, 2, ValueKind::text, "report|set|unset",
     N_("report what personal data are kept, and why"),
     N_("'privacy report' writes the record of processing that GDPR article 30 asks for, of every domain that the key may read: who is "
        "responsible, purposes, categories and sources of personal data, grounds, who holds keys, retention, places, "
        "security measures, erasures and legal holds. As text, CSV, JSON or PDF.\n\n"
        "What the repository cannot know is set with 'privacy set': controller, contact, representative, dpo, purpose, "
        "data-subjects, recipients, transfers, retention, measures."),
     "igudar privacy set controller='Agadir SARL'\nigudar privacy report --output processing.pdf\n"
     "igudar privacy report --format csv\n", false},
    {CommandId::compliance, "compliance", "check", 1, 1, ValueKind::choice, "check",
     N_("check controls of the GDPR or PCI DSS, with evidence"),
     N_("Goes through the controls of a profile that backups have a part in, and says of each whether it passes, fails or does not "
        "apply, why, and by what evidence from the repository. What no program can judge does not apply, and says what a person has "
        "to look at. The structure of the repository, its signatures and its audit log are verified for it.\n\n"
        "The exit status is 5 when a control fails."),
     "igudar compliance check --profile gdpr\nigudar compliance check --profile pci-dss --output pci.pdf\n", false},
    {CommandId::doctor, "doctor", "", 0, 0, ValueKind::text, nullptr,
     N_("tell whether the rules of the repository are kept"),
     N_("Compares the passwords, keys and recovery keys of the repository with the rules that 'igudar policy' sets, and says "
        "what is unwise though no rule forbids it. The exit status is 5 when a rule is not kept."),
     "igudar policy set max-key-age=365\nigudar policy set require-recovery-key=yes\nigudar doctor\n", false},
    {CommandId::key, "key", N_("list\nadd\nremove ID\nrevoke ID\nrotate\npasswd\ngenerate-identity FILE\nrecovery create|test"), 1, 2, ValueKind::text,
     "list|add|remove|revoke|rotate|passwd|generate-identity|recovery",
     N_("manage the passwords and keys that open the repository"),
     N_("Lists, adds, removes or changes the passwords and keys that open the repository. Each one has a key slot of its "
        "own and can be granted less than everything: 'write' can back up and read nothing back, 'maintain' can check and "
        "prune without reading any content.\n\n"
        "'key add' adds a password, or whom --recipient names: an identity, whose file 'key generate-identity' makes, the "
        "holder of an RSA key, or a key in a token (smart card, HSM). --identity opens the repository with such a file, "
        "--pkcs11 with such a token.\n\n"
        "'key rotate' changes the keys that everything is encrypted with: what is stored from then on cannot be read with "
        "what anyone knew before; what is stored already stays as it is and readable. With --reencrypt it is stored anew under the new keys as well, snapshot by snapshot, "
        "and what is old goes at the end; --rewrap only seals the secrets that it was encrypted with to the new keys, and copies packs as "
        "they are. After an interruption the same command goes on. 'key revoke' takes away what a key may do, "
        "for a machine that was stolen or a person who left: it rotates the keys, and nothing that the key signs from then on counts. "
        "'key remove' only takes the password or key off, as for one that is not used any more.\n\n"
        "'key recovery create' makes a recovery key to print and to keep in a safe place, whole or in shares of which some open. "
        "'key recovery test' proves that it opens the repository: do so now and then."),
     "igudar key list\nigudar key add --capability write\nigudar key passwd\nigudar key rotate\nigudar key revoke 5f04cbf5\n"
     "igudar key generate-identity ~/igudar.identity\nigudar key add --recipient ~/backup-certificate.pem\n"
     "igudar snapshots --identity ~/igudar.identity\n"
     "igudar key add --recipient 'pkcs11:token=backup;object=kek'\n"
     "igudar key recovery create --output kit.pdf --shares 5 --threshold 3\nigudar key recovery test\n",
     false},
    {CommandId::domain, "domain", N_("list\ncreate NAME\npolicy [NAME] show|set NAME=VALUE|unset NAME"), 1, 4, ValueKind::text, "list|create|policy",
     N_("keep customers, persons or projects apart"),
     N_("A domain is a part of the repository with keys of its own: whoever may use one domain learns nothing of the others, and "
        "destroying its keys erases all that is in it. Content is deduplicated within a domain, not between two.\n\n"
        "'domain create' makes one; whoever may do everything in the domain 'main' may do so in it. --domain names the domain "
        "that any other command works on: 'key add --domain NAME' adds a key that can use that domain only. Each domain has rules of "
        "its own: 'domain policy NAME' is 'policy --domain NAME'."),
     "igudar domain create customer-17\nigudar domain list\nigudar domain policy customer-17 set max-retention=365\n"
     "igudar key add --domain customer-17 --capability write\n"
     "igudar backup --domain customer-17 /srv/customer-17\n", false},
    {CommandId::crypto, "crypto", "list\nbench", 1, 1, ValueKind::choice, "list|bench",
     N_("list the ciphers and hashes, or measure them"),
     N_("'crypto list' shows the cipher suites, hashes, key derivations, signatures and recipients that this program knows, "
        "what each is used for, which of them FIPS 140 approves, and which the repository uses when one is named. No "
        "password is needed. 'crypto bench' measures them on this machine for a few seconds.\n\n"
        "A new repository uses the cipher suite that 'init --cipher' names; everything older stays readable."),
     "igudar crypto list\nigudar crypto bench\n", false},
    {CommandId::audit, "audit", N_("show\nverify\nexport\nanonymise [USER@HOST]"), 1, 2, ValueKind::text,
     "show|verify|export|anonymise",
     N_("show and verify the log of all that was done"),
     N_("Every command that opens the repository announces itself in the audit log before it does anything, and says "
        "afterwards how it ended. The entries are signed and chained: one that is removed, changed or moved is found out.\n\n"
        "'audit show' lists what was done, by whom and when. 'audit verify' verifies the log; the exit status is 11 where "
        "something is wrong with it. 'audit export' writes all entries as JSON, CSV or syslog lines. 'audit anonymise' takes "
        "away for ever who somebody was and what they named, by USER@HOST or, with --before, of all who did nothing since; "
        "the log verifies as before."),
     "igudar audit show --since 2026-11-01\nigudar audit verify\nigudar audit export --format csv --output audit.csv\n"
     "igudar audit anonymise amina@web1\n",
     false},
    {CommandId::version, "version", "", 0, 0, ValueKind::text, nullptr,
     N_("show the version"),
     N_("Shows the version of the program and of the repository format."), "", false},
    {CommandId::help, "help", N_("[COMMAND | TOPIC]"), 0, 1, ValueKind::text, nullptr,
     N_("explain a command"),
     N_("Explains a command and its options, or a topic: patterns, environment or exit-codes."),
     "igudar help backup\nigudar help exit-codes\n", false},
    {CommandId::generate, "generate", "man|bash|zsh|fish", 1, 1, ValueKind::choice, "man|bash|zsh|fish",
     N_("write the man page or a shell's completion to standard output"),
     N_("Writes the man page or a shell's completion to standard output. Used when the program is built."), "", true},
};
// clang-format on

}  // namespace

std::span<const CommandSpec> command_table() {
  return kCommands;
}

const CommandSpec* find_command(std::string_view name) {
  for (const CommandSpec& command : kCommands)
    if (name == command.name) return &command;
  return nullptr;
}

}  // namespace igudar
