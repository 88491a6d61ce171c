#include "repo/key_ring.h"

#include <algorithm>
#include <unordered_map>

#include "base/error.h"
#include "base/translate.h"
#include "concurrency/guarded.h"
#include "crypto/kdf.h"
#include "crypto/random.h"
#include "crypto/sealed_box.h"

namespace igudar {

namespace {

constexpr std::uint16_t kMainDomain = 0;
constexpr std::size_t kSessionKeySize = 32;

ByteView granted(const SecretBytes& key, const char* purpose, const char* capability) {
  if (!key.empty()) return key.view();
  throw Error(ErrorCode::permission, trf("this key slot does not allow {}", tr(purpose)),
              trf("Use the password of a slot with the capability '{}'.", capability));
}

constexpr const char* kWriting = N_("making or reading snapshots");
constexpr const char* kReading = N_("reading the content of files");

const DomainSecrets& main_domain(const SlotSecrets& secrets) {
  const auto found = std::find_if(secrets.domains.begin(), secrets.domains.end(),
                                  [](const DomainSecrets& domain) { return domain.number == kMainDomain; });
  if (found == secrets.domains.end() || found->index_key.empty())
    throw Error(ErrorCode::damaged, tr("a key slot holds no keys of the domain 'main'"));
  return *found;
}

}  // namespace

struct KeyRing::State {
  State(SlotSecrets slot_secrets, const Id16& slot_id)
      : secrets(std::move(slot_secrets)), slot(slot_id), main(main_domain(secrets)) {}

  SlotSecrets secrets;
  Id16 slot;
  const DomainSecrets& main;
  Guarded<std::unordered_map<SessionId, SecretBytes>> data_keys;  // opened ones
};

KeyRing::KeyRing(SlotSecrets secrets, const Id16& slot) : state_(std::make_unique<State>(std::move(secrets), slot)) {}
KeyRing::~KeyRing() = default;
KeyRing::KeyRing(KeyRing&&) noexcept = default;
KeyRing& KeyRing::operator=(KeyRing&&) noexcept = default;

Capability KeyRing::capability() const {
  return state_->secrets.signer.capability;
}
const Id16& KeyRing::slot() const {
  return state_->slot;
}
const Id32& KeyRing::authority() const {
  return state_->secrets.authority;
}
const Signer& KeyRing::signer() const {
  return state_->secrets.signer;
}
const SlotSecrets& KeyRing::secrets() const {
  return state_->secrets;
}

CipherSuite KeyRing::suite() const {
  return state_->main.suite;
}

ByteView KeyRing::id_key() const {
  return granted(state_->main.id_key, kWriting, "write");
}
ByteView KeyRing::chunker_key() const {
  return granted(state_->main.chunker_key, kWriting, "write");
}
ByteView KeyRing::index_key() const {
  return state_->main.index_key.view();
}
ByteView KeyRing::metadata_key() const {
  return granted(state_->main.metadata_key, kWriting, "write");
}
bool KeyRing::has_metadata_key() const {
  return !state_->main.metadata_key.empty();
}
bool KeyRing::can_read_content() const {
  return !state_->main.data_secret_key.empty();
}

bool KeyRing::can_open(ChunkType type) const {
  if (type == ChunkType::data) return can_read_content();
  return type == ChunkType::refset || has_metadata_key();
}

ChunkHasher KeyRing::chunk_hasher() const {
  return ChunkHasher(id_key());
}

SessionRef KeyRing::new_session(SecretBytes& data_key) const {
  data_key = SecretBytes(kSessionKeySize);
  fill_random(data_key.span());
  const Bytes sealed = seal_to(state_->main.data_public_key, data_key.view());
  return {random_id<16>(), SealedDataKey::from(sealed), suite()};
}

SecretBytes KeyRing::session_key(ChunkType type, const SessionRef& session) const {
  switch (type) {
    case ChunkType::page:
    case ChunkType::extents:
      return hkdf_sha256(metadata_key(), session.id.view(), "igudar session metadata", kSessionKeySize);
    case ChunkType::refset:
      return hkdf_sha256(index_key(), session.id.view(), "igudar session refset", kSessionKeySize);
    case ChunkType::data:
      break;
  }
  const ByteView secret = granted(state_->main.data_secret_key, kReading, "full");
  return state_->data_keys.with([&](auto& opened) {
    if (const auto known = opened.find(session.id); known != opened.end()) return known->second.clone();
    std::optional<SecretBytes> key = open_sealed(state_->main.data_public_key, secret, session.data_key.view());
    if (!key || key->size() != kSessionKeySize)
      throw Error(ErrorCode::damaged,
                  tr("the key of a backup session does not decrypt: it was altered or belongs to another repository"));
    SecretBytes result = key->clone();
    opened.emplace(session.id, std::move(*key));
    return result;
  });
}

}  // namespace igudar
