#include "keys/secret_shares.h"

extern "C" {
#include <libgfshare.h>
}

#include <new>

#include "base/free_with.h"
#include "crypto/random.h"

namespace igudar {

namespace {

using Context = OwnedBy<gfshare_ctx, gfshare_ctx_free>;  // which wipes it, too

// There is no way to tell libgfshare of a failure: without randomness the program ends.
extern "C" void draw(unsigned char* out, unsigned int size) noexcept {
  fill_random({out, size});
}

Context checked(gfshare_ctx* context) {
  if (context == nullptr) throw std::bad_alloc();
  return Context(context);
}

}  // namespace

std::vector<SecretShare> split_secret(const SecretBytes& secret, unsigned threshold, unsigned shares) {
  gfshare_fill_rand = draw;  // its own is random()
  std::vector<unsigned char> numbers;
  for (unsigned number = 1; number <= shares; ++number) numbers.push_back(static_cast<unsigned char>(number));
  const Context context = checked(gfshare_ctx_init_enc(numbers.data(), shares, static_cast<unsigned char>(threshold),
                                                       static_cast<unsigned>(secret.size())));
  SecretBytes input = secret.clone();
  gfshare_ctx_enc_setsecret(context.get(), input.span().data());
  std::vector<SecretShare> result;
  for (unsigned index = 0; index < shares; ++index) {
    SecretShare& share = result.emplace_back(SecretShare{numbers[index], SecretBytes(secret.size())});
    gfshare_ctx_enc_getshare(context.get(), static_cast<unsigned char>(index), share.value.span().data());
  }
  return result;
}

SecretBytes join_shares(const std::vector<SecretShare>& shares) {
  gfshare_fill_rand = draw;  // freeing draws as well
  std::vector<unsigned char> numbers;
  for (const SecretShare& share : shares) numbers.push_back(share.number);
  SecretBytes result(shares.front().value.size());
  const Context context = checked(
      gfshare_ctx_init_dec(numbers.data(), static_cast<unsigned>(shares.size()), static_cast<unsigned>(result.size())));
  for (std::size_t index = 0; index < shares.size(); ++index) {
    SecretBytes value = shares[index].value.clone();
    gfshare_ctx_dec_giveshare(context.get(), static_cast<unsigned char>(index), value.span().data());
  }
  gfshare_ctx_dec_extract(context.get(), result.span().data());
  return result;
}

}  // namespace igudar
