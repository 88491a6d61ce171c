#include "crypto/oaep.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/error.h"
#include "crypto/openssl.h"

namespace igudar {

namespace {

struct Pem {
  Bytes private_key, public_key;
};

Bytes content_of(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  Bytes content = copy_of(view_of({text, static_cast<std::size_t>(size)}));
  BIO_free(bio);
  return content;
}

Pem generate(unsigned bits) {
  const openssl::PrivateOrPublicKey key(EVP_RSA_gen(bits));
  BIO* secret = BIO_new(BIO_s_mem());
  BIO* open = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(secret, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  PEM_write_bio_PUBKEY(open, key.get());
  return {content_of(secret), content_of(open)};
}

SecretBytes nobody() {
  ADD_FAILURE() << "a passphrase was asked for";
  return {};
}

}  // namespace

TEST(Oaep, opens_for_the_private_key_with_the_same_hash) {
  const Pem pem = generate(2048);
  const RsaPublicKey key = read_rsa_public_key(pem.public_key, "k.pub", 0);
  const RsaPrivateKey opener(pem.private_key, "k.key", nobody);
  EXPECT_EQ(key.bits, 2048U);
  EXPECT_EQ(opener.public_key().der, key.der);
  for (const OaepHash hash : {OaepHash::sha256, OaepHash::sha1}) {
    Bytes wrapped = oaep_encrypt(key, hash, view_of("a slot key"));
    EXPECT_EQ(wrapped.size(), 256U);
    EXPECT_EQ(text_of(opener.oaep_decrypt(hash, wrapped)->view()), "a slot key");
    EXPECT_FALSE(opener.oaep_decrypt(hash == OaepHash::sha1 ? OaepHash::sha256 : OaepHash::sha1, wrapped));
    wrapped[100] ^= 1;
    EXPECT_FALSE(opener.oaep_decrypt(hash, wrapped));
    EXPECT_FALSE(opener.oaep_decrypt(hash, ByteView(wrapped).first(255)));
  }
}

TEST(Oaep, does_not_open_for_another_key) {
  const RsaPublicKey key = read_rsa_public_key(generate(2048).public_key, "k.pub", 0);
  const RsaPrivateKey other(generate(2048).private_key, "o.key", nobody);
  EXPECT_FALSE(other.oaep_decrypt(OaepHash::sha256, oaep_encrypt(key, OaepHash::sha256, view_of("x"))));
}

TEST(Oaep, refuses_what_is_no_key_of_2048_to_4096_bits) {
  EXPECT_THROW((void)read_rsa_public_key(generate(1024).public_key, "k.pub", 0), Error);
  EXPECT_THROW((void)read_rsa_public_key(view_of("-----BEGIN PUBLIC KEY-----\nnonsense\n"), "k.pub", 0), Error);
  EXPECT_THROW(RsaPrivateKey(generate(1024).private_key, "k.key", nobody), Error);
  EXPECT_THROW((void)make_rsa_public_key(Bytes(128, 0xff), Bytes{1, 0, 1}, "token"), Error);
}

}  // namespace igudar
