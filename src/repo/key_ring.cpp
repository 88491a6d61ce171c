#include "repo/key_ring.h"

#include <algorithm>
#include <list>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "base/translate.h"
#include "concurrency/guarded.h"
#include "crypto/random.h"
#include "crypto/sealed_box.h"

namespace igudar {

namespace {

ByteView granted(const SecretBytes& key, const char* purpose, const char* capability) {
  if (!key.empty()) return key.view();
  throw Error(ErrorCode::permission, trf("this key slot does not allow {}", tr(purpose)),
              trf("Use the password of a slot with the capability '{}'.", capability));
}

constexpr const char* kWriting = N_("making snapshots");
constexpr const char* kReading = N_("reading what was backed up");

[[noreturn]] void throw_withdrawn() {
  throw Error(ErrorCode::forged, tr("a record is signed by a key that was withdrawn before"));
}

std::vector<IndexKeys::Key> index_keys_of(const std::vector<EpochKeys>& epochs) {
  std::vector<IndexKeys::Key> keys;
  for (const EpochKeys& epoch : epochs) keys.push_back(epoch.index());
  return keys;
}

const EpochKeys* find_epoch(const auto& epochs, std::uint16_t number) {
  const auto found =
      std::find_if(epochs.begin(), epochs.end(), [&](const EpochKeys& each) { return each.epoch == number; });
  return found == epochs.end() ? nullptr : &*found;
}

// Epochs that began after the repository was opened. What is in the list stays where it is.
struct LaterEpochs {
  std::list<EpochKeys> epochs;
  std::set<std::uint16_t> asked_for;
};

// What a signing key that was withdrawn had signed before.
struct StillCounted {
  std::uint64_t generation = 0;
  std::unordered_set<Id32> records;
};

}  // namespace

struct KeyRing::State {
  State(SlotSecrets slot_secrets, const Id16& slot_id, DomainAccess domain_access)
      : secrets(std::move(slot_secrets)),
        slot(slot_id),
        access(std::move(domain_access)),
        index_keys(index_keys_of(access.epochs), [this](std::uint16_t epoch) {
          const EpochKeys* found = keys_of(epoch);
          return found == nullptr ? ByteView() : found->index_key.view();
        }) {
    for (const Withdrawal& each : access.withdrawals)
      withdrawn.try_emplace(each.signer, StillCounted{each.generation, {each.accepted.begin(), each.accepted.end()}});
  }

  const EpochKeys& newest() const { return access.epochs.back(); }
  // Null where the slot is not granted it, by now either.
  const EpochKeys* keys_of(std::uint16_t epoch) const {
    if (const EpochKeys* known = find_epoch(access.epochs, epoch)) return known;
    if (!fetch || epoch < newest().epoch) return nullptr;
    return later.with([&](LaterEpochs& found) {
      if (found.asked_for.insert(epoch).second) {
        try {
          DomainAccess now = fetch(secrets, access.domain);
          for (EpochKeys& each : now.epochs)
            if (each.epoch > newest().epoch && find_epoch(found.epochs, each.epoch) == nullptr)
              found.epochs.push_back(std::move(each));
        } catch (const Error& error) {
          if (error.code() != ErrorCode::not_found) throw;  // else nothing is granted any more
        }
      }
      return find_epoch(found.epochs, epoch);
    });
  }

  SlotSecrets secrets;
  Id16 slot;
  DomainAccess access;
  IndexKeys index_keys;
  std::unordered_map<Id32, StillCounted> withdrawn;  // by signing key
  FetchAccess fetch;
  mutable Guarded<LaterEpochs> later;
  Guarded<std::unordered_map<SessionId, SecretBytes>> session_secrets;  // opened ones
};

KeyRing::KeyRing(SlotSecrets secrets, const Id16& slot, DomainAccess access)
    : state_(std::make_unique<State>(std::move(secrets), slot, std::move(access))) {}
KeyRing::~KeyRing() = default;
KeyRing::KeyRing(KeyRing&&) noexcept = default;
KeyRing& KeyRing::operator=(KeyRing&&) noexcept = default;

Capability KeyRing::capability() const {
  return signer().capability;
}
const Id16& KeyRing::slot() const {
  return state_->slot;
}
const Id32& KeyRing::authority() const {
  return state_->secrets.authority;
}
const Signer& KeyRing::signer() const {
  return state_->access.signer;
}
const SlotSecrets& KeyRing::secrets() const {
  return state_->secrets;
}
const Id16& KeyRing::domain() const {
  return state_->access.domain;
}
const std::string& KeyRing::domain_name() const {
  return state_->access.name;
}
const std::vector<EpochKeys>& KeyRing::epochs() const {
  return state_->access.epochs;
}

void KeyRing::require_counted(const Id32& signer, const Id32& record) const {
  const auto found = state_->withdrawn.find(signer);
  if (found != state_->withdrawn.end() && !found->second.records.contains(record)) throw_withdrawn();
}

void KeyRing::require_counted(const Id32& signer, std::uint64_t generation) const {
  const auto found = state_->withdrawn.find(signer);
  if (found != state_->withdrawn.end() && generation > found->second.generation) throw_withdrawn();
}

void KeyRing::set_fetch(FetchAccess fetch) {
  state_->fetch = std::move(fetch);
}

const IndexKeys& KeyRing::index_keys() const {
  return state_->index_keys;
}
ByteView KeyRing::id_key() const {
  return granted(state_->newest().id_key, kWriting, "write");
}
ByteView KeyRing::chunker_key() const {
  return granted(state_->newest().chunker_key, kWriting, "write");
}
bool KeyRing::can_read() const {
  return !state_->newest().data_secret_key.empty();
}
void KeyRing::require_reading() const {
  (void)granted(state_->newest().data_secret_key, kReading, "full");
}
bool KeyRing::can_name_chunks() const {
  return !state_->newest().id_key.empty();
}
bool KeyRing::can_open(ChunkType type) const {
  return type == ChunkType::refset || can_read();
}

bool KeyRing::fips() const {
  return state_->newest().data_public_key.kind() == BoxKind::p256;
}

PageCutter KeyRing::page_cutter() const {
  return PageCutter(chunker_key(), fips() ? CutHash::hmac : CutHash::siphash);
}

ChunkHasher KeyRing::chunk_hasher() const {
  return ChunkHasher(id_key());
}

OwnSession KeyRing::new_session() const {
  if (!state_->access.outdated.empty())
    throw Error(ErrorCode::permission, state_->access.outdated,
                tr("Someone with capability full can run 'igudar key rotate', or change this key slot for a new one."));
  const EpochKeys& newest = state_->newest();
  SecretBytes secret(kSessionSecretSize);
  fill_random(secret.span());
  const Bytes sealed = seal_to(newest.data_public_key, secret.view());
  return {{random_id<16>(), newest.epoch, SealedSecret(newest.epoch, sealed), newest.suite}, std::move(secret)};
}

SecretBytes KeyRing::session_secret(const SessionRef& session) const {
  const EpochKeys* keys = state_->keys_of(session.sealed_secret.epoch());
  if (keys == nullptr) (void)index_keys().of(session.sealed_secret.epoch());  // which tells what it means
  const ByteView key = granted(keys->data_secret_key, kReading, "full");
  std::optional<SecretBytes> secret = open_sealed(keys->data_public_key, key, session.sealed_secret.view());
  if (!secret || secret->size() != kSessionSecretSize)
    throw Error(ErrorCode::damaged,
                tr("the key of a backup session does not decrypt: it was altered or belongs to another repository"));
  return std::move(*secret);
}

SessionRef KeyRing::rewrapped(const SessionRef& session) const {
  const EpochKeys& newest = state_->newest();
  if (session.sealed_secret.epoch() == newest.epoch) return session;
  SessionRef result = session;
  const Bytes sealed = seal_to(newest.data_public_key, session_secret(session).view());
  result.sealed_secret = SealedSecret(newest.epoch, sealed);
  return result;
}

SecretBytes KeyRing::session_key(ChunkType type, const SessionRef& session) const {
  if (type == ChunkType::refset) return derive_refset_key(index_keys().of(session.epoch), session.id);
  return state_->session_secrets.with([&](auto& opened) {
    auto known = opened.find(session.id);
    if (known == opened.end()) known = opened.emplace(session.id, session_secret(session)).first;
    return derive_session_key(type, known->second.view(), session.id);
  });
}

SecretBytes KeyRing::session_key(ChunkType type, const OwnSession& session) const {
  if (type == ChunkType::refset) return derive_refset_key(index_keys().of(session.ref.epoch), session.ref.id);
  return derive_session_key(type, session.secret.view(), session.ref.id);
}

}  // namespace igudar
