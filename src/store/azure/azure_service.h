#pragma once

#include <string>
#include <utility>
#include <vector>

#include "net/http_client.h"
#include "store/azure/azure_credentials.h"
#include "store/bucket/object_service.h"
#include "store/bucket/service_client.h"

namespace igudar {

// Where a container is.
struct AzurePlace {
  std::string account;
  std::string container;
  std::string prefix;  // "" or "a/b", without slashes at its ends
  std::string shown;   // as the user wrote it: "azure://account/container/a/b"
};

// A container of Azure Blob Storage, its objects block blobs, with requests signed by the account's key (Shared Key) or
// bearing a shared access signature. A signature does not cover the body: its MD5 goes with it, which the service
// verifies. In FIPS mode, where there is no MD5, TLS alone sees to it that what arrives is what was sent.
//
// Large objects are created exclusively, too: blocks have ids of their own upload, and the list of them is put with the
// condition. Blocks that belong to no blob are removed by the service after a week; there is no request for it, and no
// list of them.
class AzureService final : public ObjectService {
 public:
  AzureService(AzurePlace place, AzureCredentials credentials, HttpOptions http, RetryPolicy retry);

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
  // Throws already_exists where somebody else has put an object of that name meanwhile.
  void complete(const Upload& upload, const std::vector<std::string>& parts, std::uint64_t size,
                std::stop_token stop) override;
  void abort(const Upload& upload, std::stop_token stop) override;
  std::vector<Upload> unfinished_uploads(TimeNs before, std::stop_token stop) override;
  TimeNs now(std::stop_token stop) override;

 private:
  static constexpr std::size_t kPartSize = std::size_t{8} << 20;  // of 50,000 blocks a blob may be made

  struct Call {
    std::string method;
    std::string key;  // empty: of the container itself
    std::vector<std::pair<std::string, std::string>> query{};
    std::vector<HttpHeader> headers{};
    ByteView body{};
    MutableByteView into{};
    std::size_t largest_answer = 1 << 20;
    std::vector<int> expected{};  // statuses besides successes that are no errors
  };

  ServiceAnswer send(const Call& call, const std::stop_token& stop);
  HttpRequest request_of(const Call& call, const std::string& body_md5) const;
  std::string path_of(const std::string& key) const;
  void judge(const Call& call, const HttpResponse& response);
  [[noreturn]] void fail(const HttpResponse& response, const std::string& code);
  // The ids of the blocks that a blob is made of; empty when there is none.
  std::vector<std::string> blocks_of(const std::string& key, const std::stop_token& stop);

  const AzurePlace place_;
  const AzureCredentials credentials_;
  const std::string origin_;      // "https://account.blob.core.windows.net"
  const std::string root_;        // the container's path, percent-encoded
  const std::string key_prefix_;  // "" or "a/b/"
  ServiceClient client_;
};

}  // namespace igudar
