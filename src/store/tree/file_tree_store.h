#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "concurrency/guarded.h"
#include "store/object_store.h"
#include "store/retry.h"
#include "store/tree/file_upload.h"
#include "store/tree/remote_files.h"

namespace igudar {

// Objects as files of another machine, in the folders in which LocalStore keeps them: the same repository can be
// opened there as a local one.
//
//   root/config  root/keys/ID  root/packs/FIRST-TWO-CHARACTERS-OF-ID/ID  root/index/ID  …  root/tmp/
//   root/domains/NAME/…
//
// Every object is written to root/tmp under a random name, made durable there, and then moved to its name: a reader or
// a crash meets the whole object or none. Large ones are written over several connections at once (FileUpload); a
// writer goes on when a connection is lost.
//
// What crashed writers left in root/tmp is removed by the first write of a store once it is kStaleAfter old by the
// server's clock: unlike a local store, this one has no locks that would tell sooner that a writer is dead.
//
// Thread safety: every method may be called concurrently. Writers must end before the store.
// Deferred objects wait in root/tmp and die with the store object when flush() is never called.
class FileTreeStore final : public ObjectStore {
 public:
  static constexpr TimeNs kStaleAfter = 3 * 24 * 3600 * kNsPerSecond;

  // `retry` is for the blocks and the ends of writers, which RetryingStore cannot repeat.
  FileTreeStore(std::shared_ptr<RemoteFiles> files, std::string root, RetryPolicy retry);
  ~FileTreeStore() override;

  StoreTraits traits() const override;
  bool creates_exclusively(std::stop_token stop) override;
  std::string location() const override { return files_->url(root_); }
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
  std::unique_ptr<ObjectStore> open_folder(const std::string& name) const override;
  // The clock of the server's file system, read from a file made for it; this machine's where nothing can be written.
  TimeNs now(std::stop_token stop) const override;

 private:
  class Writer;
  struct Pending {
    ObjectName name;
    RemoteTemporary file;
  };
  // The right to flush, held by one thread at a time: none returns while another still publishes its objects.
  struct FlushTurn {
    std::vector<ObjectName> unsynced;  // published, but the folder is not synced yet
  };

  std::string path_in_root(const std::string& name) const { return root_ + "/" + name; }
  std::string path_of(const ObjectName& name) const;
  std::string folder_of_object(const ObjectName& name) const;
  std::string temporary_path() const;
  void prepare_writing(const std::stop_token& stop);
  void make_with_parents(const std::string& path, const std::stop_token& stop);
  void remove_stale(const std::vector<RemoteEntry>& temporaries, const std::stop_token& stop) const;
  void finish(FileUpload& upload, const ObjectName& name, Durability durability, const Retry& retry,
              const std::stop_token& stop);
  void defer(RemoteTemporary& file, const ObjectName& name, const std::stop_token& stop);
  // False when the name is taken.
  bool publish(RemoteTemporary& file, const ObjectName& name, const std::stop_token& stop);
  void make_folder_of(const ObjectName& name, const std::stop_token& stop);
  void publish_pending(std::vector<Pending>& batch, FlushTurn& turn, const std::stop_token& stop);
  void sync_folders_of(std::span<const ObjectName> names, const std::stop_token& stop);
  void require_root(const std::stop_token& stop) const;

  std::shared_ptr<RemoteFiles> files_;
  std::string root_;
  Retry retry_;
  std::atomic<bool> prepared_{false};
  Guarded<std::set<std::string>> durable_fans_;  // packs/XX folders that are known to survive a crash
  Guarded<std::vector<Pending>> pending_;
  Guarded<FlushTurn> flush_turn_;
};

}  // namespace igudar
