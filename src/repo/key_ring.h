#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "format/chunk.h"
#include "format/chunk_hasher.h"
#include "format/epoch_record.h"
#include "format/key_slot.h"
#include "format/session_keys.h"
#include "format/table_page.h"

namespace igudar {

// A session of this run: what others learn of it, and its secret.
struct OwnSession {
  SessionRef ref;
  SecretBytes secret;

  OwnSession clone() const { return {ref, secret.clone()}; }
};

// What a slot is granted of one domain.
struct DomainAccess {
  Id16 domain;
  std::string name = "main";
  Signer signer;                  // certified for this domain
  std::vector<EpochKeys> epochs;  // at least one, ascending
  std::vector<Withdrawal> withdrawals;
  std::string outdated;  // why nothing may be stored: the newest keys are not among these; empty: they are
};

// The keys that an opened slot grants for a domain, and what follows from them.
//
// Thread safety: const methods may be called concurrently.
// Errors: asking for a key that the slot's capability does not grant throws Error(permission) that says which
// capability would.
class KeyRing {
 public:
  KeyRing(SlotSecrets secrets, const Id16& slot, DomainAccess access);
  ~KeyRing();
  KeyRing(KeyRing&&) noexcept;
  KeyRing& operator=(KeyRing&&) noexcept;

  Capability capability() const;
  const Id16& slot() const;
  const Id32& authority() const;
  const Signer& signer() const;
  const SlotSecrets& secrets() const;
  // Its id: that of "main" is the repository's.
  const Id16& domain() const;
  const std::string& domain_name() const;
  const std::vector<EpochKeys>& epochs() const;
  // Throws forged for a record of a signing key that was withdrawn, unless the record counts still.
  void require_counted(const Id32& signer, const Id32& record) const;
  void require_counted(const Id32& signer, std::uint64_t generation) const;

  // Where the keys of epochs are looked for that began after the repository was opened: what follows on it goes on with
  // the keys that it has, and reads what others store under newer ones. Not thread-safe; `fetch` is called by one
  // thread at a time.
  using FetchAccess = std::function<DomainAccess(const SlotSecrets&, const Id16& domain)>;
  void set_fetch(FetchAccess fetch);
  const IndexKeys& index_keys() const;
  ByteView id_key() const;
  ByteView chunker_key() const;
  // Whether trees, descriptions and the content of files can be read: with capability full only.
  bool can_read() const;
  void require_reading() const;
  // Whether chunk ids can be computed: with capability full or write.
  bool can_name_chunks() const;
  // Whether frames of this type can be opened: whether session_key() gives their key.
  bool can_open(ChunkType type) const;

  // Whether the domain's keys are those of a repository that keeps to FIPS 140.
  bool fips() const;
  // Where the pages of its tables are cut. Throws permission, as chunker_key() does.
  PageCutter page_cutter() const;
  // A hasher for chunk ids, for the calling thread's own use.
  ChunkHasher chunk_hasher() const;
  // Draws a session: its id, its suite and its secret, which is also sealed to the domain. Throws permission when the
  // newest keys are not known.
  OwnSession new_session() const;
  // The secret of any session, opened anew each time (50 µs).
  SecretBytes session_secret(const SessionRef& session) const;
  // The same session, its secret sealed to the newest epoch.
  SessionRef rewrapped(const SessionRef& session) const;
  // The key under which frames of `type` of a session are sealed. Secrets are opened once and remembered.
  SecretBytes session_key(ChunkType type, const SessionRef& session) const;
  SecretBytes session_key(ChunkType type, const OwnSession& session) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace igudar
