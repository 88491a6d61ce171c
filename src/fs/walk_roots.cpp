#include "fs/walk_roots.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "base/translate.h"
#include "format/entry.h"
#include "fs/file_stat.h"

namespace igudar {

namespace {

std::vector<std::string> clean_components(std::string_view path) {
  std::vector<std::string> parts;
  const bool absolute = path.starts_with('/');
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.emplace_back(part);
    } else if (!parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (!absolute) {
      parts.emplace_back(part);
    }
  }
  return parts;
}

std::string join(const std::vector<std::string>& parts, std::size_t from = 0) {
  std::string path;
  for (std::size_t i = from; i < parts.size(); ++i) path += (path.empty() ? "" : "/") + parts[i];
  return path;
}

WalkRoot root_of(const std::string& path, const std::string& cwd) {
  if (path.empty()) throw Error(ErrorCode::usage, tr("an empty path cannot be backed up"));
  const bool absolute = path.starts_with('/');
  const std::vector<std::string> kept = clean_components(path);
  const auto ups = static_cast<std::size_t>(std::count(kept.begin(), kept.end(), ".."));
  WalkRoot root;
  root.snapshot_path = join(kept, ups);
  root.source_path = "/" + join(clean_components(absolute ? path : cwd + "/" + path));
  if (!read_stat(AT_FDCWD, root.source_path.c_str())) {
    const int why = errno == ENOTDIR ? ENOENT : errno;
    Error error = errno_error(why, trf("cannot back up {}", path));
    throw error.with_hint(tr("Check the path; nothing was backed up."));
  }
  return root;
}

// Below a file or a symlink the walk would never come by: what was asked for would be missing without a word.
void require_folder(const WalkRoot& outer, const WalkRoot& inner) {
  const std::optional<FileStat> there = read_stat(AT_FDCWD, outer.source_path.c_str());
  if (!there || there->is_directory()) return;
  throw Error(ErrorCode::usage,
              trf("{} is no folder, so {} cannot be stored below it", outer.source_path, inner.source_path),
              tr("Give only one of the two, or back them up one by one."));
}

bool lies_in(const std::string& path, const std::string& folder) {
  return folder.empty() || (path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/');
}

std::string in_folder(const std::string& folder, std::string_view name) {
  std::string path = folder == "/" ? "" : folder;
  return path.append("/").append(name);
}

// What `outer` holds under the snapshot path `path` comes from here.
std::string source_within(const WalkRoot& outer, const std::string& path) {
  const std::string tail = outer.snapshot_path.empty() ? path : path.substr(outer.snapshot_path.size() + 1);
  return in_folder(outer.source_path, tail);
}

[[noreturn]] void refuse_collision(const std::string& a, const std::string& b, const std::string& path) {
  throw Error(ErrorCode::usage, trf("{} and {} would both be stored as {}", a, b, path.empty() ? "." : path),
              tr("Give them as absolute paths, or back them up one by one."));
}

// `inner` comes from elsewhere than the folder in which its snapshot path lies.
void require_room(const WalkRoot& outer, const WalkRoot& inner) {
  const std::string twin = source_within(outer, inner.snapshot_path);
  const std::string first = twin.substr(0, twin.find('/', in_folder(outer.source_path, "").size()));
  if (read_stat(AT_FDCWD, first.c_str()) || errno != ENOENT)
    refuse_collision(twin, inner.source_path, inner.snapshot_path);
}

std::string parent_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

std::vector<WalkRoot> make_roots(const std::vector<std::string>& paths, const std::string& cwd) {
  if (paths.empty()) throw Error(ErrorCode::usage, tr("nothing to back up: no path was given"));
  std::vector<WalkRoot> roots;
  for (const std::string& path : paths) roots.push_back(root_of(path, cwd));
  std::sort(roots.begin(), roots.end(), [](const WalkRoot& a, const WalkRoot& b) {
    const auto order = compare_paths(a.snapshot_path, b.snapshot_path);
    return order != 0 ? order < 0 : a.source_path < b.source_path;
  });
  roots.erase(std::unique(roots.begin(), roots.end()), roots.end());

  std::vector<const WalkRoot*> around;  // those whose folders are walked for what follows, the innermost last
  for (std::size_t i = 0; i < roots.size(); ++i) {
    const WalkRoot& root = roots[i];
    if (i > 0 && roots[i - 1].snapshot_path == root.snapshot_path)
      refuse_collision(roots[i - 1].source_path, root.source_path, root.snapshot_path);
    while (!around.empty() && !lies_in(root.snapshot_path, around.back()->snapshot_path)) around.pop_back();
    if (!around.empty()) {
      require_folder(*around.back(), root);
      if (source_within(*around.back(), root.snapshot_path) == root.source_path) continue;
      require_room(*around.back(), root);
    }
    around.push_back(&root);
  }
  return roots;
}

RootTree tree_of(std::vector<WalkRoot> roots, std::vector<std::string>& nested) {
  std::sort(roots.begin(), roots.end(),
            [](const WalkRoot& a, const WalkRoot& b) { return compare_paths(a.snapshot_path, b.snapshot_path) < 0; });
  RootTree top;
  for (const WalkRoot& root : roots) {
    const std::vector<std::string> parts = clean_components(root.snapshot_path);
    std::vector<std::string> sources(parts.size() + 1, root.source_path);
    for (std::size_t i = parts.size(); i-- > 0;) sources[i] = parent_path(sources[i + 1]);

    RootTree* node = &top;
    bool held = false;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      held = node->whole && in_folder(node->source, join(parts, i)) == root.source_path;
      if (held) break;
      RootTree& child = node->children[parts[i]];
      if (child.source.empty()) child.source = sources[i + 1];
      node = &child;
    }
    if (held || node->whole) {
      nested.push_back(root.snapshot_path);
      continue;
    }
    node->whole = true;
    node->source = root.source_path;
  }
  return top;
}

}  // namespace igudar
