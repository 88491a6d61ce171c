#include "cli/option_table.h"

#include "base/translate.h"

namespace igudar {

namespace {

using enum CommandId;

constexpr CommandSet kEverywhere = CommandSet::all();
constexpr CommandSet kFiltering = {snapshots, ls, restore, forget};

// clang-format off
constexpr OptionSpec kOptions[] = {
    // Global.
    {.name = "repo", .letter = 'r', .kind = ValueKind::folder, .value_name = N_("REPOSITORY"),
     .help = N_("the repository: a path or a URL"), .commands = kEverywhere, .environment = "IGUDAR_REPOSITORY"},
    {.name = "ca-file", .kind = ValueKind::file, .value_name = N_("FILE"),
     .help = N_("judge the certificates of storage servers by those of this file (PEM) instead of the system's"), .commands = kEverywhere,
     .environment = "IGUDAR_CA_FILE"},
    {.name = "insecure-tls", .help = N_("do not verify the certificates of storage servers; each run warns of it"), .commands = kEverywhere},
    {.name = "password-file", .letter = 'p', .kind = ValueKind::file, .value_name = N_("FILE"),
     .help = N_("read the password from the first line of this file"), .commands = kEverywhere, .environment = "IGUDAR_PASSWORD_FILE"},
    {.name = "password-command", .kind = ValueKind::text, .value_name = N_("COMMAND"),
     .help = N_("run this command with the shell and take the first line it writes as the password"), .commands = kEverywhere,
     .environment = "IGUDAR_PASSWORD_COMMAND"},
    {.name = "password-keyring", .kind = ValueKind::text, .value_name = N_("NAME"),
     .help = N_("take the password from the key of this name in the kernel's keyring"), .commands = kEverywhere,
     .environment = "IGUDAR_PASSWORD_KEYRING"},
    {.name = "identity", .kind = ValueKind::file, .value_name = N_("FILE"),
     .help = N_("open the repository with this identity file, private RSA key or Fernet key instead of a password"), .commands = kEverywhere,
     .environment = "IGUDAR_IDENTITY_FILE"},
    {.name = "passphrase-file", .kind = ValueKind::file, .value_name = N_("FILE"),
     .help = N_("read the passphrase of the identity file or private key from the first line of this file"), .commands = kEverywhere,
     .environment = "IGUDAR_PASSPHRASE_FILE"},
    {.name = "pkcs11", .kind = ValueKind::text, .value_name = N_("URI"),
     .help = N_("open the repository with this key in a smart card or HSM, such as 'pkcs11:token=NAME;object=NAME'"), .commands = kEverywhere,
     .environment = "IGUDAR_PKCS11"},
    {.name = "pkcs11-module", .kind = ValueKind::file, .value_name = N_("FILE"),
     .help = N_("the PKCS #11 library of the token, instead of those that p11-kit is set up with"), .commands = kEverywhere,
     .environment = "IGUDAR_PKCS11_MODULE"},
    {.name = "pin-file", .kind = ValueKind::file, .value_name = N_("FILE"),
     .help = N_("read the token's PIN from the first line of this file"), .commands = kEverywhere, .environment = "IGUDAR_PIN_FILE"},
    {.name = "pin-command", .kind = ValueKind::text, .value_name = N_("COMMAND"),
     .help = N_("run this command with the shell and take the first line it writes as the token's PIN"), .commands = kEverywhere,
     .environment = "IGUDAR_PIN_COMMAND"},
    {.name = "recovery-file", .kind = ValueKind::file, .value_name = N_("FILE"),
     .help = N_("open the repository with the recovery key in this text file, or with its shares in several"), .commands = kEverywhere,
     .repeatable = true},
    {.name = "domain", .kind = ValueKind::text, .value_name = N_("NAME"),
     .help = N_("work on this domain of the repository instead of 'main'"), .commands = kEverywhere, .environment = "IGUDAR_DOMAIN"},
    {.name = "alert-command", .kind = ValueKind::text, .value_name = N_("COMMAND"),
     .help = N_("run this command with the shell when the repository could not be opened several times within an hour"), .commands = kEverywhere,
     .environment = "IGUDAR_ALERT_COMMAND"},
    {.name = "alert-after", .kind = ValueKind::text, .value_name = N_("N"),
     .help = N_("run that command from the Nth such failure on"), .commands = kEverywhere, .default_value = "3",
     .environment = "IGUDAR_ALERT_AFTER"},
    {.name = "cache-dir", .kind = ValueKind::folder, .value_name = N_("FOLDER"),
     .help = N_("keep cached indexes here instead of in ~/.cache/igudar"), .commands = kEverywhere,
     .environment = "IGUDAR_CACHE_DIR"},
    {.name = "fips",
     .help = N_("use only what FIPS 140 approves, through OpenSSL's FIPS provider where there is one: 'init' makes such a repository, others "
                "are refused"),
     .commands = kEverywhere, .environment = "IGUDAR_FIPS"},
    {.name = "json", .help = N_("write results as JSON, for programs"), .commands = kEverywhere},
    {.name = "quiet", .letter = 'q', .help = N_("show results and errors only"), .commands = kEverywhere},
    {.name = "verbose", .letter = 'v', .help = N_("show each file; give it twice to show unchanged ones as well"), .commands = kEverywhere,
     .repeatable = true},
    {.name = "no-progress", .help = N_("do not draw the progress display"), .commands = kEverywhere},
    {.name = "help", .letter = 'h', .help = N_("show this help"), .commands = kEverywhere},
    {.name = "version", .letter = 'V', .help = N_("show the version"), .commands = kEverywhere},

    // What is backed up.
    {.name = "exclude", .letter = 'e', .kind = ValueKind::text, .value_name = N_("PATTERN"),
     .help = N_("leave out what matches this gitignore pattern"), .commands = {backup}, .repeatable = true},
    {.name = "exclude-file", .kind = ValueKind::file, .value_name = N_("FILE"),
     .help = N_("leave out what matches the patterns in this file"), .commands = {backup}, .repeatable = true},
    {.name = "exclude-caches", .help = N_("leave out the contents of folders marked with a CACHEDIR.TAG file"), .commands = {backup}},
    {.name = "exclude-larger-than", .kind = ValueKind::text, .value_name = N_("SIZE"),
     .help = N_("leave out files larger than this, such as 500M or 1.5G"), .commands = {backup}},
    {.name = "one-file-system", .letter = 'x', .help = N_("do not enter other file systems"), .commands = {backup}},
    {.name = "files-from", .kind = ValueKind::file, .value_name = N_("FILE"),
     .help = N_("back up the paths in this file as well, one a line; '-' is standard input"), .commands = {backup}, .repeatable = true},
    {.name = "stdin", .help = N_("back up standard input as one file"), .commands = {backup}},
    {.name = "stdin-filename", .kind = ValueKind::text, .value_name = N_("NAME"),
     .help = N_("the name of that file"), .commands = {backup}, .default_value = "stdin"},
    // How it is kept.
    {.name = "tag", .kind = ValueKind::text, .value_name = N_("TAG[,TAG…]"),
     .help = N_("mark the snapshot with these tags"), .commands = {backup}, .repeatable = true},
    {.name = "personal-data", .kind = ValueKind::text, .value_name = N_("CATEGORY[,CATEGORY…]"),
     .help = N_("it holds personal data of these categories: a recorded consent has to cover each (see 'igudar help consent')"),
     .commands = {backup}, .repeatable = true},
    {.name = "host", .letter = 'H', .kind = ValueKind::text, .value_name = N_("NAME"),
     .help = N_("the host to write in the snapshot instead of this machine's name"), .commands = {backup}, .environment = "IGUDAR_HOST"},
    {.name = "time", .kind = ValueKind::text, .value_name = N_("TIME"),
     .help = N_("the time to write in the snapshot, such as '2026-11-01 22:08:41', instead of now"), .commands = {backup}},
    {.name = "parent", .kind = ValueKind::text, .value_name = N_("ID"),
     .help = N_("compare with this snapshot instead of the newest one of the same host and paths"), .commands = {backup}},
    {.name = "force", .letter = 'f', .help = N_("read every file again, whether it changed or not"), .commands = {backup}},
    {.name = "with-atime", .help = N_("keep the access times"), .commands = {backup}},
    {.name = "digest", .kind = ValueKind::text, .value_name = N_("NAME[,NAME…]"),
     .help = N_("keep whole-file digests as well: sha256, sha1, md5"), .commands = {backup}, .repeatable = true},
    {.name = "compression", .kind = ValueKind::text, .value_name = N_("CODEC[:LEVEL]"),
     .help = N_("auto (fast zstd), zstd, lz4, zlib, bzip2, lzma or none, and how hard to try"), .commands = {backup}, .default_value = "auto",
     .environment = "IGUDAR_COMPRESSION"},

    // Which snapshots.
    {.name = "host", .letter = 'H', .kind = ValueKind::text, .value_name = N_("NAME"),
     .help = N_("only snapshots of this host"), .commands = kFiltering, .repeatable = true},
    {.name = "tag", .kind = ValueKind::text, .value_name = N_("TAG[,TAG…]"),
     .help = N_("only snapshots with all of these tags; given again, with those of either"), .commands = kFiltering, .repeatable = true},
    {.name = "path", .kind = ValueKind::text, .value_name = N_("PATH"),
     .help = N_("only snapshots that were given this path"), .commands = kFiltering, .repeatable = true},
    {.name = "at", .kind = ValueKind::text, .value_name = N_("TIME"),
     .help = N_("only snapshots not newer than this, such as 2026-11-01 or '2026-11-01 22:08'"), .commands = {snapshots, ls, restore}},

    // ls
    {.name = "long", .letter = 'l', .help = N_("show mode, owner, size and time as well"), .commands = {ls}},
    {.name = "recursive", .letter = 'R', .help = N_("show everything below the path"), .commands = {ls}},

    // restore
    {.name = "target", .letter = 't', .kind = ValueKind::folder, .value_name = N_("FOLDER"),
     .help = N_("restore below this folder"), .commands = {restore}},
    {.name = "include", .letter = 'i', .kind = ValueKind::text, .value_name = N_("PATTERN"),
     .help = N_("restore only what matches this gitignore pattern"), .commands = {restore}, .repeatable = true},
    {.name = "exclude", .letter = 'e', .kind = ValueKind::text, .value_name = N_("PATTERN"),
     .help = N_("leave out what matches this gitignore pattern"), .commands = {restore}, .repeatable = true},
    {.name = "overwrite", .kind = ValueKind::choice, .value_name = N_("WHEN"),
     .help = N_("what to do with files that are there: always make them like the snapshot, only if size or time differ, or "
                "never touch them"),
     .commands = {restore}, .default_value = "always", .choices = "always|if-changed|never"},
    {.name = "delete", .help = N_("remove from the target what the snapshot does not have"), .commands = {restore}},
    {.name = "sparse", .help = N_("leave runs of zeros as holes"), .commands = {restore}},
    {.name = "verify", .help = N_("read back what was written and compare"), .commands = {restore}},
    {.name = "numeric-ids", .help = N_("restore owners by number, not by name"), .commands = {restore}},

    // check
    {.name = "read-data", .help = N_("read and verify every stored byte"), .commands = {check}},
    {.name = "signatures", .help = N_("show who signed each snapshot, what that is worth, and its time-stamps"), .commands = {check}},
    {.name = "read-data-subset", .kind = ValueKind::text, .value_name = N_("PART"),
     .help = N_("read and verify a part: 5%, 1/7 or 2G"), .commands = {check}},

    // forget and prune
    {.name = "keep-last", .letter = 'l', .kind = ValueKind::text, .value_name = N_("N"),
     .help = N_("keep the newest N snapshots; here and below, 'unlimited' keeps all"), .commands = {forget}},
    {.name = "keep-hourly", .kind = ValueKind::text, .value_name = N_("N"),
     .help = N_("keep the newest of each of the last N hours that have one"), .commands = {forget}},
    {.name = "keep-daily", .letter = 'd', .kind = ValueKind::text, .value_name = N_("N"),
     .help = N_("the same by days"), .commands = {forget}},
    {.name = "keep-weekly", .letter = 'w', .kind = ValueKind::text, .value_name = N_("N"),
     .help = N_("the same by weeks"), .commands = {forget}},
    {.name = "keep-monthly", .letter = 'm', .kind = ValueKind::text, .value_name = N_("N"),
     .help = N_("the same by months"), .commands = {forget}},
    {.name = "keep-yearly", .letter = 'y', .kind = ValueKind::text, .value_name = N_("N"),
     .help = N_("the same by years"), .commands = {forget}},
    {.name = "keep-within", .kind = ValueKind::text, .value_name = N_("SPAN"),
     .help = N_("keep all that are newer than this before the newest one, such as 1y5m7d2h"), .commands = {forget}},
    {.name = "keep-tag", .kind = ValueKind::text, .value_name = N_("TAG[,TAG…]"),
     .help = N_("keep all that have all of these tags"), .commands = {forget}, .repeatable = true},
    {.name = "group-by", .letter = 'g', .kind = ValueKind::text, .value_name = N_("LIST"),
     .help = N_("apply the rule to groups of equal host, paths and tags, or some of these; '' makes one group of all"),
     .commands = {forget}, .default_value = "host,paths"},
    {.name = "prune", .help = N_("free the space afterwards, as 'igudar prune' does"), .commands = {forget}},
    {.name = "rewrap", .help = N_("with 'key rotate': seal the secrets of what is stored to the new keys; packs are copied as they are"), .commands = {key}},
    {.name = "reencrypt", .help = N_("with 'key rotate': store everything anew under the new keys, and remove what is old"), .commands = {key}},
    {.name = "max-unused", .kind = ValueKind::text, .value_name = N_("PERCENT"),
     .help = N_("leave this share of unused data in the repository, to rewrite less: 5%, 0 or unlimited"), .commands = {prune, forget},
     .default_value = "5%"},

    // audit
    {.name = "since", .kind = ValueKind::text, .value_name = N_("TIME"),
     .help = N_("only what was done from this time on, such as 2026-11-01 or '2026-11-01 22:08'"), .commands = {audit}},
    {.name = "until", .kind = ValueKind::text, .value_name = N_("TIME"),
     .help = N_("only what was done up to this time"), .commands = {audit}},
    {.name = "format", .kind = ValueKind::choice, .value_name = N_("FORMAT"),
     .help = N_("how to write the entries: JSON lines, CSV (RFC 4180) or syslog lines (RFC 5424)"), .commands = {audit},
     .default_value = "json", .choices = "json|csv|syslog"},
    {.name = "output", .letter = 'o', .kind = ValueKind::file, .value_name = N_("FILE"),
     .help = N_("write them to this file, which must not be there yet"), .commands = {audit}},
    {.name = "before", .kind = ValueKind::text, .value_name = N_("TIME"),
     .help = N_("anonymise all who did nothing since this time"), .commands = {audit}},

    // Several.
    {.name = "dry-run", .letter = 'n', .help = N_("change nothing, only show what would be done"),
     .commands = {backup, restore, forget, prune}},
    {.name = "threads", .kind = ValueKind::text, .value_name = N_("N"),
     .help = N_("how many threads work; as a rule one for each processor"), .commands = {backup, restore, check}},

    // Time-stamps.
    {.name = "timestamp", .kind = ValueKind::text, .value_name = N_("URL"),
     .help = N_("have the snapshot stamped by this time-stamp authority (RFC 3161), over HTTP or HTTPS"), .commands = {backup, timestamp},
     .environment = "IGUDAR_TIMESTAMP_URL"},
    {.name = "timestamp-ca", .kind = ValueKind::file, .value_name = N_("FILE"),
     .help = N_("the certificates (PEM) that vouch for time-stamp authorities, instead of those that the system trusts"),
     .commands = {backup, timestamp, check}, .environment = "IGUDAR_TIMESTAMP_CA"},
    // Holds and erasures.
    {.name = "of-domain", .kind = ValueKind::text, .value_name = N_("NAME"),
     .help = N_("erase this domain whole, by destroying its keys"), .commands = {erase}},
    {.name = "snapshot", .kind = ValueKind::text, .value_name = N_("ID"),
     .help = N_("this snapshot, by the first digits of its id"), .commands = {erase, hold}, .repeatable = true},
    {.name = "path", .kind = ValueKind::text, .value_name = N_("PATTERN"),
     .help = N_("what this pattern matches in all snapshots (see 'igudar help patterns')"), .commands = {erase, hold},
     .repeatable = true},
    {.name = "all", .help = N_("all snapshots"), .commands = {hold}},
    {.name = "reason", .kind = ValueKind::text, .value_name = N_("TEXT"),
     .help = N_("why, for those who read it later"), .commands = {erase, hold}},
    {.name = "until", .kind = ValueKind::text, .value_name = N_("DATE"),
     .help = N_("when the hold ends by itself"), .commands = {hold}},
    {.name = "also", .kind = ValueKind::folder, .value_name = N_("REPOSITORY"),
     .help = N_("erase from this copy of the repository as well"), .commands = {erase}, .repeatable = true},
    {.name = "output", .letter = 'o', .kind = ValueKind::file, .value_name = N_("FILE"),
     .help = N_("write the certificate to this new file: .json or .pdf"), .commands = {erase}},

    // Personal data and reports.
    {.name = "category", .kind = ValueKind::text, .value_name = N_("CATEGORY[,CATEGORY…]"),
     .help = N_("the categories of personal data, such as customers or health"), .commands = {consent}, .repeatable = true},
    {.name = "subject", .kind = ValueKind::text, .value_name = N_("TEXT"),
     .help = N_("whose data they are: a person or a group"), .commands = {consent}},
    {.name = "purpose", .kind = ValueKind::text, .value_name = N_("TEXT"),
     .help = N_("what the data are kept for"), .commands = {consent}},
    {.name = "basis", .kind = ValueKind::choice, .value_name = N_("BASIS"),
     .help = N_("the ground by GDPR article 6(1) on which they are kept"), .commands = {consent},
     .choices = "consent|contract|legal-obligation|vital-interests|public-task|legitimate-interests"},
    {.name = "given", .kind = ValueKind::text, .value_name = N_("TIME"),
     .help = N_("from when on it counts, instead of now"), .commands = {consent}},
    {.name = "until", .kind = ValueKind::text, .value_name = N_("DATE"),
     .help = N_("when it ends by itself"), .commands = {consent}},
    {.name = "document", .kind = ValueKind::text, .value_name = N_("TEXT"),
     .help = N_("where it is on paper: a file number, a link"), .commands = {consent}},
    {.name = "reason", .kind = ValueKind::text, .value_name = N_("TEXT"),
     .help = N_("why it was withdrawn"), .commands = {consent}},
    {.name = "host", .letter = 'H', .kind = ValueKind::text, .value_name = N_("NAME"),
     .help = N_("tag the path on this host only"), .commands = {consent}},
    {.name = "also", .kind = ValueKind::folder, .value_name = N_("REPOSITORY"),
     .help = N_("another place where a copy of the repository is"), .commands = {privacy}, .repeatable = true},
    {.name = "format", .kind = ValueKind::choice, .value_name = N_("FORMAT"),
     .help = N_("how to write the report, where the ending of the file does not say it"), .commands = {privacy},
     .choices = "text|csv|json|pdf"},
    {.name = "profile", .kind = ValueKind::choice, .value_name = N_("PROFILE"),
     .help = N_("whose controls: the GDPR's, or those of PCI DSS 4.0"), .commands = {compliance}, .choices = "gdpr|pci-dss"},
    {.name = "format", .kind = ValueKind::choice, .value_name = N_("FORMAT"),
     .help = N_("how to write the report, where the ending of the file does not say it"), .commands = {compliance},
     .choices = "text|json|pdf"},
    {.name = "output", .letter = 'o', .kind = ValueKind::file, .value_name = N_("FILE"),
     .help = N_("write the report to this new file"), .commands = {privacy, compliance}},

    // Keys.
    {.name = "kdf", .kind = ValueKind::choice, .value_name = N_("NAME"),
     .help = N_("how the password is made into a key: argon2id, scrypt, or pbkdf2, which is the default where FIPS 140 is asked for"), .commands = {init, key},
     .default_value = "argon2id", .choices = "argon2id|scrypt|pbkdf2"},
    {.name = "cipher", .kind = ValueKind::choice, .value_name = N_("SUITE"),
     .help = N_("what to encrypt with: AES-256-GCM, or, for vaults, it inside ChaCha20-Poly1305 under keys of their own"),
     .commands = {init, key, domain}, .default_value = "aes-256-gcm", .choices = "aes-256-gcm|aes-256-gcm+chacha20-poly1305"},
    {.name = "new-password-file", .kind = ValueKind::file, .value_name = N_("FILE"),
     .help = N_("read the new password from the first line of this file"), .commands = {key}},
    {.name = "recipient", .kind = ValueKind::file, .value_name = N_("RECIPIENT"),
     .help = N_("add a key slot for this recipient instead of a password: 'igudar-recipient-1-…', a file with one, with a public "
                "RSA key, a certificate or a Fernet key, or the 'pkcs11:' URI of a token's key"),
     .commands = {key}},
    {.name = "passphrase", .help = N_("protect the new identity file with a passphrase, which is asked for"), .commands = {key}},
    {.name = "output", .letter = 'o', .kind = ValueKind::file, .value_name = N_("FILE"),
     .help = N_("write the recovery key to this new file: .txt, .pdf, or .png for its QR code alone; '-' shows it"), .commands = {key}},
    {.name = "shares", .kind = ValueKind::text, .value_name = N_("N"),
     .help = N_("divide the recovery key into so many shares, each in a file of its own (FILE-1.pdf, …)"), .commands = {key}},
    {.name = "threshold", .kind = ValueKind::text, .value_name = N_("K"),
     .help = N_("how many of the shares it takes to open"), .commands = {key}},
    {.name = "capability", .kind = ValueKind::choice, .value_name = N_("NAME"),
     .help = N_("what a new password or key may do: everything, only back up, or only check and prune"), .commands = {key},
     .default_value = "full", .choices = "full|write|maintain"},
};

constexpr EnvironmentSpec kEnvironment[] = {
    {"IGUDAR_PASSWORD", N_("the password itself; it is wiped from the environment as soon as it was read")},
    {"IGUDAR_SSH_KEY", N_("the file of the private key for sftp: repositories, instead of the agent, ~/.ssh/config and the usual ones")},
    {"IGUDAR_SSH_KNOWN_HOSTS", N_("the file with the host keys of SSH servers, instead of ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts")},
    {"IGUDAR_SSH_CONFIG", N_("the configuration for SSH, instead of ~/.ssh/config and /etc/ssh/ssh_config")},
    {"IGUDAR_SFTP_PASSWORD_FILE", N_("a file, which others cannot read, with the password of an SSH server that takes no key")},
    {"IGUDAR_SFTP_PASSWORD_COMMAND", N_("a command that writes that password to its standard output")},
    {"IGUDAR_SFTP_PASSWORD", N_("that password itself")},
    {"IGUDAR_SFTP_CONNECTIONS", N_("how many connections to an SSH server are opened at most; 5 by default")},
    {"CREDENTIALS_DIRECTORY", N_("set by systemd for a service: the files igudar.password, igudar.identity, igudar.passphrase and igudar.pin in it "
                                 "are used when nothing else is named")},
    {"XDG_CACHE_HOME", N_("where cached indexes are kept (in igudar/) instead of in ~/.cache")},
    {"XDG_STATE_HOME", N_("where this machine remembers what it saw of a repository (in igudar/) instead of in ~/.local/state")},
    {"LANGUAGE, LC_ALL, LC_MESSAGES, LANG", N_("the language of the messages")},
};
// clang-format on

}  // namespace

std::span<const OptionSpec> option_table() {
  return kOptions;
}

std::vector<const OptionSpec*> options_of(CommandId command) {
  std::vector<const OptionSpec*> found;
  for (const OptionSpec& option : kOptions)
    if (!option.commands.is_all() && option.commands.contains(command)) found.push_back(&option);
  return found;
}

std::vector<const OptionSpec*> global_options() {
  std::vector<const OptionSpec*> found;
  for (const OptionSpec& option : kOptions)
    if (option.commands.is_all()) found.push_back(&option);
  return found;
}

const OptionSpec* find_option(CommandId command, std::string_view name) {
  for (const OptionSpec& option : kOptions)
    if (name == option.name && option.commands.contains(command)) return &option;
  return nullptr;
}

std::vector<std::string_view> split_choices(const char* choices) {
  std::vector<std::string_view> parts;
  std::string_view rest = choices == nullptr ? "" : choices;
  while (!rest.empty()) {
    const std::size_t bar = rest.find('|');
    parts.push_back(rest.substr(0, bar));
    rest = bar == std::string_view::npos ? "" : rest.substr(bar + 1);
  }
  return parts;
}

std::span<const EnvironmentSpec> environment_table() {
  return kEnvironment;
}

}  // namespace igudar
