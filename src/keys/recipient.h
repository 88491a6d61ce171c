#pragma once

#include <string>

#include "format/key_slot.h"

namespace igudar {

// A slot key for a new slot, and how its recipient comes by it.
struct LockedSlotKey {
  SecretBytes slot_key;
  SlotRecipient recipient;
};

// For whom a new slot is made: the other side of a Credential. Not thread-safe.
class Recipient {
 public:
  virtual ~Recipient() = default;

  virtual LockedSlotKey lock_new_key() const = 0;
  // What tells it from others of its kind, such as "certificate CN=backup"; may be empty. Kept in the slot's sealed
  // label.
  virtual std::string name() const { return {}; }
};

// 32 random bytes, for those who wrap a slot key.
SecretBytes new_slot_key();

// A slot's recipient in words: "password (Argon2id)", "RSA 3072 1a2b3c4d5e6f7081 (certificate CN=backup)".
std::string describe(const SlotRecipient& recipient, const std::string& name);

}  // namespace igudar
