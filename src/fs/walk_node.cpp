#include "fs/walk_node.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "base/translate.h"

namespace igudar {

namespace {

constexpr std::string_view kCacheTag = "CACHEDIR.TAG";
constexpr std::string_view kCacheSignature = "Signature: 8a477f597d28d172789f06886806bc55";

bool has_cache_signature(int directory_fd) {
  const UniqueFd tag(open_unnoticed(directory_fd, kCacheTag.data(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  char head[kCacheSignature.size()];
  return tag.valid() && ::read(tag.get(), head, sizeof head) == static_cast<ssize_t>(sizeof head) &&
         std::string_view(head, sizeof head) == kCacheSignature;
}

bool is_excluded(const WalkOptions& options, std::string_view path, bool is_directory) {
  return options.excluded && options.excluded(path, is_directory);
}

// "/a/b" is the name "b" in "/a"; what has no name of its own is "." in itself.
SourceName split_source(const std::string& path, const std::shared_ptr<OpenDirectories>& open_directories) {
  const std::size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (name.empty() || name == "." || name == "..") {
    folder = path;
    name = ".";
  }
  return {std::make_shared<SourceDirectory>(nullptr, folder, open_directories), name};
}

}  // namespace

bool SoonerInWalk::operator()(const std::shared_ptr<WalkNode>& a, const std::shared_ptr<WalkNode>& b) const {
  return compare_paths(a->snapshot_path, b->snapshot_path) < 0;
}

std::string WalkNode::path_of(std::string_view name) const {
  std::string path;
  path.reserve(snapshot_path.size() + 1 + name.size());
  path = snapshot_path;
  if (!path.empty()) path += '/';
  return path += name;
}

std::size_t WalkNode::run() {
  try {
    if (leads_to_roots != nullptr) {
      list_roots();
    } else {
      list();
    }
  } catch (const Error& error) {
    problem = error;
  }
  if (grafted_roots != nullptr) graft_roots();
  std::vector<std::shared_ptr<WalkNode>> subdirectories;
  for (const Child& child : children)
    if (child.subdirectory) subdirectories.push_back(child.subdirectory);
  if (!subdirectories.empty()) context.read_ahead->add(subdirectories);
  return children.size();
}

void WalkNode::list() {
  auto fd = std::make_shared<const UniqueFd>(directory->open_for_listing());
  const std::optional<FileStat> self = fd->valid() ? read_stat(fd->get(), "") : std::nullopt;
  if (!self) throw_errno(errno, trf("cannot read the folder {}", directory->path()));
  if (context.options.one_file_system && self->device != device) return;

  DirectoryNames found;
  const int error = read_names(fd->get(), found);
  if (error != 0) problem = errno_error(error, trf("cannot read all of the folder {}", directory->path()));
  if (context.options.exclude_caches) keep_only_cache_tag(fd->get(), found);
  if (context.options.excluded)
    std::erase_if(found.names, [&](const DirectoryNames::Name& name) {
      return name.type != DT_UNKNOWN && is_excluded(context.options, path_of(found.view(name)), name.type == DT_DIR);
    });
  stat_children(fd->get(), found);
  text = std::move(found.text);
  const bool holds_directories =
      std::any_of(children.begin(), children.end(), [](const Child& c) { return c.subdirectory != nullptr; });
  directory->hold(std::move(fd), *self, holds_directories ? DirectoryUse::folders_ahead : DirectoryUse::files_ahead);
}

void WalkNode::keep_only_cache_tag(int fd, DirectoryNames& found) const {
  const auto tag = std::find_if(found.names.begin(), found.names.end(),
                                [&](const DirectoryNames::Name& n) { return found.view(n) == kCacheTag; });
  if (tag == found.names.end() || !has_cache_signature(fd)) return;
  found.names = {*tag};
}

// In the order of inode numbers, which spares a cold disk's head; the children end up in the order of their names.
void WalkNode::stat_children(int fd, const DirectoryNames& found) {
  std::vector<std::uint32_t> order(found.names.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return found.names[a].inode < found.names[b].inode; });

  children.resize(found.names.size());
  std::vector<bool> left_out(found.names.size());
  for (const std::uint32_t i : order) {
    const DirectoryNames::Name& name = found.names[i];
    Child& child = children[i];
    child.name_at = name.at;
    if (const auto stat = read_stat(fd, found.c_str(name))) {
      child.stat = *stat;
      left_out[i] =
          (name.type == DT_UNKNOWN && is_excluded(context.options, path_of(found.view(name)), stat->is_directory())) ||
          is_left_out(*stat);
      if (!left_out[i] && stat->is_directory()) {
        std::string path = path_of(found.view(name));
        const bool is_root = std::binary_search(context.nested_roots.begin(), context.nested_roots.end(), path);
        add_subdirectory(child, directory, found.c_str(name), std::move(path), is_root);
      }
    } else {
      add_problem(child, errno_error(errno, trf("cannot read {}", directory->path_of(found.c_str(name)))));
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (left_out[i]) continue;
    if (kept != i) children[kept] = std::move(children[i]);
    ++kept;
  }
  children.resize(kept);
}

bool WalkNode::is_left_out(const FileStat& stat) const {
  const WalkOptions& options = context.options;
  if (stat.is_directory())
    return std::find(options.skip.begin(), options.skip.end(), InodeId{stat.device, stat.inode}) != options.skip.end();
  return stat.is_file() && options.exclude_larger_than != 0 && stat.size > options.exclude_larger_than;
}

void WalkNode::add_subdirectory(Child& child, std::shared_ptr<SourceDirectory> parent, const std::string& name,
                                std::string path, bool is_root) {
  const std::uint64_t its_device = is_root ? child.stat.device : device;
  if (context.options.one_file_system && child.stat.device != its_device) return;
  child.subdirectory = std::make_shared<WalkNode>(context, std::move(path));
  child.subdirectory->device = its_device;
  child.subdirectory->directory = std::make_shared<SourceDirectory>(std::move(parent), name, context.open_directories);
}

void WalkNode::add_problem(Child& child, Error error) {
  child.problem = static_cast<std::uint32_t>(child_problems.size());
  child_problems.push_back(std::move(error));
}

void WalkNode::list_roots() {
  for (const auto& [name, root] : leads_to_roots->children) add_root(name, root);
}

// However little could be listed: what is grafted does not come from here.
void WalkNode::graft_roots() {
  for (const Child& child : children) sources.push_back({directory, text.c_str() + child.name_at});
  refuse_grafted_names();
  for (const auto& [name, root] : grafted_roots->children) add_root(name, root);
  sort_children();
}

// A name that has come up since the roots were made: it and the root's would be one.
void WalkNode::refuse_grafted_names() {
  for (Child& child : children) {
    const std::string name = text.c_str() + child.name_at;
    const auto graft = grafted_roots->children.find(name);
    if (graft == grafted_roots->children.end()) continue;
    child.subdirectory.reset();
    add_problem(child, Error(ErrorCode::conflict,
                             trf("{} and {} would both be stored as {}", directory->path_of(name), graft->second.source,
                                 path_of(name)),
                             tr("Give them as absolute paths, or back them up one by one.")));
  }
}

void WalkNode::sort_children() {
  std::vector<std::size_t> order(children.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto name_of = [&](std::size_t i) { return std::string_view(text.c_str() + children[i].name_at); };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return name_of(a) < name_of(b); });
  std::vector<Child> sorted_children;
  std::vector<SourceName> sorted_sources;
  for (const std::size_t i : order) {
    sorted_children.push_back(std::move(children[i]));
    sorted_sources.push_back(std::move(sources[i]));
  }
  children = std::move(sorted_children);
  sources = std::move(sorted_sources);
}

void WalkNode::add_root(const std::string& name, const RootTree& root) {
  // A folder that leads to a root may be reached through symlinks: it is what they lead to.
  SourceName source =
      root.whole ? split_source(root.source, context.open_directories)
                 : SourceName{std::make_shared<SourceDirectory>(nullptr, root.source, context.open_directories), "."};
  const std::string path = path_of(name);
  Child child;
  child.name_at = static_cast<std::uint32_t>(text.size());
  text.append(name.c_str(), name.size() + 1);
  try {
    const auto fd = source.directory->fd();
    const auto stat = read_stat(fd->get(), source.name.c_str());
    if (!stat) throw_errno(errno, trf("cannot read {}", root.source));
    child.stat = *stat;
    if (root.whole && (is_excluded(context.options, path, stat->is_directory()) || is_left_out(*stat))) return;
    if (!root.children.empty() && !stat->is_directory())
      throw Error(ErrorCode::conflict, trf("{} is no folder, so {} cannot be stored below it", root.source,
                                           root.children.begin()->second.source));
    if (const auto anchor = read_stat(fd->get(), ""); anchor)
      source.directory->hold(fd, *anchor, DirectoryUse::folders_ahead);
  } catch (const Error& error) {
    add_problem(child, error);
  }
  if (!root.whole) {
    child.subdirectory = std::make_shared<WalkNode>(context, path);
    child.subdirectory->leads_to_roots = &root;
  } else if (child.problem == kNoProblem && child.stat.is_directory()) {
    add_subdirectory(child, source.directory, source.name, path, true);
    if (child.subdirectory && !root.children.empty()) child.subdirectory->grafted_roots = &root;
  }
  sources.push_back(std::move(source));
  children.push_back(std::move(child));
}

}  // namespace igudar
