#include "repo/key_ring.h"

#include <algorithm>
#include <unordered_map>

#include "base/error.h"
#include "base/translate.h"
#include "concurrency/guarded.h"
#include "crypto/random.h"
#include "crypto/sealed_box.h"

namespace igudar {

namespace {

constexpr std::uint16_t kMainDomain = 0;

ByteView granted(const SecretBytes& key, const char* purpose, const char* capability) {
  if (!key.empty()) return key.view();
  throw Error(ErrorCode::permission, trf("this key slot does not allow {}", tr(purpose)),
              trf("Use the password of a slot with the capability '{}'.", capability));
}

constexpr const char* kWriting = N_("making snapshots");
constexpr const char* kReading = N_("reading what was backed up");

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
  Guarded<std::unordered_map<SessionId, SecretBytes>> session_secrets;  // opened ones
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
bool KeyRing::can_read() const {
  return !state_->main.data_secret_key.empty();
}
void KeyRing::require_reading() const {
  (void)granted(state_->main.data_secret_key, kReading, "full");
}
bool KeyRing::can_name_chunks() const {
  return !state_->main.id_key.empty();
}
bool KeyRing::can_open(ChunkType type) const {
  return type == ChunkType::refset || can_read();
}

ChunkHasher KeyRing::chunk_hasher() const {
  return ChunkHasher(id_key());
}

OwnSession KeyRing::new_session() const {
  SecretBytes secret(kSessionSecretSize);
  fill_random(secret.span());
  const Bytes sealed = seal_to(state_->main.data_public_key, secret.view());
  return {{random_id<16>(), SealedSecret::from(sealed), suite()}, std::move(secret)};
}

SecretBytes KeyRing::session_secret(const SessionRef& session) const {
  const ByteView key = granted(state_->main.data_secret_key, kReading, "full");
  std::optional<SecretBytes> secret = open_sealed(state_->main.data_public_key, key, session.sealed_secret.view());
  if (!secret || secret->size() != kSessionSecretSize)
    throw Error(ErrorCode::damaged,
                tr("the key of a backup session does not decrypt: it was altered or belongs to another repository"));
  return std::move(*secret);
}

SecretBytes KeyRing::session_key(ChunkType type, const SessionRef& session) const {
  if (type == ChunkType::refset) return derive_refset_key(index_key(), session.id);
  return state_->session_secrets.with([&](auto& opened) {
    auto known = opened.find(session.id);
    if (known == opened.end()) known = opened.emplace(session.id, session_secret(session)).first;
    return derive_session_key(type, known->second.view(), session.id);
  });
}

SecretBytes KeyRing::session_key(ChunkType type, const OwnSession& session) const {
  if (type == ChunkType::refset) return derive_refset_key(index_key(), session.ref.id);
  return derive_session_key(type, session.secret.view(), session.ref.id);
}

}  // namespace igudar
