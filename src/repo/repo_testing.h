#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "format/pack.h"
#include "keys/password_key.h"
#include "repo/repository.h"
#include "store/forwarding_store_testing.h"
#include "store/memory_store.h"
#include "testing/scratch_dir.h"

namespace igudar::testing {

// A store that several repositories open at once, as several processes would. Can pretend to be far away, and counts
// the objects fetched whole.
class SharedStore final : public ForwardingStore {
 public:
  explicit SharedStore(std::shared_ptr<ObjectStore> inner, bool network = false)
      : ForwardingStore(std::move(inner)), network_(network) {}

  StoreTraits traits() const override { return {.network = network_}; }
  Bytes get(const ObjectName& name, std::uint64_t limit, std::stop_token stop) const override {
    ++gets_;
    return ForwardingStore::get(name, limit, stop);
  }

  int gets() const { return gets_; }

 private:
  bool network_;
  mutable std::atomic<int> gets_{0};
};

inline PackName pack_named(std::uint8_t first_byte) {
  PackName name;
  name.bytes[0] = first_byte;
  return name;
}

// A new repository in memory with a cheap password, and the power to open it again and to damage it.
class RepositoryFixture {
 public:
  static constexpr PasswordKdfParams kCheapKdf{PasswordKdf::argon2id, 1, 8 * 1024};

  // Frames are small, so that small samples have several.
  static InitOptions sample_sizes() { return {.kdf = kCheapKdf, .chunk_sizes = {}, .frame_size = 256 << 10}; }

  explicit RepositoryFixture(const InitOptions& options = sample_sizes())
      : repository(init_repository(std::make_unique<SharedStore>(memory), password("secret"), options, folders(), {})) {
  }

  static SecretBytes password(std::string_view text) { return SecretBytes(view_of(text)); }
  static PasswordCredential credential(std::string_view password_text) {
    return PasswordCredential(password(password_text));
  }
  static PasswordRecipient recipient(std::string_view password_text) { return {password(password_text), kCheapKdf}; }
  UserFolders folders() const { return {scratch / "cache", scratch / "state"}; }
  Repository open(std::string_view with_password, bool network = false) const {
    return open_repository(std::make_unique<SharedStore>(memory, network), credential(with_password), folders(), {});
  }
  Bytes get(const ObjectName& name) const { return memory->get(name, 1 << 30, {}); }
  void replace(const ObjectName& name, ByteView content) {
    memory->remove(name, {});
    memory->put(name, content, Durability::durable, {});
  }
  void flip_a_bit(const ObjectName& name) {
    Bytes content = get(name);
    content[content.size() / 2] ^= 1;
    replace(name, content);
  }
  // The packs of a type, the largest first.
  std::vector<ObjectName> packs(PackType type) const {
    std::vector<ObjectInfo> found;
    for (const ObjectInfo& object : memory->list(ObjectKind::pack, {}))
      if (footer_of(get(object.name)).type == type) found.push_back(object);
    std::sort(found.begin(), found.end(), [](const ObjectInfo& a, const ObjectInfo& b) { return a.size > b.size; });
    std::vector<ObjectName> names;
    for (const ObjectInfo& object : found) names.push_back(object.name);
    return names;
  }
  // Every frame of a pack decays; what its end says of them stays.
  void rot(const ObjectName& pack) {
    constexpr std::size_t kSmallestFrame = 16;
    Bytes content = get(pack);
    for (std::size_t at = kHeaderSize; at < footer_of(content).toc_offset; at += kSmallestFrame) content[at] ^= 1;
    replace(pack, content);
  }
  std::vector<std::string> list(ObjectKind kind) const {
    std::vector<std::string> ids;
    for (const ObjectInfo& object : memory->list(kind, {})) ids.push_back(object.name.id);
    return ids;
  }

  static PackFooter footer_of(const Bytes& pack) {
    return decode_footer(ByteView(pack).last(kFooterSize), pack.size());
  }

  ScratchDir scratch;
  std::shared_ptr<MemoryStore> memory = std::make_shared<MemoryStore>();
  Repository repository;  // opened with the password "secret"
};

}  // namespace igudar::testing
