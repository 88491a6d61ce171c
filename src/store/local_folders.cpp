#include "store/local_folders.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <vector>

#include "store/posix_file.h"

namespace igudar {

namespace {

constexpr const char* kTemporary = "tmp";

int share(UniqueFd&& fd, ObjectFolders::Folder& folder) {
  folder = std::make_shared<const UniqueFd>(std::move(fd));
  return 0;
}

int make_folder_in(int parent_fd, const std::string& name) {
  return ::mkdirat(parent_fd, name.c_str(), 0700) == 0 ? 0 : errno;
}

int sync_path(const std::filesystem::path& folder) {
  UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd.valid() ? sync_folder(fd.get()) : errno;
}

// Like mkdir -p, durable; parents get the permissions that the umask leaves. EEXIST when `path` was there.
int make_folder_with_parents(const std::filesystem::path& path, mode_t mode) {
  const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  int error = ::mkdir(path.c_str(), mode) == 0 ? 0 : errno;
  if (error == ENOENT && parent != path) {
    if (error = make_folder_with_parents(parent, 0777); error != 0 && error != EEXIST) return error;
    error = ::mkdir(path.c_str(), mode) == 0 ? 0 : errno;
  }
  return error != 0 ? error : sync_path(parent);
}

}  // namespace

int ObjectFolders::open_root_locked(Open& open) const {
  if (open.root) return 0;
  // The root itself may be reached through a symbolic link: its path is the user's own word.
  UniqueFd fd(::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd.valid() ? share(std::move(fd), open.root) : errno;
}

int ObjectFolders::open_child_locked(Open& open, const std::string& name, Folder& slot, bool make) const {
  if (slot) return 0;
  if (const int error = open_root_locked(open); error != 0) return error;
  UniqueFd fd;
  int error = open_folder_in(open.root->get(), name, fd);
  if (error == ENOENT && make) {
    if (error = make_folder_in(open.root->get(), name); error != 0 && error != EEXIST) return error;
    if (error = sync_folder(open.root->get()); error != 0) return error;
    error = open_folder_in(open.root->get(), name, fd);
  }
  return error != 0 ? error : share(std::move(fd), slot);
}

int ObjectFolders::open_root(Folder& folder) const {
  return open_.with([&](Open& open) {
    const int error = open_root_locked(open);
    folder = open.root;
    return error;
  });
}

int ObjectFolders::open_kind(ObjectKind kind, Folder& folder, bool make) const {
  if (kind == ObjectKind::config) return open_root(folder);
  return open_.with([&](Open& open) {
    Folder& slot = open.kinds[static_cast<std::size_t>(kind)];
    const int error = open_child_locked(open, folder_of(kind), slot, make);
    folder = slot;
    return error;
  });
}

int ObjectFolders::open_kind(ObjectKind kind, Folder& folder) const {
  return open_kind(kind, folder, false);
}

int ObjectFolders::open_temporary(Folder& folder) {
  return open_.with([&](Open& open) {
    const int error = open_child_locked(open, kTemporary, open.temporary, true);
    folder = open.temporary;
    return error;
  });
}

int ObjectFolders::open_for_reading(const ObjectName& name, Folder& folder) const {
  const int error = open_kind(name.kind, folder, false);
  if (error != 0 || name.kind != ObjectKind::pack) return error;
  UniqueFd fan;
  if (const int failure = open_folder_in(folder->get(), fan_of(name.id), fan); failure != 0) return failure;
  return share(std::move(fan), folder);
}

int ObjectFolders::open_for_writing(const ObjectName& name, Folder& folder) {
  if (const int error = open_kind(name.kind, folder, true); error != 0 || name.kind != ObjectKind::pack) return error;
  UniqueFd fan;
  int error = open_folder_in(folder->get(), fan_of(name.id), fan);
  if (error == ENOENT) {
    if (error = make_folder_in(folder->get(), fan_of(name.id)); error != 0 && error != EEXIST) return error;
    error = open_folder_in(folder->get(), fan_of(name.id), fan);
  }
  return error != 0 ? error : share(std::move(fan), folder);
}

int ObjectFolders::sync_folders_of(std::span<const ObjectName> names) {
  std::set<std::pair<ObjectKind, std::string>> synced;
  std::vector<std::string> new_fans;
  for (const ObjectName& name : names) {
    const std::string fan = name.kind == ObjectKind::pack ? fan_of(name.id) : std::string();
    if (!synced.emplace(name.kind, fan).second) continue;
    Folder folder;
    if (const int error = open_for_reading(name, folder); error != 0) return error;
    if (const int error = sync_folder(folder->get()); error != 0) return error;
    // Another process may have made the XX folder and not synced it yet, so being there is not enough.
    if (!fan.empty() && !open_.with([&](const Open& open) { return open.durable_fans.contains(fan); }))
      new_fans.push_back(fan);
  }
  if (new_fans.empty()) return 0;
  Folder packs;
  if (const int error = open_kind(ObjectKind::pack, packs); error != 0) return error;
  if (const int error = sync_folder(packs->get()); error != 0) return error;
  open_.with([&](Open& open) { open.durable_fans.insert(new_fans.begin(), new_fans.end()); });
  return 0;
}

int ObjectFolders::create() {
  const std::filesystem::path absolute = std::filesystem::absolute(root_).lexically_normal();
  const std::filesystem::path path = absolute.has_filename() ? absolute : absolute.parent_path();
  if (const int error = make_folder_with_parents(path, 0700); error != 0 && error != EEXIST) return error;
  return open_.with([&](Open& open) {
    open = Open{};
    if (const int error = open_root_locked(open); error != 0) return error;
    const int root = open.root->get();
    std::vector<std::string> names;
    if (const int error = list_names(root, names); error != 0) return error;
    if (!names.empty()) return ENOTEMPTY;
    // A folder that was there may be another user's to a part: what it cannot change is not worth failing for.
    (void)::fchmod(root, 0700);
    for (const ObjectKind kind : kAllObjectKinds)
      if (kind != ObjectKind::config)
        if (const int error = make_folder_in(root, folder_of(kind)); error != 0) return error;
    if (const int error = make_folder_in(root, kTemporary); error != 0) return error;
    return sync_folder(root);
  });
}

}  // namespace igudar
