#include "crypto/aead.h"

#include <algorithm>
#include <new>

#include "base/error.h"
#include "base/secret.h"
#include "base/translate.h"
#include "crypto/fips.h"
#include "crypto/openssl.h"

namespace igudar {

namespace {

using openssl::require;

// EVP takes lengths as int: longer input goes in pieces, each a whole number of AES blocks.
constexpr std::size_t kLargestPiece = std::size_t{1} << 30;

constexpr const char* kOperation = "AEAD";
constexpr const char* kUseAes = N_("Use the cipher suite aes-256-gcm.");

const char* openssl_name(AeadCipher cipher) {
  return cipher == AeadCipher::aes_256_gcm ? "AES-256-GCM" : "ChaCha20-Poly1305";
}

openssl::CipherContext keyed_context(const EVP_CIPHER* cipher, ByteView key, int encrypting) {
  openssl::CipherContext context(EVP_CIPHER_CTX_new());
  if (!context) throw std::bad_alloc();
  require(EVP_CipherInit_ex2(context.get(), cipher, key.data(), nullptr, encrypting, nullptr), kOperation);
  return context;
}

void start(EVP_CIPHER_CTX* context, const AeadNonce& nonce) {
  require(EVP_CipherInit_ex2(context, nullptr, nullptr, nonce.data(), -1, nullptr), kOperation);
}

// Feeds `in` to the cipher; `out` is where its result goes, null for additional data.
void feed(EVP_CIPHER_CTX* context, ByteView in, std::uint8_t* out) {
  while (!in.empty()) {
    const std::size_t piece = std::min(in.size(), kLargestPiece);
    int written = 0;
    require(EVP_CipherUpdate(context, out, &written, in.data(), static_cast<int>(piece)), kOperation);
    in = in.subspan(piece);
    if (out != nullptr) out += piece;
  }
}

void require_size(std::size_t actual, std::size_t expected) {
  if (actual != expected)
    throw Error(ErrorCode::failed, tr("Internal error: a buffer for encryption has the wrong size."));
}

}  // namespace

AeadNonce counter_nonce(std::uint64_t counter) {
  AeadNonce nonce{};
  for (std::size_t i = 0; i < 8; ++i) nonce[11 - i] = static_cast<std::uint8_t>(counter >> (8 * i));
  return nonce;
}

// A context for each direction, so that the key schedule is computed once and not for each message.
struct Aead::State {
  openssl::Cipher cipher;
  openssl::CipherContext sealing;
  openssl::CipherContext opening;
};

Aead::Aead(AeadCipher cipher, ByteView key) : state_(std::make_unique<State>()) {
  require_size(key.size(), kAeadKeySize);
  if (cipher == AeadCipher::chacha20_poly1305) require_outside_fips_mode("ChaCha20-Poly1305", kUseAes);
  state_->cipher = openssl::fetch_cipher(openssl_name(cipher));
  state_->sealing = keyed_context(state_->cipher.get(), key, 1);
  state_->opening = keyed_context(state_->cipher.get(), key, 0);
}

Aead::~Aead() = default;
Aead::Aead(Aead&&) noexcept = default;
Aead& Aead::operator=(Aead&&) noexcept = default;

void Aead::set_key(ByteView key) {
  require_size(key.size(), kAeadKeySize);
  for (EVP_CIPHER_CTX* context : {state_->sealing.get(), state_->opening.get()})
    require(EVP_CipherInit_ex2(context, nullptr, key.data(), nullptr, -1, nullptr), kOperation);
}

void Aead::seal(const AeadNonce& nonce, ByteView aad, ByteView plain, MutableByteView out) {
  require_size(out.size(), plain.size() + kAeadTagSize);
  EVP_CIPHER_CTX* context = state_->sealing.get();
  start(context, nonce);
  feed(context, aad, nullptr);
  feed(context, plain, out.data());
  std::uint8_t* tag = out.data() + plain.size();
  int written = 0;
  require(EVP_CipherFinal_ex(context, tag, &written), kOperation);
  require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kAeadTagSize, tag), kOperation);
}

bool Aead::open(const AeadNonce& nonce, ByteView aad, ByteView sealed, MutableByteView out) {
  if (sealed.size() < kAeadTagSize) {
    wipe(out);
    return false;
  }
  const std::size_t plain_size = sealed.size() - kAeadTagSize;
  require_size(out.size(), plain_size);
  std::array<std::uint8_t, kAeadTagSize> tag{};
  std::copy_n(sealed.data() + plain_size, kAeadTagSize, tag.begin());

  EVP_CIPHER_CTX* context = state_->opening.get();
  start(context, nonce);
  require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kAeadTagSize, tag.data()), kOperation);
  feed(context, aad, nullptr);
  feed(context, sealed.first(plain_size), out.data());
  std::array<std::uint8_t, kAeadTagSize> unused{};
  int written = 0;
  if (EVP_CipherFinal_ex(context, unused.data(), &written) == 1) return true;
  wipe(out);
  return false;
}

}  // namespace igudar
