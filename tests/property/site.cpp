#include "site.h"

#include "keys/password_key.h"
#include "repo/key_slots.h"

namespace igudar::testing {

namespace {

constexpr TimeNs kHour = TimeNs{3600} * kNsPerSecond;

SecretBytes password_of(const Client& client) {
  return SecretBytes(view_of(client.name));
}

}  // namespace

Site::Site(const std::filesystem::path& folder, const InitOptions& options, Random& random) : random_(random) {
  const std::pair<const char*, Capability> slots[] = {{"owner", Capability::full},
                                                      {"second", Capability::full},
                                                      {"writer", Capability::write},
                                                      {"keeper", Capability::maintain}};
  for (const auto& [name, capability] : slots) {
    Client& client = clients_.emplace_back();
    client.name = name;
    client.capability = capability;
    client.network = random_.chance(30);
    client.folders = {folder / (client.name + "-cache"), folder / (client.name + "-state")};
  }
  const Repository first =
      init_repository(std::make_unique<SharedStore>(store_), password_of(owner()), options, owner().folders, {});
  for (const Client& client : clients_)
    if (&client != &owner())
      add_slot(first, PasswordRecipient(password_of(client), options.kdf), client.capability, {});
}

Repository Site::open(const Client& client, std::shared_ptr<ObjectStore> store) const {
  return open_repository(std::make_unique<SharedStore>(std::move(store), client.network),
                         PasswordCredential(password_of(client)), client.folders, {});
}

Repository& Site::repository(Client& client) {
  if (!client.repository) client.repository.emplace(open(client, store_));
  return *client.repository;
}

void Site::close_all() {
  long_run_.reset();
  for (Client& client : clients_) client.repository.reset();
}

void Site::lose_cache(Client& client) {
  client.repository.reset();
  std::filesystem::remove_all(client.folders.cache);
  if (random_.chance(30)) std::filesystem::remove_all(client.folders.state);
}

void Site::pass_time(TimeNs time) {
  now_ += time;
  store_->set_now(now_);
}

void Site::let_leases_lapse() {
  long_run_.reset();
  pass_time(3 * kHour);
}

void Site::crash() {
  const VolatileFate fate = random_.chance(50) ? VolatileFate::kept : VolatileFate::lost;
  close_all();
  store_ = store_->after_crash(fate);
}

bool Site::begin_or_end_long_run() {
  if (long_run_) {
    long_run_->lease.release({});
    long_run_.reset();
    return false;
  }
  long_run_ = std::make_unique<LongRun>(open(owner(), store_));
  long_run_->lease.begin({});
  return true;
}

}  // namespace igudar::testing
