#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "concurrency/guarded.h"
#include "net/http_client.h"
#include "store/bucket/object_service.h"
#include "store/bucket/service_client.h"
#include "store/s3/s3_answers.h"
#include "store/s3/s3_credentials.h"

namespace igudar {

// Where a bucket is.
struct S3Place {
  std::string endpoint;  // "https://s3.example.org:9000"; empty for AWS's own, by the region
  std::string bucket;
  std::string prefix;  // "" or "a/b", without slashes at its ends
  std::string shown;   // as the user wrote it: "s3://bucket/a/b"
};

// A bucket of Amazon S3 or of what speaks its protocol (Ceph, MinIO, Swift, the XML API of Google Cloud Storage), with
// requests signed by Signature Version 4, bodies included, so that the service itself verifies what arrived.
//
// AWS's own endpoint is asked by the bucket's name in the host's, others by its name in the path. The region is the
// configured one, corrected by what the service says; a clock that is off is put up with in the same way.
class S3Service final : public ObjectService {
 public:
  S3Service(S3Place place, HttpOptions http, RetryPolicy retry);

  std::string location() const override { return place_.shown; }
  void put(const std::string& key, ByteView content, PutCondition condition, std::stop_token stop) override;
  std::optional<Bytes> get(const std::string& key, std::uint64_t limit, std::stop_token stop) override;
  std::optional<std::size_t> get_range(const std::string& key, std::uint64_t offset, MutableByteView out,
                                       std::stop_token stop) override;
  std::optional<ServiceObject> head(const std::string& key, std::stop_token stop) override;
  ListPage list(const std::string& prefix, const std::string& next, std::stop_token stop) override;
  void remove(const std::string& key, std::stop_token stop) override;
  std::size_t part_size() const override { return kPartSize; }
  Upload begin_upload(const std::string& key, std::stop_token stop) override;
  std::string put_part(const Upload& upload, unsigned number, ByteView content, std::stop_token stop) override;
  void complete(const Upload& upload, const std::vector<std::string>& parts, std::uint64_t size,
                std::stop_token stop) override;
  void abort(const Upload& upload, std::stop_token stop) override;
  std::vector<Upload> unfinished_uploads(TimeNs before, std::stop_token stop) override;
  TimeNs now(std::stop_token stop) override;

 private:
  static constexpr std::size_t kPartSize = std::size_t{8} << 20;  // S3 wants at least 5 MiB

  struct Call {
    std::string method;
    std::string key;  // empty: of the bucket itself
    std::vector<std::pair<std::string, std::string>> query{};
    std::vector<HttpHeader> headers{};
    ByteView body{};
    MutableByteView into{};
    std::size_t largest_answer = 1 << 20;
    std::vector<int> expected{};  // statuses besides successes that are no errors
  };

  ServiceAnswer send(const Call& call, const std::stop_token& stop);
  ServiceExchange exchange_of(const Call& call);
  HttpRequest request_of(const Call& call, const std::string& payload_hash);
  void judge(const Call& call, const HttpResponse& response);
  std::string host_and_path(const std::string& key, std::string& host) const;
  [[noreturn]] void fail(const HttpResponse& response);
  std::string region() const;

  const S3Place place_;
  const std::string key_prefix_;  // "" or "a/b/"
  ServiceClient client_;
  S3CredentialChain credentials_;
  Guarded<std::string> region_;
};

}  // namespace igudar
