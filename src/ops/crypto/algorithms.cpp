#include "ops/crypto/algorithms.h"

#include <algorithm>

#include "base/translate.h"
#include "format/config.h"
#include "repo/grants.h"
#include "repo/key_slots.h"

namespace igudar {

namespace {

enum class Use : std::uint8_t { always, outside_fips, in_fips, where_asked_for };

// What every repository uses, or all that keep to FIPS 140, or all others; and what only leaves its traces in
// snapshots.
struct Row {
  AlgorithmKind kind;
  const char* name;
  const char* purpose;
  bool fips_approved;
  Use use;
};
// FIPS 197 and SP 800-38D, 180-4, 198-1, SP 800-56A and 56C, SP 800-132, 186-5.
constexpr Row kRows[] = {
    {AlgorithmKind::hash, "sha256", N_("names of objects, checksums, block hashes, pieces of chunks"), true,
     Use::always},
    {AlgorithmKind::hash, "hmac-sha256",
     N_("ids of chunks, digests of hosts, paths and tags; with FIPS 140 where the pages of trees are cut"), true,
     Use::always},
    {AlgorithmKind::hash, "siphash-2-4", N_("where the pages of trees are cut"), false, Use::outside_fips},
    {AlgorithmKind::hash, "sha1", N_("digests of whole files, where asked for; approved until the end of 2030"), true,
     Use::where_asked_for},
    {AlgorithmKind::hash, "md5", N_("digests of whole files, where asked for"), false, Use::where_asked_for},
    {AlgorithmKind::key_derivation, "hkdf-sha256", N_("keys from other keys"), true, Use::always},
    {AlgorithmKind::signature, "ed25519", N_("config, snapshots, what forget and prune write, rights of key slots"),
     true, Use::always},
    {AlgorithmKind::sealed_box, "x25519+xsalsa20-poly1305", N_("keys of sessions, sealed to whoever may restore"),
     false, Use::outside_fips},
    {AlgorithmKind::sealed_box, "hpke-p256-sha256-aes-256-gcm", N_("the same in repositories that keep to FIPS 140"),
     true, Use::in_fips},
};

struct KdfRow {
  PasswordKdf kdf;
  const char* purpose;
  bool fips_approved;
};
constexpr KdfRow kKdfRows[] = {
    {PasswordKdf::argon2id, N_("keys from passwords"), false},
    {PasswordKdf::scrypt, N_("keys from passwords"), false},
    {PasswordKdf::pbkdf2_sha256, N_("keys from passwords, where FIPS 140 is asked for"), true},
};

struct RecipientRow {
  RecipientKind kind;
  const char* name;
  const char* purpose;
  bool fips_approved;
};
constexpr RecipientRow kRecipientRows[] = {
    {RecipientKind::password, "password", N_("key slots that a password opens; with FIPS 140 by pbkdf2"), true},
    {RecipientKind::identity, "x25519", N_("key slots that an identity file opens"), false},
    {RecipientKind::rsa, "rsa-oaep", N_("key slots that a private RSA key opens"), true},
    {RecipientKind::token, "pkcs11", N_("key slots that an RSA or AES key in a token opens"), true},
    {RecipientKind::fernet, "fernet", N_("key slots that a Fernet key opens: AES-128-CBC and HMAC-SHA-256"), true},
    {RecipientKind::recovery, "recovery", N_("key slots that a recovery key on paper opens"), true},
};

bool is_in_use(Use use, const UsedAlgorithms& in) {
  return use == Use::always || use == (in.fips ? Use::in_fips : Use::outside_fips);
}

template <typename T>
bool has(const std::vector<T>& values, T value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

Algorithm suite_row(CipherSuite suite, const std::optional<UsedAlgorithms>& in) {
  return {AlgorithmKind::cipher_suite, std::string(cipher_suite_name(suite)),
          is_layered(suite) ? tr("the same in two layers with keys of their own, for vaults")
                            : tr("everything that is stored, unless 'init --cipher' says otherwise"),
          !is_layered(suite), in ? std::optional(has(in->suites, suite)) : std::nullopt};
}

}  // namespace

UsedAlgorithms algorithms_in_use(const ObjectStore& store, std::stop_token stop) {
  require_repository(store, stop);
  UsedAlgorithms used;
  const Config config = decode_config(store.get({ObjectKind::config, ""}, kLargestConfig, stop));
  used.fips = config.fips();
  used.suites.push_back(config.suite);
  for (const DomainEpochs& domain : load_epochs(store, config, std::nullopt, stop).domains)
    for (const EpochRecord& epoch : domain.records) used.suites.push_back(epoch.suite);
  for (const StoredSlot& stored : load_slots(store, stop))
    if (stored.slot) {
      const SlotRecipient& recipient = stored.slot->recipient;
      used.recipients.push_back(recipient.kind);
      if (recipient.kind == RecipientKind::password) used.kdfs.push_back(recipient.kdf.kdf);
    }
  return used;
}

std::vector<Algorithm> list_algorithms(const std::optional<UsedAlgorithms>& in) {
  std::vector<Algorithm> list;
  for (const CipherSuite suite : kCipherSuites) list.push_back(suite_row(suite, in));
  for (const Row& row : kRows)
    list.push_back({row.kind, row.name, tr(row.purpose), row.fips_approved,
                    in && row.use != Use::where_asked_for ? std::optional(is_in_use(row.use, *in)) : std::nullopt});
  for (const KdfRow& row : kKdfRows)
    list.push_back({AlgorithmKind::key_derivation, std::string(password_kdf_name(row.kdf)), tr(row.purpose),
                    row.fips_approved, in ? std::optional(has(in->kdfs, row.kdf)) : std::nullopt});
  for (const RecipientRow& row : kRecipientRows)
    list.push_back({AlgorithmKind::recipient, row.name, tr(row.purpose), row.fips_approved,
                    in ? std::optional(has(in->recipients, row.kind)) : std::nullopt});
  std::stable_sort(list.begin(), list.end(), [](const Algorithm& a, const Algorithm& b) { return a.kind < b.kind; });
  return list;
}

}  // namespace igudar
