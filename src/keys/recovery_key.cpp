#include "keys/recovery_key.h"

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "crypto/kdf.h"
#include "crypto/random.h"
#include "keys/secret_shares.h"

namespace igudar {

namespace {

constexpr std::size_t kKeySize = 32;
constexpr unsigned kMostShares = 255;

// Of a secret, so nothing else may be derived like it.
KeyFingerprint fingerprint_of_key(const SecretBytes& key) {
  return KeyFingerprint::from(hkdf_sha256(key.view(), {}, "igudar recovery fingerprint", KeyFingerprint::kSize).view());
}

SecretBytes derive_slot_key(const SecretBytes& key, ByteView salt) {
  return hkdf_sha256(key.view(), salt, "igudar recovery key", kKeySize);
}

bool of_one_set(const RecoveryPage& a, const RecoveryPage& b) {
  return a.key == b.key && a.repository == b.repository && a.threshold == b.threshold && a.shares == b.shares;
}

// Each share once.
std::vector<SecretShare> shares_of(const std::vector<RecoveryPage>& pages) {
  std::vector<SecretShare> shares;
  for (const RecoveryPage& page : pages) {
    if (!of_one_set(page, pages.front()))
      throw Error(ErrorCode::usage,
                  trf("these pages are of different recovery keys: {} and {}", to_hex(pages.front().key.view()),
                      to_hex(page.key.view())),
                  tr("Give pages of one key only; each says which it is of."));
    const SecretShare* same = nullptr;
    for (const SecretShare& share : shares)
      if (share.number == page.number) same = &share;
    if (same == nullptr)
      shares.push_back({page.number, page.value.clone()});
    else if (!secret_equal(same->value.view(), page.value.view()))
      throw Error(ErrorCode::usage, trf("there are two different pages with the number {}", page.number));
  }
  return shares;
}

SecretBytes key_of(const std::vector<RecoveryPage>& pages) {
  const std::vector<SecretShare> shares = shares_of(pages);
  const RecoveryPage& first = pages.front();
  if (shares.size() < first.threshold)
    throw Error(ErrorCode::usage,
                trf("it takes {} shares to open with the recovery key {}, and here is {}", first.threshold,
                    to_hex(first.key.view()), shares.size()),
                trf("There are {} in all; give one --recovery-file for each.", first.shares));
  SecretBytes key = first.threshold == 1 ? shares.front().value.clone() : join_shares(shares);
  if (fingerprint_of_key(key) == first.key) return key;
  throw Error(ErrorCode::wrong_key,
              first.threshold == 1
                  ? trf("this page is not the recovery key {} that it says it is", to_hex(first.key.view()))
                  : trf("these shares do not make the recovery key {}: one of them is wrong", to_hex(first.key.view())),
              first.threshold == 1 ? tr("Compare it with the paper.") : tr("Try other shares of the same key."));
}

}  // namespace

SecretBytes new_recovery_key() {
  SecretBytes key(kKeySize);
  fill_random(key.span());
  return key;
}

std::vector<RecoveryPage> recovery_pages(const SecretBytes& key, const Id16& repository, const RecoveryShares& shares) {
  const bool whole = shares.threshold == 1 && shares.shares == 1;
  if (!whole && (shares.threshold < 2 || shares.threshold > shares.shares || shares.shares > kMostShares))
    throw Error(ErrorCode::usage, trf("{} of {} shares are not possible", shares.threshold, shares.shares),
                trf("At least 2 must be needed, at most all, and there can be {}.", kMostShares));
  std::vector<RecoveryPage> pages;
  const auto add = [&](std::uint8_t number, SecretBytes value) {
    pages.push_back({static_cast<std::uint8_t>(shares.threshold), static_cast<std::uint8_t>(shares.shares), number,
                     FixedId<4>::from(repository.view().first(4)), fingerprint_of_key(key), std::move(value)});
  };
  if (whole)
    add(1, key.clone());
  else
    for (SecretShare& share : split_secret(key, shares.threshold, shares.shares))
      add(share.number, std::move(share.value));
  return pages;
}

RecoveryCredential::RecoveryCredential(const std::vector<RecoveryPage>& pages)
    : key_(key_of(pages)), repository_(pages.front().repository) {}

bool RecoveryCredential::fits(const SlotRecipient& recipient) const {
  return recipient.kind == RecipientKind::recovery && recipient.fingerprint == fingerprint_of_key(key_);
}

std::optional<SecretBytes> RecoveryCredential::slot_key(const SlotRecipient& recipient) const {
  return derive_slot_key(key_, recipient.wrapped);
}

std::string RecoveryCredential::description() const {
  return trf("the recovery key {}", to_hex(fingerprint_of_key(key_).view()));
}

bool RecoveryCredential::is_for_repository(const Id16& repository) const {
  return equal(repository.view().first(repository_.bytes.size()), repository_.view());
}

LockedSlotKey RecoveryRecipient::lock_new_key() const {
  SlotRecipient recipient;
  recipient.kind = RecipientKind::recovery;
  recipient.fingerprint = fingerprint_of_key(key_);
  recipient.wrapped = copy_of(random_id<16>().view());
  SecretBytes key = derive_slot_key(key_, recipient.wrapped);
  return {std::move(key), std::move(recipient)};
}

std::string RecoveryRecipient::name() const {
  return shares_.shares == 1 ? std::string() : trf("{} of {} shares", shares_.threshold, shares_.shares);
}

}  // namespace igudar
