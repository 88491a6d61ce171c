#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"

namespace igudar {

struct ServiceObject {
  std::string key;
  std::uint64_t size = 0;
  TimeNs stored_at = 0;  // by the service's clock, in whole seconds
};

struct ListPage {
  std::vector<ServiceObject> objects;
  std::string next;  // what asks for the next page; empty: this was the last
};

// An object being uploaded in parts, invisible until it is completed.
struct Upload {
  std::string key;
  std::string id;
};

enum class PutCondition { none, absent };

// What a service for objects in buckets can do, a request each: S3, Azure Blob, Google Cloud Storage. Keys are
// text below a place of the service's own (a bucket and a prefix); what makes a repository's storage of it is
// BucketStore. Passing failures are tried again inside.
//
// Thread safety: every method may be called concurrently.
// Errors: methods throw Error, its message naming location().
// Durability: as the service promises it, once a request has succeeded.
class ObjectService {
 public:
  virtual ~ObjectService() = default;

  // "s3://bucket/prefix", never with a secret in it.
  virtual std::string location() const = 0;

  // Throws already_exists where the condition does not hold; unsupported where the service refuses conditions.
  virtual void put(const std::string& key, ByteView content, PutCondition condition, std::stop_token stop) = 0;
  // The whole object; nullopt when there is none. Throws damaged when it is larger than `limit`.
  virtual std::optional<Bytes> get(const std::string& key, std::uint64_t limit, std::stop_token stop) = 0;
  // Fills `out`, which is not empty, and returns how much of it the object had bytes for; nullopt when there is none.
  virtual std::optional<std::size_t> get_range(const std::string& key, std::uint64_t offset, MutableByteView out,
                                               std::stop_token stop) = 0;
  virtual std::optional<ServiceObject> head(const std::string& key, std::stop_token stop) = 0;
  // Objects whose keys begin with `prefix`, sorted by key; `next` of the page before, empty for the first.
  virtual ListPage list(const std::string& prefix, const std::string& next, std::stop_token stop) = 0;
  // Removing what does not exist is not an error.
  virtual void remove(const std::string& key, std::stop_token stop) = 0;

  // Parts of one upload may be put in any order and at once; all but the last have part_size() bytes.
  virtual std::size_t part_size() const = 0;
  virtual Upload begin_upload(const std::string& key, std::stop_token stop) = 0;
  // `number` counts from 1. Returns what complete() wants to know of the part.
  virtual std::string put_part(const Upload& upload, unsigned number, ByteView content, std::stop_token stop) = 0;
  // Makes the parts an object of `size` bytes. It may replace an object of that name.
  virtual void complete(const Upload& upload, const std::vector<std::string>& parts, std::uint64_t size,
                        std::stop_token stop) = 0;
  // Frees what was uploaded; tried once.
  virtual void abort(const Upload& upload, std::stop_token stop) = 0;
  // Uploads that were begun before `time` and never completed nor aborted.
  virtual std::vector<Upload> unfinished_uploads(TimeNs before, std::stop_token stop) = 0;

  // The service's clock, in whole seconds.
  virtual TimeNs now(std::stop_token stop) = 0;
};

}  // namespace igudar
