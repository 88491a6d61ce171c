#pragma once

#include <vector>

#include "keys/credential.h"
#include "keys/recipient.h"
#include "keys/recovery_words.h"

namespace igudar {

// Recovery keys: 32 random bytes that are kept on paper, whole or in shares, and nowhere else.

// How many shares there are, and how many of them open. One of one: the key itself.
struct RecoveryShares {
  unsigned threshold = 1;
  unsigned shares = 1;
};

SecretBytes new_recovery_key();
// Its pages: one, or that of each share. Throws usage unless 2 <= threshold <= shares <= 255, or both are 1.
std::vector<RecoveryPage> recovery_pages(const SecretBytes& key, const Id16& repository, const RecoveryShares& shares);

class RecoveryCredential final : public Credential {
 public:
  // Of the pages, in any order. Throws usage when they are too few, of several keys, or a share is there in two
  // versions; wrong_key when what they make is not the key.
  explicit RecoveryCredential(const std::vector<RecoveryPage>& pages);

  bool fits(const SlotRecipient& recipient) const override;
  std::optional<SecretBytes> slot_key(const SlotRecipient& recipient) const override;
  std::string description() const override;
  bool is_for_repository(const Id16& repository) const override;

 private:
  SecretBytes key_;
  FixedId<4> repository_;
};

class RecoveryRecipient final : public Recipient {
 public:
  RecoveryRecipient(SecretBytes key, const RecoveryShares& shares) : key_(std::move(key)), shares_(shares) {}

  LockedSlotKey lock_new_key() const override;
  std::string name() const override;

 private:
  SecretBytes key_;
  RecoveryShares shares_;
};

}  // namespace igudar
