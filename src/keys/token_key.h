#pragma once

#include <functional>
#include <memory>

#include "keys/credential.h"
#include "keys/recipient.h"

namespace igudar {

// A key in a token (smart card, HSM) that a PKCS #11 module reaches: RSA by OAEP, AES by AES-KEY-WRAP (RFC 3394). What
// it unwraps is unwrapped in the token; the key never leaves it.

struct TokenKeyPlace {
  std::string uri;     // 'pkcs11:token=…;object=…' (RFC 7512), without a PIN
  std::string module;  // path of the module; empty: that of the URI, or all that p11-kit is configured with
};

// A session with the token of one key, logged in once. Not thread-safe.
class TokenKey {
 public:
  // `ask_pin` is given the token's name, and called at most once: a wrong PIN is never repeated. Throws usage for a URI
  // that names no key or carries a PIN, not_found for a module, token or key that is not there, wrong_key for a wrong
  // PIN, permission for a locked one.
  TokenKey(const TokenKeyPlace& place, const std::function<SecretBytes(const std::string& token)>& ask_pin);
  ~TokenKey();
  TokenKey(const TokenKey&) = delete;
  TokenKey& operator=(const TokenKey&) = delete;

  bool fits(const SlotRecipient& recipient) const;
  std::optional<SecretBytes> slot_key(const SlotRecipient& recipient) const;
  LockedSlotKey lock_new_key() const;
  std::string name() const;
  std::string description() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class TokenCredential final : public Credential {
 public:
  explicit TokenCredential(std::shared_ptr<TokenKey> key) : key_(std::move(key)) {}

  // Also a slot that was made from the certificate of the same RSA key.
  bool fits(const SlotRecipient& recipient) const override { return key_->fits(recipient); }
  std::optional<SecretBytes> slot_key(const SlotRecipient& recipient) const override {
    return key_->slot_key(recipient);
  }
  std::string description() const override { return key_->description(); }

 private:
  std::shared_ptr<TokenKey> key_;
};

class TokenRecipient final : public Recipient {
 public:
  explicit TokenRecipient(std::shared_ptr<TokenKey> key) : key_(std::move(key)) {}

  // Unwraps what it wrapped, so that a token that could not open the slot is noticed now.
  LockedSlotKey lock_new_key() const override { return key_->lock_new_key(); }
  std::string name() const override { return key_->name(); }

 private:
  std::shared_ptr<TokenKey> key_;
};

}  // namespace igudar
