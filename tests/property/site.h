#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ops/prune/prune_testing.h"
#include "random.h"
#include "repo/leases.h"
#include "store/fault_store.h"

namespace igudar::testing {

// Somebody with a password, a cache and a memory of his own.
struct Client {
  std::string name;  // and password
  Capability capability = Capability::full;
  bool network = false;
  UserFolders folders;
  std::optional<Repository> repository;
};

// A repository in memory and those who use it: two owners, one who may only write, one who may only maintain. Its
// clock, its power and its long-running writers are in the test's hands. Not thread-safe.
class Site {
 public:
  // `folder` is for what the clients keep at home.
  Site(const std::filesystem::path& folder, const InitOptions& options, Random& random);

  Client& owner() { return clients_[0]; }
  Client& second_owner() { return clients_[1]; }
  Client& maintainer() { return clients_[3]; }
  // Some of those who may.
  Client& any() { return clients_[static_cast<std::size_t>(random_.below(4))]; }
  Client& reader() { return clients_[static_cast<std::size_t>(random_.below(2))]; }
  Client& writer() { return clients_[static_cast<std::size_t>(random_.below(3))]; }
  Client& keeper() { return clients_[random_.of(std::vector<std::size_t>{0, 1, 3})]; }

  // As the client has it open, from before perhaps.
  Repository& repository(Client& client);
  Repository open(const Client& client, std::shared_ptr<ObjectStore> store) const;
  const std::shared_ptr<MemoryStore>& store() const { return store_; }
  void close_all();
  void lose_cache(Client& client);

  void pass_time(TimeNs time);
  // So much of it that all leases have lapsed but those of the living.
  void let_leases_lapse();
  // All machines lose their power: what was not durable is gone, or not.
  void crash();
  // A writer that takes long holds off sweeps from now on; ends when asked again. True when one began.
  bool begin_or_end_long_run();

 private:
  struct LongRun {
    explicit LongRun(Repository opened) : repository(std::move(opened)) {}
    Repository repository;
    LeaseHolder lease{repository, random_id<16>(), LeaseRole::writer};
  };

  Random& random_;
  std::shared_ptr<MemoryStore> store_ = std::make_shared<MemoryStore>();
  TimeNs now_ = wall_clock_ns();
  std::vector<Client> clients_;
  std::unique_ptr<LongRun> long_run_;
};

}  // namespace igudar::testing
