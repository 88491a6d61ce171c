#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "concurrency/guarded.h"
#include "store/local_folders.h"
#include "store/object_store.h"
#include "store/open_file_cache.h"
#include "store/temporary_folder.h"

namespace igudar {

// Objects as files in a folder of this machine, a mounted NFS or SMB share included.
//
// Every object is written to root/tmp, synced there, moved without replacing to its name, and then the folder is
// synced: a reader or a crash meets the whole object or none. Files are 0400 (no program writes to them again, and this
// guards against accidents), folders 0700. Nothing inside the root is reached through a symbolic link.
//
// The constructor touches nothing: where there is no repository, methods throw not_found.
//
// Thread safety: every method may be called concurrently. Writers must end before the store.
// Deferred objects wait in root/tmp and die with the store object when flush() is never called.
class LocalStore final : public ObjectStore {
 public:
  explicit LocalStore(std::filesystem::path root);
  ~LocalStore() override;

  StoreTraits traits() const override;
  std::string location() const override;
  void create(std::stop_token stop) override;
  void put(const ObjectName& name, ByteView content, Durability durability, std::stop_token stop) override;
  std::unique_ptr<ObjectWriter> open_writer(const ObjectName& name, std::stop_token stop) override;
  void flush(std::stop_token stop) override;
  void drop_deferred() noexcept override;
  Bytes get(const ObjectName& name, std::uint64_t limit, std::stop_token stop) const override;
  void get_range(const ObjectName& name, std::uint64_t offset, MutableByteView out,
                 std::stop_token stop) const override;
  std::optional<ObjectInfo> stat(const ObjectName& name, std::stop_token stop) const override;
  std::vector<ObjectInfo> list(ObjectKind kind, std::stop_token stop) const override;
  void remove(const ObjectName& name, std::stop_token stop) override;
  // root/domains/NAME.
  std::unique_ptr<ObjectStore> open_folder(const std::string& name) const override;
  // The clock of the file system, read from a file made for it, so that a server's clock counts and not
  // this machine's. The machine's clock where nothing can be written.
  TimeNs now(std::stop_token stop) const override;

  // Removes what crashed writers left in root/tmp. The first write of a store does it unasked.
  void remove_stale_temporaries();

 private:
  class Writer;
  struct Pending {
    ObjectName name;
    TemporaryFile file;
    int sync_error = 0;  // kept: the kernel reports a lost write once, and a second sync would seem to succeed
  };
  // The right to flush, held by one thread at a time: none returns while another still publishes its objects.
  struct FlushTurn {
    std::vector<ObjectName> unsynced;  // published, but the folder is not synced yet
  };

  [[noreturn]] void fail_writing(int error, const ObjectName& name) const;
  [[noreturn]] void fail_reading(int error, const ObjectName& name) const;
  TemporaryFolder& temporaries() const;
  TemporaryFile new_temporary(const ObjectName& name);
  void write_blocks(const TemporaryFile& file, ByteView bytes, const ObjectName& name,
                    const std::stop_token& stop) const;
  void finish(TemporaryFile file, const ObjectName& name, Durability durability);
  void defer(TemporaryFile file, const ObjectName& name);
  // False when the name is taken.
  bool publish(TemporaryFile& file, const ObjectName& name);
  void sync_pending(std::vector<Pending>& batch, const std::stop_token& stop) const;
  void publish_pending(std::vector<Pending>& batch, FlushTurn& turn);
  OpenFileCache::File open_object(const ObjectName& name, std::uint64_t& size) const;
  void list_folder(const UniqueFd& folder, ObjectKind kind, const std::string& prefix,
                   std::vector<ObjectInfo>& found) const;

  mutable ObjectFolders folders_;
  mutable OpenFileCache open_packs_;
  mutable Guarded<std::unique_ptr<TemporaryFolder>> temporaries_;
  Guarded<std::vector<Pending>> pending_;
  Guarded<FlushTurn> flush_turn_;
  std::atomic<bool> stale_removed_{false};
};

}  // namespace igudar
