#include "tree_state.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "base/error.h"
#include "base/unique_fd.h"

namespace igudar::testing {

namespace {

constexpr std::size_t kMostDifferences = 12;

Id32 content_of(const std::string& file) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) throw_errno(errno, "cannot open " + shown(file));
  Digest digest(DigestAlgorithm::sha256);
  static thread_local Bytes block(1U << 20);
  for (;;) {
    const ssize_t got = ::read(fd.get(), block.data(), block.size());
    if (got < 0) throw_errno(errno, "cannot read " + shown(file));
    if (got == 0) return Id32::from(digest.finish());
    digest.update(ByteView(block).first(static_cast<std::size_t>(got)));
  }
}

std::map<std::string, std::string> xattrs_of(const std::string& path) {
  std::map<std::string, std::string> xattrs;
  std::string names(1U << 16, '\0');
  const ssize_t got = ::llistxattr(path.c_str(), names.data(), names.size());
  names.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  for (std::size_t at = 0; at < names.size();) {
    const std::string name = names.c_str() + at;
    at += name.size() + 1;
    if (!name.starts_with("user.")) continue;
    std::string value(1U << 16, '\0');
    const ssize_t length = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    if (length < 0) throw_errno(errno, "cannot read an attribute of " + shown(path));
    xattrs[name] = value.substr(0, static_cast<std::size_t>(length));
  }
  return xattrs;
}

std::string target_of(const std::string& symlink) {
  std::string target(8192, '\0');
  const ssize_t got = ::readlink(symlink.c_str(), target.data(), target.size());
  if (got < 0) throw_errno(errno, "cannot read the symlink " + shown(symlink));
  target.resize(static_cast<std::size_t>(got));
  return target;
}

void read_node(const std::string& full_path, const std::string& path, TreeState& tree) {
  struct stat status {};
  if (::lstat(full_path.c_str(), &status) != 0) throw_errno(errno, "cannot read " + shown(full_path));
  NodeState& node = tree[path];
  node.type = status.st_mode & S_IFMT;
  node.mode = node.type == S_IFLNK ? 0 : status.st_mode & 07777;
  node.uid = status.st_uid;
  node.gid = status.st_gid;
  node.mtime = TimeNs{status.st_mtim.tv_sec} * kNsPerSecond + status.st_mtim.tv_nsec;
  node.inode = full_path.substr(0, full_path.size() - path.size()) + std::to_string(status.st_ino);
  if (node.type == S_IFREG || node.type == S_IFDIR) node.xattrs = xattrs_of(full_path);
  if (node.type == S_IFLNK) node.target = target_of(full_path);
  if (node.type == S_IFREG) {
    node.size = static_cast<std::uint64_t>(status.st_size);
    node.content = content_of(full_path);
  }
  if (node.type != S_IFDIR) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> names(::opendir(full_path.c_str()), ::closedir);
  if (!names) throw_errno(errno, "cannot read the folder " + shown(full_path));
  while (const dirent* entry = ::readdir(names.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") read_node(full_path + "/" + name, path.empty() ? name : path + "/" + name, tree);
  }
}

// The first name of each file, by path.
std::map<std::string, std::string> first_names(const TreeState& tree, const Compared& compared) {
  std::map<std::string, std::string> by_inode;
  std::map<std::string, std::string> names;
  for (const auto& [path, node] : tree)
    if (!node.is_folder() && !compared.ignored.contains(path) && !compared.ignored_links.contains(path))
      names[path] = by_inode.try_emplace(node.inode, path).first->second;
  return names;
}

std::string describe(const NodeState& node) {
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), "mode %o, owner %u:%u, time %lld, %llu bytes, content %02x%02x…, target ",
                node.type | node.mode, node.uid, node.gid, static_cast<long long>(node.mtime),
                static_cast<unsigned long long>(node.size), node.content.bytes[0], node.content.bytes[1]);
  std::string described = text.data() + shown(node.target.substr(0, 40));
  for (const auto& [name, value] : node.xattrs) described += ", " + name + " of " + std::to_string(value.size());
  return described;
}

bool equal(const NodeState& a, const NodeState& b, bool times) {
  return a.type == b.type && a.mode == b.mode && a.uid == b.uid && a.gid == b.gid && (!times || a.mtime == b.mtime) &&
         a.size == b.size && a.content == b.content && a.target == b.target && a.xattrs == b.xattrs;
}

}  // namespace

bool NodeState::is_folder() const {
  return type == S_IFDIR;
}
bool NodeState::is_file() const {
  return type == S_IFREG;
}

TreeState read_tree(const std::filesystem::path& folder) {
  TreeState tree;
  read_node(folder.string(), "", tree);
  return tree;
}

std::string differences(const TreeState& expected, const TreeState& actual, const Compared& compared) {
  std::string text;
  std::size_t count = 0;
  const auto tell = [&](const std::string& path, const std::string& what) {
    if (++count <= kMostDifferences) text += "  " + shown(path) + ": " + what + "\n";
  };
  for (const auto& [path, node] : expected) {
    if (compared.ignored.contains(path)) continue;
    const auto found = actual.find(path);
    if (found == actual.end())
      tell(path, "is missing");
    else if (!equal(node, found->second, !compared.ignored_times.contains(path)))
      tell(path, "expected " + describe(node) + "\n    but it has " + describe(found->second));
  }
  for (const auto& [path, node] : actual)
    if (!expected.contains(path) && !compared.ignored.contains(path)) tell(path, "is too much");
  if (compared.links && text.empty()) {
    const auto wanted = first_names(expected, compared);
    for (const auto& [path, first] : first_names(actual, compared))
      if (wanted.at(path) != first) tell(path, "is one file with " + shown(first) + ", not " + shown(wanted.at(path)));
  }
  if (count > kMostDifferences) text += "  and " + std::to_string(count - kMostDifferences) + " more\n";
  return text;
}

TreeState filtered(const TreeState& tree, const std::function<bool(const std::string&, const NodeState&)>& keep) {
  TreeState kept;
  for (const auto& [path, node] : tree)
    if ((path.empty() || parent_of(path).empty() || kept.contains(parent_of(path))) && keep(path, node))
      kept[path] = node;
  return kept;
}

TreeState subtree(const TreeState& tree, const std::string& below) {
  TreeState found;
  for (const auto& [path, node] : tree)
    if (is_within(path, below)) found[path == below ? "" : below.empty() ? path : path.substr(below.size() + 1)] = node;
  return found;
}

bool is_within(const std::string& path, const std::string& folder) {
  return folder.empty() || path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string shown(const std::string& path) {
  std::string text;
  for (const char byte : path) {
    if (byte >= ' ' && byte <= '~') {
      text += byte;
      continue;
    }
    std::array<char, 5> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
    text += escaped.data();
  }
  return text.size() > 80 ? text.substr(0, 80) + "…" : text;
}

}  // namespace igudar::testing
