#include "keys/pkcs11.h"

#include <p11-kit/p11-kit.h>

#include <algorithm>

#include "base/error.h"
#include "base/translate.h"

namespace igudar::pkcs11 {

namespace {

constexpr CK_ULONG kLargestPlain = 512;
constexpr std::size_t kKeySize = 32;

std::string text_of_field(const unsigned char* field, std::size_t size) {
  return std::string(reinterpret_cast<const char*>(field), p11_kit_space_strlen(field, size));
}

CK_ATTRIBUTE flag_attribute(CK_ATTRIBUTE_TYPE type, bool value) {
  static CK_BBOOL yes = CK_TRUE;
  static CK_BBOOL no = CK_FALSE;
  return {type, value ? &yes : &no, sizeof(CK_BBOOL)};
}

// That of a key which lives as long as the session and gives its value.
std::vector<CK_ATTRIBUTE> readable_key() {
  static CK_OBJECT_CLASS secret = CKO_SECRET_KEY;
  static CK_KEY_TYPE type = CKK_AES;
  return {{CKA_CLASS, &secret, sizeof secret},
          {CKA_KEY_TYPE, &type, sizeof type},
          flag_attribute(CKA_TOKEN, false),
          flag_attribute(CKA_SENSITIVE, false),
          flag_attribute(CKA_EXTRACTABLE, true)};
}

void collect_tokens(CK_FUNCTION_LIST* module, const Uri& uri, std::vector<Token>& found,
                    std::vector<std::string>& seen) {
  CK_INFO info{};
  if (module->C_GetInfo(&info) != CKR_OK || p11_kit_uri_match_module_info(uri.get(), &info) == 0) return;
  CK_ULONG count = 0;
  if (module->C_GetSlotList(CK_TRUE, nullptr, &count) != CKR_OK || count == 0) return;
  std::vector<CK_SLOT_ID> slots(count);
  if (module->C_GetSlotList(CK_TRUE, slots.data(), &count) != CKR_OK) return;
  slots.resize(count);
  for (const CK_SLOT_ID slot : slots) {
    Token token{module, slot, {}};
    CK_SLOT_INFO slot_info{};
    if (module->C_GetTokenInfo(slot, &token.info) != CKR_OK || module->C_GetSlotInfo(slot, &slot_info) != CKR_OK)
      continue;
    if ((token.info.flags & CKF_TOKEN_INITIALIZED) == 0) continue;
    seen.push_back(token.label());
    if (p11_kit_uri_match_token_info(uri.get(), &token.info) == 1 &&
        p11_kit_uri_match_slot_info(uri.get(), &slot_info) == 1)
      found.push_back(token);
  }
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

[[noreturn]] void fail_locked(const std::string& token) {
  throw Error(
      ErrorCode::permission, trf("the PIN of the token {} is locked", token),
      tr("Unlock it with the token's own tool and its SO PIN or PUK; nothing was lost. Other key slots still open "
         "the repository."));
}

[[noreturn]] void fail_wrong_pin(const Token& token) {
  CK_TOKEN_INFO now{};
  const bool known = token.module->C_GetTokenInfo(token.slot, &now) == CKR_OK;
  if (known && (now.flags & CKF_USER_PIN_LOCKED) != 0) fail_locked(token.label());
  const bool last = known && (now.flags & CKF_USER_PIN_FINAL_TRY) != 0;
  throw Error(ErrorCode::wrong_key, trf("the PIN of the token {} is wrong", token.label()),
              last ? tr("The token allows one more try, then it locks. This one was not repeated.")
                   : tr("It was tried once only: tokens lock after a few wrong ones."));
}

}  // namespace

void fail(CK_RV answer, const std::string& action) {
  switch (answer) {
    case CKR_TOKEN_NOT_PRESENT:
    case CKR_DEVICE_REMOVED:
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_SESSION_CLOSED:
    case CKR_DEVICE_ERROR:
      throw Error(ErrorCode::io, action + ": " + tr("the token was removed, or does not answer"),
                  tr("Put the token back and run the command again; nothing was lost."));
    case CKR_PIN_LOCKED:
      throw Error(ErrorCode::permission, action + ": " + tr("the PIN is locked"),
                  tr("Unlock it with the token's own tool and its SO PIN or PUK."));
    default:
      throw Error(ErrorCode::failed, action + ": " + p11_kit_strerror(answer),
                  tr("This is the answer of the token's PKCS #11 module."));
  }
}

Uri::Uri(const std::string& text) : uri_(p11_kit_uri_new()) {
  if (!uri_) throw std::bad_alloc();
  const int parsed = p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_ANY, uri_.get());
  // Not shown: there may be a PIN in it.
  if (p11_kit_uri_get_pin_value(uri_.get()) != nullptr || p11_kit_uri_get_pin_source(uri_.get()) != nullptr ||
      text.find("pin-value") != std::string::npos)
    throw Error(ErrorCode::usage, tr("the URI of a token's key carries a PIN, which everyone on this machine can see"),
                tr("Leave it out: it is asked for, or comes from --pin-file or --pin-command. If others work on this "
                   "machine, change the PIN."));
  if (parsed != P11_KIT_URI_OK || p11_kit_uri_any_unrecognized(uri_.get()) != 0)
    throw Error(ErrorCode::usage, trf("'{}' does not name a token's key", text),
                tr("Write pkcs11:token=NAME;object=NAME, in quotes; 'p11tool --list-tokens' shows the tokens."));
}

std::string Uri::module_path() const {
  const char* path = p11_kit_uri_get_module_path(uri_.get());
  return path == nullptr ? "" : path;
}

std::vector<CK_ATTRIBUTE> Uri::key_attributes() const {
  CK_ULONG count = 0;
  const CK_ATTRIBUTE* attributes = p11_kit_uri_get_attributes(uri_.get(), &count);
  std::vector<CK_ATTRIBUTE> result(attributes, attributes + count);
  std::erase_if(result, [](const CK_ATTRIBUTE& attribute) { return attribute.type == CKA_CLASS; });
  return result;
}

Modules::Modules(const std::string& path) {
  p11_kit_be_quiet();  // it would write to standard error
  if (path.empty()) {
    all_ = p11_kit_modules_load_and_initialize(0);
    for (CK_FUNCTION_LIST** module = all_; module != nullptr && *module != nullptr; ++module) list_.push_back(*module);
    if (list_.empty())
      throw Error(ErrorCode::not_found, tr("no PKCS #11 module is set up on this machine"),
                  tr("Install the one of your token, or name it with --pkcs11-module."));
    return;
  }
  single_ = p11_kit_module_load(path.c_str(), 0);
  const CK_RV answer = single_ == nullptr ? CKR_LIBRARY_LOAD_FAILED : p11_kit_module_initialize(single_);
  if (answer != CKR_OK) {
    if (single_ != nullptr) p11_kit_module_release(single_);
    throw Error(ErrorCode::not_found, trf("cannot load the PKCS #11 module {}", path),
                tr("Give the path of the library that came with the token (…/lib….so)."));
  }
  list_.push_back(single_);
}

Modules::~Modules() {
  if (all_ != nullptr) p11_kit_modules_finalize_and_release(all_);
  if (single_ != nullptr) {
    p11_kit_module_finalize(single_);
    p11_kit_module_release(single_);
  }
}

std::string Token::label() const {
  return text_of_field(info.label, sizeof info.label);
}

Token find_token(const Modules& modules, const Uri& uri) {
  std::vector<Token> found;
  std::vector<std::string> seen;
  for (CK_FUNCTION_LIST* module : modules.list()) collect_tokens(module, uri, found, seen);
  if (found.empty())
    throw Error(ErrorCode::not_found, tr("the token that the URI names is not there"),
                seen.empty()
                    ? std::string(tr("No token is. Is it plugged in, and its module the one of --pkcs11-module?"))
                    : trf("These are: {}", joined(seen)));
  if (found.size() > 1) throw Error(ErrorCode::usage, tr("several tokens fit the URI"), tr("Add 'serial=…' to it."));
  return found.front();
}

Session::Session(const Token& token, const AskPin& ask_pin) : token_(token) {
  require(token_.module->C_OpenSession(token_.slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session_),
          trf("cannot open a session with the token {}", token_.label()));
  try {
    log_in(ask_pin);
  } catch (...) {
    token_.module->C_CloseSession(session_);
    throw;
  }
}

Session::~Session() {
  token_.module->C_CloseSession(session_);  // the last one of a token logs out
}

void Session::log_in(const AskPin& ask_pin) {
  const CK_FLAGS flags = token_.info.flags;
  if ((flags & CKF_LOGIN_REQUIRED) == 0) return;
  if ((flags & CKF_USER_PIN_LOCKED) != 0) fail_locked(token_.label());
  const bool own_keys = (flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;  // the reader has a PIN pad
  if (!own_keys) {
    pin_ = ask_pin(token_.label());
    if (pin_.empty()) throw Error(ErrorCode::usage, tr("the PIN is empty"));
  }
  const CK_RV answer = token_.module->C_Login(session_, CKU_USER, own_keys ? nullptr : pin_.span().data(), pin_.size());
  switch (answer) {
    case CKR_OK:
    case CKR_USER_ALREADY_LOGGED_IN:
      return;
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
      fail_wrong_pin(token_);
    case CKR_PIN_LOCKED:
      fail_locked(token_.label());
    default:
      fail(answer, trf("cannot log in to the token {}", token_.label()));
  }
}

std::vector<CK_OBJECT_HANDLE> Session::find(std::vector<CK_ATTRIBUTE> attributes) const {
  const std::string action = trf("cannot look for keys in the token {}", token_.label());
  require(token_.module->C_FindObjectsInit(session_, attributes.data(), attributes.size()), action);
  std::vector<CK_OBJECT_HANDLE> found(8);
  CK_ULONG count = 0;
  const CK_RV answer = token_.module->C_FindObjects(session_, found.data(), found.size(), &count);
  token_.module->C_FindObjectsFinal(session_);
  require(answer, action);
  found.resize(count);
  return found;
}

std::optional<Bytes> Session::attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
  CK_ATTRIBUTE asked{type, nullptr, 0};
  if (token_.module->C_GetAttributeValue(session_, object, &asked, 1) != CKR_OK ||
      asked.ulValueLen == static_cast<CK_ULONG>(-1))
    return std::nullopt;
  Bytes value(asked.ulValueLen);
  asked.pValue = value.data();
  if (token_.module->C_GetAttributeValue(session_, object, &asked, 1) != CKR_OK) return std::nullopt;
  value.resize(asked.ulValueLen);
  return value;
}

bool Session::flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
  const std::optional<Bytes> value = attribute(object, type);
  return value && value->size() == 1 && value->front() == CK_TRUE;
}

CK_RV Session::authorise_use(CK_OBJECT_HANDLE key) const {
  if (!flag(key, CKA_ALWAYS_AUTHENTICATE)) return CKR_OK;
  SecretBytes pin = pin_.clone();
  return token_.module->C_Login(session_, CKU_CONTEXT_SPECIFIC, pin.empty() ? nullptr : pin.span().data(), pin.size());
}

SecretBytes Session::decrypt(CK_OBJECT_HANDLE key, CK_MECHANISM mechanism, ByteView encrypted, CK_RV& answer) const {
  answer = token_.module->C_DecryptInit(session_, &mechanism, key);
  if (answer == CKR_OK) answer = authorise_use(key);
  if (answer != CKR_OK) return {};
  Bytes input = copy_of(encrypted);  // C_Decrypt takes no const
  SecretBytes plain(kLargestPlain);
  CK_ULONG size = plain.size();
  answer = token_.module->C_Decrypt(session_, input.data(), input.size(), plain.span().data(), &size);
  if (answer != CKR_OK) return {};
  return SecretBytes(plain.view().first(size));
}

SecretBytes Session::unwrap(CK_OBJECT_HANDLE key, CK_MECHANISM mechanism, ByteView wrapped, CK_RV& answer) const {
  Bytes input = copy_of(wrapped);
  std::vector<CK_ATTRIBUTE> attributes = readable_key();
  CK_OBJECT_HANDLE made = 0;
  answer = token_.module->C_UnwrapKey(session_, &mechanism, key, input.data(), input.size(), attributes.data(),
                                      attributes.size(), &made);
  if (answer != CKR_OK) return {};
  SecretBytes value(kKeySize);
  CK_ATTRIBUTE asked{CKA_VALUE, value.span().data(), value.size()};
  answer = token_.module->C_GetAttributeValue(session_, made, &asked, 1);
  token_.module->C_DestroyObject(session_, made);
  if (answer != CKR_OK || asked.ulValueLen != value.size()) return {};
  return value;
}

Bytes Session::wrap(CK_OBJECT_HANDLE key, CK_MECHANISM mechanism, const SecretBytes& secret) const {
  const std::string action = trf("the token {} cannot wrap a key", token_.label());
  SecretBytes value = secret.clone();
  std::vector<CK_ATTRIBUTE> attributes = readable_key();
  attributes.push_back({CKA_VALUE, value.span().data(), value.size()});
  CK_OBJECT_HANDLE made = 0;
  require(token_.module->C_CreateObject(session_, attributes.data(), attributes.size(), &made), action);
  Bytes wrapped(kLargestPlain);
  CK_ULONG size = wrapped.size();
  const CK_RV answer = token_.module->C_WrapKey(session_, &mechanism, key, made, wrapped.data(), &size);
  token_.module->C_DestroyObject(session_, made);
  require(answer, action);
  wrapped.resize(size);
  return wrapped;
}

}  // namespace igudar::pkcs11
