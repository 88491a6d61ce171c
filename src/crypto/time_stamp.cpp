#include "crypto/time_stamp.h"

#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <ctime>
#include <new>
#include <optional>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "crypto/openssl.h"
#include "crypto/random.h"

namespace igudar {

using openssl::BigNumber;
using openssl::Free;
using openssl::require;

namespace {

constexpr const char* kOperation = "RFC 3161";
constexpr std::size_t kLongestSerial = 64;

void free_stack(STACK_OF(X509) * certificates) {
  sk_X509_free(certificates);  // the certificates stay those of the token
}

using Request = std::unique_ptr<TS_REQ, Free<TS_REQ_free>>;
using Response = std::unique_ptr<TS_RESP, Free<TS_RESP_free>>;
using Imprint = std::unique_ptr<TS_MSG_IMPRINT, Free<TS_MSG_IMPRINT_free>>;
using Algorithm = std::unique_ptr<X509_ALGOR, Free<X509_ALGOR_free>>;
using Integer = std::unique_ptr<ASN1_INTEGER, Free<ASN1_INTEGER_free>>;
using SignedData = std::unique_ptr<PKCS7, Free<PKCS7_free>>;
using TokenInfo = std::unique_ptr<TS_TST_INFO, Free<TS_TST_INFO_free>>;
using Signers = std::unique_ptr<STACK_OF(X509), Free<free_stack>>;
using Store = std::unique_ptr<X509_STORE, Free<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Free<X509_STORE_CTX_free>>;
using VerifyContext = std::unique_ptr<TS_VERIFY_CTX, Free<TS_VERIFY_CTX_free>>;

template <typename T>
T owned(T object) {
  if (!object) throw std::bad_alloc();
  return object;
}

template <typename T>
Bytes der_of(T* object, int (*encode)(const T*, unsigned char**)) {
  unsigned char* encoded = nullptr;
  const int size = encode(object, &encoded);
  if (size <= 0) require(0, kOperation);
  Bytes der(encoded, encoded + size);
  OPENSSL_free(encoded);
  return der;
}

[[noreturn]] void fail_damaged(const char* what) {
  ERR_clear_error();
  throw Error(ErrorCode::damaged, what);
}

// Empty for nullptr and for negative numbers, which no authority has a use for.
Bytes magnitude(const ASN1_INTEGER* number) {
  const BigNumber parsed(number == nullptr ? nullptr : ASN1_INTEGER_to_BN(number, nullptr));
  if (!parsed || BN_is_negative(parsed.get()) == 1) return {};
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(parsed.get())));
  BN_bn2bin(parsed.get(), bytes.data());
  return bytes;
}

SignedData signed_data_of(ByteView der) {
  if (der.size() > kLargestTimeStamp) fail_damaged(tr("a time-stamp is longer than any should be"));
  const unsigned char* at = der.data();
  SignedData data(d2i_PKCS7(nullptr, &at, static_cast<long>(der.size())));
  if (!data || at != der.data() + der.size()) fail_damaged(tr("what should be a time-stamp is none"));
  return data;
}

// The certificate of the one signer, if it is enclosed.
X509* signer_of(const SignedData& data) {
  const Signers signers(PKCS7_get0_signers(data.get(), nullptr, 0));
  ERR_clear_error();
  return signers && sk_X509_num(signers.get()) == 1 ? sk_X509_value(signers.get(), 0) : nullptr;
}

Id32 imprint_of(TS_TST_INFO* info) {
  TS_MSG_IMPRINT* imprint = TS_TST_INFO_get_msg_imprint(info);
  const ASN1_OBJECT* hash = nullptr;
  X509_ALGOR_get0(&hash, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(imprint));
  const ASN1_OCTET_STRING* digest = TS_MSG_IMPRINT_get_msg(imprint);
  if (OBJ_obj2nid(hash) != NID_sha256 || ASN1_STRING_length(digest) != static_cast<int>(Id32::kSize))
    fail_damaged(tr("a time-stamp is not of a SHA-256"));
  return Id32::from({ASN1_STRING_get0_data(digest), Id32::kSize});
}

TimeNs time_of(const ASN1_GENERALIZEDTIME* time) {
  constexpr int kFirstYear = 1970;
  constexpr int kLastYear = 2261;  // what TimeNs holds
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) fail_damaged(tr("a time-stamp has no time"));
  const int year = parts.tm_year + 1900;
  if (year < kFirstYear || year > kLastYear) fail_damaged(tr("a time-stamp has no time"));
  return TimeNs{::timegm(&parts)} * kNsPerSecond;
}

std::string text_of_object(const ASN1_OBJECT* object) {
  std::array<char, 128> text{};
  if (object == nullptr || OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1) <= 0) return {};
  return text.data();
}

TimeStampToken token_of(const SignedData& data) {
  const TokenInfo info(PKCS7_to_TS_TST_INFO(data.get()));
  if (!info || TS_TST_INFO_get_version(info.get()) != 1) fail_damaged(tr("what should be a time-stamp is none"));
  TimeStampToken token;
  token.der = der_of<PKCS7>(data.get(), i2d_PKCS7);
  token.imprint = imprint_of(info.get());
  token.nonce = magnitude(TS_TST_INFO_get_nonce(info.get()));
  token.time = time_of(TS_TST_INFO_get_time(info.get()));
  const Bytes serial = magnitude(TS_TST_INFO_get_serial(info.get()));
  if (serial.size() > kLongestSerial) fail_damaged(tr("what should be a time-stamp is none"));
  token.serial = to_hex(serial);
  token.policy = text_of_object(TS_TST_INFO_get_policy_id(info.get()));
  if (const X509* signer = signer_of(data)) token.authority = openssl::subject_of(*signer);
  return token;
}

// What the authority says of itself when it refuses.
std::string status_text(TS_STATUS_INFO* status) {
  constexpr std::size_t kLongest = 200;
  std::string text;
  const STACK_OF(ASN1_UTF8STRING)* lines = TS_STATUS_INFO_get0_text(status);
  for (int i = 0; lines != nullptr && i < sk_ASN1_UTF8STRING_num(lines); ++i) {
    const ASN1_UTF8STRING* line = sk_ASN1_UTF8STRING_value(lines, i);
    if (!text.empty()) text += "; ";
    text.append(reinterpret_cast<const char*>(ASN1_STRING_get0_data(line)),
                static_cast<std::size_t>(ASN1_STRING_length(line)));
  }
  return text.substr(0, kLongest);
}

void require_granted(TS_STATUS_INFO* status) {
  constexpr long kGranted = 0;
  constexpr long kGrantedWithModifications = 1;
  const long code = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(status));
  if (code == kGranted || code == kGrantedWithModifications) return;
  const std::string text = status_text(status);
  throw Error(ErrorCode::failed, text.empty() ? trf("the authority refuses to stamp: status {}", code)
                                              : trf("the authority refuses to stamp: status {}, {}", code, text));
}

std::string last_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "?" : reason;
}

}  // namespace

TimeStampRequest make_time_stamp_request(const Id32& imprint) {
  TimeStampRequest request;
  request.imprint = imprint;
  const FixedId<8> random = random_id<8>();
  const BigNumber number = owned(BigNumber(BN_bin2bn(random.bytes.data(), FixedId<8>::kSize, nullptr)));
  const Integer nonce = owned(Integer(BN_to_ASN1_INTEGER(number.get(), nullptr)));
  request.nonce = magnitude(nonce.get());

  const Algorithm algorithm = owned(Algorithm(X509_ALGOR_new()));
  require(X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr), kOperation);
  const Imprint message = owned(Imprint(TS_MSG_IMPRINT_new()));
  Bytes digest = copy_of(imprint.view());
  require(TS_MSG_IMPRINT_set_algo(message.get(), algorithm.get()), kOperation);
  require(TS_MSG_IMPRINT_set_msg(message.get(), digest.data(), static_cast<int>(digest.size())), kOperation);

  const Request made = owned(Request(TS_REQ_new()));
  require(TS_REQ_set_version(made.get(), 1), kOperation);
  require(TS_REQ_set_msg_imprint(made.get(), message.get()), kOperation);
  require(TS_REQ_set_nonce(made.get(), nonce.get()), kOperation);
  require(TS_REQ_set_cert_req(made.get(), 1), kOperation);
  request.der = der_of<TS_REQ>(made.get(), i2d_TS_REQ);
  return request;
}

TimeStampToken parse_time_stamp_token(ByteView der) {
  return token_of(signed_data_of(der));
}

TimeStampToken parse_time_stamp_response(ByteView response, const TimeStampRequest& request) {
  constexpr const char* kNone = N_("the answer is no time-stamp");
  if (response.size() > kLargestTimeStamp) fail_damaged(tr(kNone));
  const unsigned char* at = response.data();
  const Response parsed(d2i_TS_RESP(nullptr, &at, static_cast<long>(response.size())));
  if (!parsed || at != response.data() + response.size()) fail_damaged(tr(kNone));
  require_granted(TS_RESP_get_status_info(parsed.get()));
  if (TS_RESP_get_token(parsed.get()) == nullptr) fail_damaged(tr(kNone));
  // Encoded anew: so it is the token's own encoding that is verified, stored and verified again.
  TimeStampToken token = parse_time_stamp_token(der_of<PKCS7>(TS_RESP_get_token(parsed.get()), i2d_PKCS7));
  if (token.imprint != request.imprint)
    throw Error(ErrorCode::failed, tr("the authority stamped something else than it was asked to"));
  if (token.nonce != request.nonce)
    throw Error(ErrorCode::failed, tr("the authority answered another request: the nonce is not the one sent"));
  return token;
}

struct TimeStampTrust::State {
  Store store = owned(Store(X509_STORE_new()));
};

TimeStampTrust::TimeStampTrust(std::unique_ptr<State> state) : state_(std::move(state)) {}
TimeStampTrust::~TimeStampTrust() = default;
TimeStampTrust::TimeStampTrust(TimeStampTrust&&) noexcept = default;
TimeStampTrust& TimeStampTrust::operator=(TimeStampTrust&&) noexcept = default;

TimeStampTrust TimeStampTrust::of_file(const std::string& file) {
  auto state = std::make_unique<State>();
  const bool loaded = X509_STORE_load_file(state->store.get(), file.c_str()) == 1;
  ERR_clear_error();
  if (!loaded)
    throw Error(ErrorCode::usage, trf("no certificate could be read from {}", file),
                tr("It must be PEM: '-----BEGIN CERTIFICATE-----'."));
  // Whoever names an intermediate certificate, or the authority's own, trusts that.
  X509_STORE_set_flags(state->store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  return TimeStampTrust(std::move(state));
}

TimeStampTrust TimeStampTrust::of_system() {
  auto state = std::make_unique<State>();
  // A system without any certificates trusts nobody.
  (void)X509_STORE_set_default_paths(state->store.get());
  ERR_clear_error();
  return TimeStampTrust(std::move(state));
}

namespace {

TimeStampVerification forged(std::string reason) {
  ERR_clear_error();
  return {TimeStampVerdict::forged, std::move(reason)};
}

// What the chain of the signer's certificates is worth; nullopt when it is sound.
std::optional<TimeStampVerification> fault_of_chain(X509_STORE* store, X509* signer, const SignedData& data) {
  const StoreContext context = owned(StoreContext(X509_STORE_CTX_new()));
  require(X509_STORE_CTX_init(context.get(), store, signer, data->d.sign->cert), kOperation);
  require(X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_TIMESTAMP_SIGN), kOperation);
  const bool sound = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (sound) return std::nullopt;
  const int error = X509_STORE_CTX_get_error(context.get());
  if (error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID)
    return TimeStampVerification{TimeStampVerdict::expired,
                                 tr("a certificate of the authority was not valid at that time")};
  if (error == X509_V_ERR_INVALID_PURPOSE)
    return TimeStampVerification{TimeStampVerdict::untrusted, tr("the authority's certificate is not for time-stamps")};
  return TimeStampVerification{TimeStampVerdict::untrusted, trf("no trusted certificate vouches for the authority ({})",
                                                                X509_verify_cert_error_string(error))};
}

}  // namespace

TimeStampVerification TimeStampTrust::verify(const TimeStampToken& token, const Id32& imprint, TimeNs at) {
  if (token.imprint != imprint) return forged(tr("it is a stamp of something else"));
  const SignedData data = signed_data_of(token.der);
  X509* signer = signer_of(data);
  if (signer == nullptr) return forged(tr("it does not enclose the certificate of the one who signed it"));
  if (PKCS7_verify(data.get(), nullptr, nullptr, nullptr, nullptr, PKCS7_NOVERIFY) != 1)
    return forged(tr("its signature is not valid"));
  X509_STORE* store = state_->store.get();
  X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), static_cast<std::time_t>(at / kNsPerSecond));
  if (std::optional<TimeStampVerification> fault = fault_of_chain(store, signer, data)) return std::move(*fault);

  const VerifyContext context = owned(VerifyContext(TS_VERIFY_CTX_new()));
  TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_SIGNATURE | TS_VFY_VERSION | TS_VFY_SIGNER);
  require(X509_STORE_up_ref(store), kOperation);
  TS_VERIFY_CTX_set_store(context.get(), store);
  if (TS_RESP_verify_token(context.get(), data.get()) != 1)
    return forged(trf("it does not keep to RFC 3161 ({})", last_reason()));
  ERR_clear_error();
  return {};
}

}  // namespace igudar
