#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"

namespace igudar {

// The kinds of object a repository holds; each is a folder, but for the single `config`.
enum class ObjectKind : std::uint8_t {
  config,
  key,
  pack,
  index,
  snapshot,
  tombstone,
  lease,
  gc,
  epoch,
  grant,
  audit,
  subject,
  timestamp,
  registry
};
constexpr ObjectKind kAllObjectKinds[] = {
    ObjectKind::config,    ObjectKind::key,     ObjectKind::pack,      ObjectKind::index,   ObjectKind::snapshot,
    ObjectKind::tombstone, ObjectKind::lease,   ObjectKind::gc,        ObjectKind::epoch,   ObjectKind::grant,
    ObjectKind::audit,     ObjectKind::subject, ObjectKind::timestamp, ObjectKind::registry};
// "config", "keys", "packs", "index", "snapshots", "tombstones", "leases", "gc", "epochs", "grants", "audit",
// "subjects", "timestamps", "registry".
const char* folder_of(ObjectKind kind);

// "packs/1f3a…". `id` is 1 to 80 characters of [0-9a-z.-] and does not begin with a dot; empty for config.
struct ObjectName {
  ObjectKind kind = ObjectKind::config;
  std::string id;

  std::string to_string() const;
  auto operator<=>(const ObjectName&) const = default;
};
// Whether `id` may name an object; listings skip what may not.
bool valid_object_id(std::string_view id);

struct ObjectInfo {
  ObjectName name;
  std::uint64_t size = 0;
  TimeNs stored_at = 0;  // by the storage's clock; some tell whole seconds only, rounded up or down
};

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// What a storage promises, so that no caller tests for a concrete type.
struct StoreTraits {
  bool network = false;  // a round trip is dear: coalesce reads, keep more in flight
};

enum class Durability {
  durable,   // survives a crash of either side once the call returns
  deferred,  // invisible until flush(), which makes all deferred objects durable together; lost if that is never called
  volatile_  // visible at once, may be lost in a crash (leases)
};

// An object being written from front to back. finish() makes it an object; a writer destroyed before leaves nothing.
// Not thread-safe.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  virtual void append(ByteView bytes, std::stop_token stop) = 0;
  virtual void finish(Durability durability, std::stop_token stop) = 0;
};

// Where repository objects live: a folder, an SFTP host, a bucket.
//
// A store keeps immutable, named byte sequences and knows nothing of packs, keys or encryption; every
// layer above reaches storage only through here.
//
// Thread safety: every method may be called concurrently.
// Errors: methods throw Error; wrap a store in RetryingStore to have retryable ones tried again. Absence of an object
// asked for by name is not_found; a full disk no_space; a stop request interrupted.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // What this storage promises.
  virtual StoreTraits traits() const = 0;
  // Whether put() of an existing name fails also between two processes at once. May ask the storage, and where it was
  // not found out yet, try it there.
  virtual bool creates_exclusively(std::stop_token /*stop*/) { return true; }
  // For messages: "/srv/backup", never with a password in it.
  virtual std::string location() const = 0;

  // Makes the place ready for objects (folders, 0700). Throws already_exists when it holds anything but an empty
  // folder.
  virtual void create(std::stop_token stop) = 0;

  // Stores `content`: once put() returns, the object is as durable as asked, and no reader ever sees a part of it.
  // Throws already_exists instead of replacing.
  virtual void put(const ObjectName& name, ByteView content, Durability durability, std::stop_token stop) = 0;
  // The same for content that is not in memory as a whole.
  virtual std::unique_ptr<ObjectWriter> open_writer(const ObjectName& name, std::stop_token stop) = 0;
  // Publishes and makes durable all deferred objects, of every thread.
  virtual void flush(std::stop_token stop) = 0;
  // Gives up all deferred objects, of every thread, as if they had never been put, and frees their room.
  virtual void drop_deferred() noexcept = 0;

  // The whole object. Throws not_found, or damaged when it is larger than `limit`.
  virtual Bytes get(const ObjectName& name, std::uint64_t limit, std::stop_token stop) const = 0;
  // Fills `out` with the bytes at `offset`. Throws not_found, or truncated when the object ends inside the range.
  virtual void get_range(const ObjectName& name, std::uint64_t offset, MutableByteView out,
                         std::stop_token stop) const = 0;

  virtual std::optional<ObjectInfo> stat(const ObjectName& name, std::stop_token stop) const = 0;
  // All objects of a kind, sorted by name. Foreign files in the folder are left out.
  virtual std::vector<ObjectInfo> list(ObjectKind kind, std::stop_token stop) const = 0;
  // Durable once it returns. Removing what does not exist is not an error.
  virtual void remove(const ObjectName& name, std::stop_token stop) = 0;
  // A store of its own inside this one, apart from its objects. `name` is what may name an object.
  virtual std::unique_ptr<ObjectStore> open_folder(const std::string& name) const = 0;
  // The storage's clock.
  virtual TimeNs now(std::stop_token stop) const = 0;
};

// What list() gives; nothing where the place itself is not there.
std::vector<ObjectInfo> list_or_none(const ObjectStore& store, ObjectKind kind, std::stop_token stop);

}  // namespace igudar
