#pragma once

#include <memory>
#include <string>

#include "format/chunk.h"
#include "format/chunk_hasher.h"
#include "format/key_slot.h"

namespace igudar {

// The keys that an opened slot grants for the domain "main", and what follows from them.
//
// Thread safety: const methods may be called concurrently.
// Errors: asking for a key that the slot's capability does not grant throws Error(permission) that says which
// capability would.
class KeyRing {
 public:
  // Throws damaged unless `secrets` has the domain "main".
  KeyRing(SlotSecrets secrets, const Id16& slot);
  ~KeyRing();
  KeyRing(KeyRing&&) noexcept;
  KeyRing& operator=(KeyRing&&) noexcept;

  Capability capability() const;
  const Id16& slot() const;
  const Id32& authority() const;
  const Signer& signer() const;
  const SlotSecrets& secrets() const;
  std::uint16_t domain() const { return 0; }
  // That new objects of the domain are sealed with.
  CipherSuite suite() const;

  ByteView id_key() const;
  ByteView chunker_key() const;
  ByteView index_key() const;
  ByteView metadata_key() const;
  bool has_metadata_key() const;
  bool can_read_content() const;
  // Whether frames of this type can be opened: whether session_key() gives their key.
  bool can_open(ChunkType type) const;

  // A hasher for chunk ids, for the calling thread's own use.
  ChunkHasher chunk_hasher() const;
  // Draws a session: its id, suite, and its data key sealed to the domain. The key itself goes to `data_key`.
  SessionRef new_session(SecretBytes& data_key) const;
  // The key under which frames of `type` of a session are sealed. Data keys are opened once and remembered.
  SecretBytes session_key(ChunkType type, const SessionRef& session) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace igudar
