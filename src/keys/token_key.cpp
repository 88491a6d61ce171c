#include "keys/token_key.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "crypto/oaep.h"
#include "format/byte_writer.h"
#include "keys/pkcs11.h"

namespace igudar {

namespace {

using pkcs11::Session;

// What tokens answer to bytes that were not wrapped by their key. Some have no better answer than the last two.
bool is_about_the_bytes(CK_RV answer) {
  constexpr std::array kAnswers{
      CKR_ENCRYPTED_DATA_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE, CKR_WRAPPED_KEY_INVALID, CKR_WRAPPED_KEY_LEN_RANGE,
      CKR_DATA_INVALID,           CKR_DATA_LEN_RANGE,           CKR_GENERAL_ERROR,       CKR_FUNCTION_FAILED};
  return std::find(kAnswers.begin(), kAnswers.end(), answer) != kAnswers.end();
}

CK_OBJECT_HANDLE find_key(const Session& session, const pkcs11::Uri& uri, CK_OBJECT_CLASS& kind) {
  std::vector<std::pair<CK_OBJECT_HANDLE, CK_OBJECT_CLASS>> found;
  for (CK_OBJECT_CLASS wanted : {CKO_PRIVATE_KEY, CKO_SECRET_KEY}) {
    std::vector<CK_ATTRIBUTE> attributes = uri.key_attributes();
    attributes.push_back({CKA_CLASS, &wanted, sizeof wanted});
    for (const CK_OBJECT_HANDLE handle : session.find(attributes)) found.emplace_back(handle, wanted);
  }
  if (found.empty())
    throw Error(
        ErrorCode::not_found, tr("the key that the URI names is not in the token"),
        tr("It must be a private RSA key or a secret AES key; 'p11tool --login --list-all TOKEN-URI' shows what is "
           "there."));
  if (found.size() > 1)
    throw Error(ErrorCode::usage, tr("several keys in the token fit the URI"), tr("Add 'object=…' or 'id=…' to it."));
  kind = found.front().second;
  return found.front().first;
}

CK_KEY_TYPE type_of(const Session& session, CK_OBJECT_HANDLE key) {
  const std::optional<Bytes> value = session.attribute(key, CKA_KEY_TYPE);
  CK_KEY_TYPE type = CKK_VENDOR_DEFINED;
  if (value && value->size() == sizeof type) std::memcpy(&type, value->data(), sizeof type);
  return type;
}

// The public numbers, from the private key or else from the public key beside it.
RsaPublicKey rsa_public_key(const Session& session, CK_OBJECT_HANDLE key, const std::string& name) {
  std::vector<CK_OBJECT_HANDLE> places{key};
  if (std::optional<Bytes> id = session.attribute(key, CKA_ID); id && !id->empty()) {
    CK_OBJECT_CLASS wanted = CKO_PUBLIC_KEY;
    const std::vector<CK_ATTRIBUTE> beside{{CKA_CLASS, &wanted, sizeof wanted}, {CKA_ID, id->data(), id->size()}};
    for (const CK_OBJECT_HANDLE handle : session.find(beside)) places.push_back(handle);
  }
  for (const CK_OBJECT_HANDLE place : places) {
    const std::optional<Bytes> modulus = session.attribute(place, CKA_MODULUS);
    const std::optional<Bytes> exponent = session.attribute(place, CKA_PUBLIC_EXPONENT);
    if (modulus && exponent && !modulus->empty() && !exponent->empty())
      return make_rsa_public_key(*modulus, *exponent, name);
  }
  throw Error(ErrorCode::unsupported, trf("the token does not tell the public half of the key {}", name),
              tr("Store the public key in the token beside the private one, with the same id."));
}

// An AES key has no public half: what the token calls it tells it from others.
KeyFingerprint aes_fingerprint(const Session& session, CK_OBJECT_HANDLE key) {
  Bytes names;
  ByteWriter writer(names);
  writer.bytes(session.attribute(key, CKA_ID).value_or(Bytes()));
  writer.bytes(session.attribute(key, CKA_LABEL).value_or(Bytes()));
  return fingerprint_of(names);
}

SecretBytes open_oaep(const Session& session, CK_OBJECT_HANDLE key, OaepHash hash, ByteView wrapped, CK_RV& answer) {
  const bool sha1 = hash == OaepHash::sha1;
  CK_RSA_PKCS_OAEP_PARAMS parameters{sha1 ? CKM_SHA_1 : CKM_SHA256, sha1 ? CKG_MGF1_SHA1 : CKG_MGF1_SHA256,
                                     CKZ_DATA_SPECIFIED, nullptr, 0};
  const CK_MECHANISM mechanism{CKM_RSA_PKCS_OAEP, &parameters, sizeof parameters};
  // A key may be for one of the two only.
  SecretBytes opened = session.decrypt(key, mechanism, wrapped, answer);
  if (answer == CKR_KEY_FUNCTION_NOT_PERMITTED || answer == CKR_KEY_TYPE_INCONSISTENT)
    opened = session.unwrap(key, mechanism, wrapped, answer);
  return opened;
}

}  // namespace

struct TokenKey::State {
  State(const TokenKeyPlace& place, const pkcs11::AskPin& ask_pin)
      : uri(place.uri),
        modules(place.module.empty() ? uri.module_path() : place.module),
        token(find_token(modules, uri)),
        session(token, ask_pin),
        shown_uri(place.uri.substr(0, place.uri.find('?'))) {
    CK_OBJECT_CLASS kind = 0;
    key = find_key(session, uri, kind);
    const CK_KEY_TYPE type = type_of(session, key);
    if (kind == CKO_PRIVATE_KEY && type == CKK_RSA) {
      public_key = rsa_public_key(session, key, shown_uri);
      fingerprint = fingerprint_of(public_key->der);
    } else if (kind == CKO_SECRET_KEY && type == CKK_AES) {
      fingerprint = aes_fingerprint(session, key);
    } else {
      throw Error(ErrorCode::usage, trf("the key {} is neither RSA nor AES", shown_uri),
                  tr("Make one in the token: RSA of 2048 to 4096 bits, or AES of 256."));
    }
  }

  SecretBytes open(const SlotRecipient& recipient, CK_RV& answer) const {
    if (recipient.oaep_hash) return open_oaep(session, key, *recipient.oaep_hash, recipient.wrapped, answer);
    return session.unwrap(key, {CKM_AES_KEY_WRAP, nullptr, 0}, recipient.wrapped, answer);
  }

  pkcs11::Uri uri;
  pkcs11::Modules modules;
  pkcs11::Token token;
  Session session;
  std::string shown_uri;
  CK_OBJECT_HANDLE key = 0;
  std::optional<RsaPublicKey> public_key;  // none: it is an AES key
  KeyFingerprint fingerprint;
};

TokenKey::TokenKey(const TokenKeyPlace& place, const std::function<SecretBytes(const std::string& token)>& ask_pin)
    : state_(std::make_unique<State>(place, ask_pin)) {}

TokenKey::~TokenKey() = default;

bool TokenKey::fits(const SlotRecipient& recipient) const {
  if (recipient.fingerprint != state_->fingerprint) return false;
  return state_->public_key ? recipient.oaep_hash.has_value()
                            : recipient.kind == RecipientKind::token && !recipient.oaep_hash;
}

std::optional<SecretBytes> TokenKey::slot_key(const SlotRecipient& recipient) const {
  CK_RV answer = CKR_OK;
  SecretBytes key = state_->open(recipient, answer);
  if (is_about_the_bytes(answer)) return std::nullopt;
  pkcs11::require(answer, trf("the token {} cannot open the key slot", state_->token.label()));
  return key;
}

LockedSlotKey TokenKey::lock_new_key() const {
  SecretBytes key = new_slot_key();
  SlotRecipient recipient;
  recipient.kind = RecipientKind::token;
  recipient.fingerprint = state_->fingerprint;
  CK_RV answer = CKR_OK;
  const auto opens = [&] { return secret_equal(state_->open(recipient, answer).view(), key.view()); };
  if (!state_->public_key) {
    recipient.wrapped = state_->session.wrap(state_->key, {CKM_AES_KEY_WRAP, nullptr, 0}, key);
    if (opens()) return {std::move(key), std::move(recipient)};
  } else {
    for (const OaepHash hash : {OaepHash::sha256, OaepHash::sha1}) {
      recipient.oaep_hash = hash;
      recipient.wrapped = oaep_encrypt(*state_->public_key, hash, key.view());
      if (opens()) return {std::move(key), std::move(recipient)};
    }
  }
  pkcs11::fail(answer == CKR_OK ? CKR_FUNCTION_FAILED : answer,
               trf("the token {} does not unwrap what was wrapped for its key", state_->token.label()));
}

std::string TokenKey::name() const {
  return state_->shown_uri;
}

std::string TokenKey::description() const {
  return trf("the token's key {}", state_->shown_uri);
}

}  // namespace igudar
