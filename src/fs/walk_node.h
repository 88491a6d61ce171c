#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "concurrency/read_ahead.h"
#include "format/entry.h"
#include "fs/directory_names.h"
#include "fs/tree_walker.h"

namespace igudar {

struct WalkNode;

struct SoonerInWalk {
  bool operator()(const std::shared_ptr<WalkNode>& a, const std::shared_ptr<WalkNode>& b) const;
};

using WalkReadAhead = ReadAhead<WalkNode, SoonerInWalk>;

// What all directories of one walk share.
struct WalkContext {
  explicit WalkContext(WalkOptions chosen) : options(std::move(chosen)) {}

  const WalkOptions options;
  std::vector<std::string> nested_roots;  // sorted
  std::shared_ptr<OpenDirectories> open_directories = std::make_shared<OpenDirectories>();
  WalkReadAhead* read_ahead = nullptr;
};

// One directory of the walk: run() lists it and hands its subdirectories on to be read ahead.
struct WalkNode : WalkReadAhead::State {
  static constexpr std::uint32_t kNoProblem = 0xffffffff;

  struct Child {
    std::uint32_t name_at = 0;  // in `text`, where a NUL ends it
    std::uint32_t problem = kNoProblem;
    FileStat stat;
    std::shared_ptr<WalkNode> subdirectory;  // when it is to be walked
  };

  WalkNode(WalkContext& shared, std::string path) : context(shared), snapshot_path(std::move(path)) {}

  std::size_t run();
  std::string path_of(std::string_view name) const;

  WalkContext& context;
  const std::string snapshot_path;
  std::shared_ptr<SourceDirectory> directory;
  std::uint64_t device = 0;                  // that of its root, for one_file_system
  const RootTree* leads_to_roots = nullptr;  // only these are its children
  const RootTree* grafted_roots = nullptr;   // its children as well, from elsewhere

  // Filled by run():
  std::vector<Child> children;      // sorted by name
  std::vector<SourceName> sources;  // of the children, when there are roots among them, or what leads to roots
  std::string text;
  std::vector<Error> child_problems;
  std::optional<Error> problem;  // its listing is missing or not complete

 private:
  void list();
  void list_roots();
  void graft_roots();
  void refuse_grafted_names();
  void sort_children();
  void add_root(const std::string& name, const RootTree& root);
  void keep_only_cache_tag(int fd, DirectoryNames& found) const;
  bool is_left_out(const FileStat& stat) const;
  void stat_children(int fd, const DirectoryNames& found);
  void add_subdirectory(Child& child, std::shared_ptr<SourceDirectory> parent, const std::string& name,
                        std::string path, bool is_root);
  void add_problem(Child& child, Error error);
};

}  // namespace igudar
