#pragma once

#include <functional>
#include <vector>

#include "base/error.h"
#include "base/translate.h"
#include "crypto/cipher_suite.h"

namespace igudar {

// The index keys of a domain, one for each epoch of its keys (docs/format.md section 5.2): what is sealed for all who
// have to do with the domain names the epoch that it is sealed under.
//
// Thread safety: const; what finds later keys has to be thread-safe. The keys belong to somebody else, who outlives
// this.
class IndexKeys {
 public:
  struct Key {
    std::uint16_t epoch = 0;
    CipherSuite suite = CipherSuite::aes_256_gcm;
    ByteView key;
  };

  // The key of an epoch that began after the others; empty where there is none.
  using FindLater = std::function<ByteView(std::uint16_t epoch)>;

  // Precondition: at least one, ascending by epoch.
  explicit IndexKeys(std::vector<Key> keys, FindLater find_later = {})
      : keys_(std::move(keys)), find_later_(std::move(find_later)) {}

  // What new objects are sealed under.
  const Key& newest() const { return keys_.back(); }
  // What is compared for ever, across all epochs, follows from this one.
  ByteView oldest() const { return keys_.front().key; }
  // Throws damaged for an epoch that is not there.
  ByteView of(std::uint16_t epoch) const {
    for (const Key& key : keys_)
      if (key.epoch == epoch) return key.key;
    if (find_later_ && epoch > newest().epoch)
      if (const ByteView later = find_later_(epoch); !later.empty()) return later;
    throw Error(ErrorCode::damaged,
                trf("something is sealed under epoch {} of the keys, which this run does not have", epoch),
                tr("If the keys were changed meanwhile, run the command again; else the key slot was withdrawn."));
  }

 private:
  std::vector<Key> keys_;
  FindLater find_later_;
};

}  // namespace igudar
