#pragma once

#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/free_with.h"
#include "base/secret.h"

// PKCS #11 (OASIS, version 2.40) through p11-kit: modules, tokens, sessions and the one way their answers become
// Errors. For keys/ alone. Nothing here is thread-safe.
namespace igudar::pkcs11 {

// The Error for an answer other than CKR_OK. `action` is a translated phrase such as "cannot unwrap the key".
[[noreturn]] void fail(CK_RV answer, const std::string& action);
inline void require(CK_RV answer, const std::string& action) {
  if (answer != CKR_OK) fail(answer, action);
}

// A 'pkcs11:' URI (RFC 7512) that names a key and its token. Throws usage for what is none, and where it carries a PIN:
// the command line is no place for one.
class Uri {
 public:
  explicit Uri(const std::string& text);

  P11KitUri* get() const { return uri_.get(); }
  std::string module_path() const;  // empty: none
  // The attributes that a key must have, but for its class.
  std::vector<CK_ATTRIBUTE> key_attributes() const;

 private:
  OwnedBy<P11KitUri, p11_kit_uri_free> uri_;
};

// Loaded and initialised modules: that at `path`, or all that p11-kit is configured with. Throws not_found when a
// module cannot be loaded.
class Modules {
 public:
  explicit Modules(const std::string& path);
  ~Modules();
  Modules(const Modules&) = delete;
  Modules& operator=(const Modules&) = delete;

  const std::vector<CK_FUNCTION_LIST*>& list() const { return list_; }

 private:
  CK_FUNCTION_LIST* single_ = nullptr;
  CK_FUNCTION_LIST** all_ = nullptr;
  std::vector<CK_FUNCTION_LIST*> list_;
};

struct Token {
  CK_FUNCTION_LIST* module = nullptr;
  CK_SLOT_ID slot = 0;
  CK_TOKEN_INFO info{};

  std::string label() const;
};
// The one token that the URI names. Throws not_found when there is none, usage when there are several.
Token find_token(const Modules& modules, const Uri& uri);

// Asks for the PIN of the token with this label.
using AskPin = std::function<SecretBytes(const std::string& token)>;

// A session with a token, logged in where that is needed.
class Session {
 public:
  // A wrong PIN is tried once, whatever follows: tokens lock after few. Throws wrong_key for it, permission when the
  // PIN is locked, and what `ask_pin` throws.
  Session(const Token& token, const AskPin& ask_pin);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::vector<CK_OBJECT_HANDLE> find(std::vector<CK_ATTRIBUTE> attributes) const;
  std::optional<Bytes> attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;
  bool flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;

  // An answer other than CKR_OK is given back in `answer`, with an empty result.
  SecretBytes decrypt(CK_OBJECT_HANDLE key, CK_MECHANISM mechanism, ByteView encrypted, CK_RV& answer) const;
  SecretBytes unwrap(CK_OBJECT_HANDLE key, CK_MECHANISM mechanism, ByteView wrapped, CK_RV& answer) const;
  // Wraps 32 bytes. Throws.
  Bytes wrap(CK_OBJECT_HANDLE key, CK_MECHANISM mechanism, const SecretBytes& secret) const;

 private:
  void log_in(const AskPin& ask_pin);
  // Keys may ask for the PIN again, for each use.
  CK_RV authorise_use(CK_OBJECT_HANDLE key) const;

  Token token_;
  CK_SESSION_HANDLE session_ = 0;
  SecretBytes pin_;
};

}  // namespace igudar::pkcs11
