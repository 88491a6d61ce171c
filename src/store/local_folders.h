#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "base/unique_fd.h"
#include "concurrency/guarded.h"
#include "store/object_store.h"

namespace igudar {

// The folders of a local repository, opened when first needed and kept open:
//
//   root/config  root/keys/ID  root/packs/FIRST-TWO-CHARACTERS-OF-ID/ID  root/index/ID  …  root/tmp/
//
// Folders inside the root are never reached through symbolic links. The open packs/XX folders are not kept.
// Methods return 0 or an errno value; ENOENT when a folder is missing.
// Thread safety: all methods may be called concurrently.
class ObjectFolders {
 public:
  using Folder = std::shared_ptr<const UniqueFd>;

  explicit ObjectFolders(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }
  int open_root(Folder& folder) const;
  // The folder for the objects of a kind; for packs the one that holds the XX folders; for config the root.
  int open_kind(ObjectKind kind, Folder& folder) const;
  int open_temporary(Folder& folder);
  // The folder in which an object lies.
  int open_for_reading(const ObjectName& name, Folder& folder) const;
  // The same; made when missing, as long as the root exists.
  int open_for_writing(const ObjectName& name, Folder& folder);

  // Makes the folders that hold these objects durable, and so the objects' names; each folder is synced once.
  int sync_folders_of(std::span<const ObjectName> names);

  // Makes the root with its parents, and the folders in it, all durable. ENOTEMPTY when the root holds anything.
  int create();

 private:
  struct Open {
    Folder root;
    Folder temporary;
    std::array<Folder, std::size(kAllObjectKinds)> kinds;
    std::set<std::string> durable_fans;  // packs/XX folders that are known to survive a crash
  };
  int open_root_locked(Open& open) const;
  int open_child_locked(Open& open, const std::string& name, Folder& slot, bool make) const;
  int open_kind(ObjectKind kind, Folder& folder, bool make) const;

  std::filesystem::path root_;
  mutable Guarded<Open> open_;
};

// The folder of a pack below packs/.
inline std::string fan_of(const std::string& id) {
  return id.substr(0, 2);
}

}  // namespace igudar
