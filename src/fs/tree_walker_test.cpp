#include "fs/tree_walker.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

#include "format/entry.h"
#include "testing/scratch_dir.h"

namespace igudar {
namespace {

namespace stdfs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

void put(const stdfs::path& path, std::string_view content = "x") {
  stdfs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

struct Walked {
  std::vector<std::string> paths;
  std::vector<std::string> problems;
};

Walked walk(const std::vector<WalkRoot>& roots, WalkOptions options = {}) {
  Walked result;
  options.on_problem = [&](std::string_view path, const Error&) { result.problems.emplace_back(path); };
  TreeWalker walker(roots, options);
  WalkItem item;
  while (walker.next(item)) result.paths.emplace_back(item.path);
  return result;
}

bool run_as_nobody(const std::function<bool()>& check) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool dropped = ::geteuid() != 0 || (::setegid(65534) == 0 && ::seteuid(65534) == 0);
    ::_exit(dropped && check() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(TreeWalker, Gives_each_directory_before_its_names_in_path_order) {
  const testing::ScratchDir dir;
  for (const char* p : {"a/b", "a.b", "a-b/c", "a/\x01", "b/c/d/e", "\xff\xfe/x", "new\nline/y"}) put(dir / p);
  EXPECT_THAT(walk(make_roots({"."}, dir.path())).paths,
              ElementsAre("", "a", "a/\x01", "a/b", "a-b", "a-b/c", "a.b", "b", "b/c", "b/c/d", "b/c/d/e", "new\nline",
                          "new\nline/y", "\xff\xfe", "\xff\xfe/x"));
}

TEST(TreeWalker, A_random_tree_is_given_whole_and_sorted_whatever_the_read_ahead) {
  const testing::ScratchDir dir;
  std::vector<std::string> expected = {""};
  unsigned state = 7;
  const auto random = [&](unsigned below) { return (state = state * 1103515245 + 12345) / 65536 % below; };
  const std::function<void(const std::string&, int)> fill = [&](const std::string& at, int depth) {
    for (unsigned i = 0, n = 1 + random(12); i < n; ++i) {
      const std::string path = (at.empty() ? "" : at + "/") + std::string(1, static_cast<char>('!' + i)) +
                               std::to_string(random(100)) + (random(2) != 0 ? ".d" : "-");
      expected.push_back(path);
      if (depth > 0 && random(3) != 0) {
        stdfs::create_directory(dir / path);
        fill(path, depth - 1);
      } else {
        put(dir / path);
      }
    }
  };
  fill("", 4);
  for (const auto& [threads, ahead] :
       std::vector<std::pair<unsigned, std::size_t>>{{1, 1}, {4, 1}, {4, 20}, {2, 65536}}) {
    const Walked walked = walk(make_roots({dir.path()}, "/"), {.threads = threads, .entries_ahead = ahead});
    const std::string prefix = dir.path().string().substr(1);
    std::vector<std::string> below;
    for (const std::string& p : walked.paths)
      if (p.starts_with(prefix)) below.push_back(p == prefix ? "" : p.substr(prefix.size() + 1));
    EXPECT_THAT(below, UnorderedElementsAreArray(expected));
    EXPECT_TRUE(std::is_sorted(walked.paths.begin(), walked.paths.end(),
                               [](const auto& a, const auto& b) { return compare_paths(a, b) < 0; }));
    EXPECT_THAT(walked.problems, IsEmpty());
  }
}

TEST(TreeWalker, The_stat_is_that_of_the_name_itself) {
  const testing::ScratchDir dir;
  put(dir / "f", "12345");
  stdfs::create_symlink("/nowhere", dir / "link");
  ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0640), 0);
  TreeWalker walker(make_roots({"."}, dir.path()), {});
  WalkItem item;
  std::map<std::string, Metadata> found;
  while (walker.next(item)) found[std::string(item.path)] = metadata_of(item.stat, false);
  EXPECT_EQ(found[""].type, EntryType::directory);
  EXPECT_EQ(found["f"].size, 5U);
  EXPECT_EQ(found["link"].type, EntryType::symlink);
  EXPECT_EQ(found["pipe"].type, EntryType::fifo);
  EXPECT_EQ(found["pipe"].mode, 0640U & ~0022U);
}

TEST(TreeWalker, Folders_that_lead_to_roots_are_given_once_without_their_other_names) {
  const testing::ScratchDir dir;
  for (const char* p : {"h/u/x/1", "h/u/y/2", "h/u/z/3", "h/other", "i/4"}) put(dir / p);
  const auto roots = make_roots({"h/u/y", "i", "./h/u/x/", "h/u/x", "h/u/x/1"}, dir.path());
  EXPECT_THAT(walk(roots).paths, ElementsAre("h", "h/u", "h/u/x", "h/u/x/1", "h/u/y", "h/u/y/2", "i", "i/4"));
}

TEST(TreeWalker, Roots_from_elsewhere_are_given_in_a_folder_that_has_nothing_of_their_names) {
  const testing::ScratchDir dir;
  for (const char* p : {"here/a", "here/f/x", "here/z/y", "etc/name", "etc/more/deep", "etc/other", "lib/l", "f.d/g"})
    put(dir / p, p);
  stdfs::permissions(dir / "etc", stdfs::perms::owner_all);
  const auto roots =
      make_roots({".", "f/x", "../etc/name", "../etc/more", "../etc/more/deep", "../lib", "../f.d"}, dir / "here");
  for (const unsigned threads : {1U, 4U}) {
    EXPECT_THAT(walk(roots, {.threads = threads}).paths,
                ElementsAre("", "a", "etc", "etc/more", "etc/more/deep", "etc/name", "f", "f/x", "f.d", "f.d/g", "lib",
                            "lib/l", "z", "z/y"));
    TreeWalker walker(roots, {.threads = threads});
    WalkItem item;
    while (walker.next(item)) {
      if (item.path == "etc") {
        EXPECT_EQ(item.stat.mode & 07777U, 0700U);
      }
      if (!item.stat.is_file()) continue;
      std::string content(64, '\0');
      const ssize_t got = ::read(item.source().open(O_RDONLY).get(), content.data(), content.size());
      content.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      EXPECT_TRUE(content.ends_with(item.path)) << content << " for " << item.path;
    }
  }
  EXPECT_THAT(walk(roots, {.excluded = [](std::string_view path, bool) { return path == "etc/more"; }}).paths,
              ElementsAre("", "a", "etc", "etc/name", "f", "f/x", "f.d", "f.d/g", "lib", "lib/l", "z", "z/y"));
}

TEST(TreeWalker, A_name_that_comes_up_where_a_root_from_elsewhere_goes_is_a_problem) {
  const testing::ScratchDir dir;
  for (const char* p : {"here/a", "here/z", "etc/name"}) put(dir / p);
  const auto roots = make_roots({".", "../etc/name"}, dir / "here");
  put(dir / "here/etc/mine");
  const Walked walked = walk(roots);
  EXPECT_THAT(walked.paths, ElementsAre("", "a", "etc", "etc/name", "z"));
  EXPECT_THAT(walked.problems, ElementsAre("etc"));
}

TEST(TreeWalker, Roots_from_elsewhere_are_given_though_the_folder_cannot_be_read_any_more) {
  const testing::ScratchDir dir;
  for (const char* p : {"here/a", "etc/name"}) put(dir / p);
  stdfs::permissions(dir.path(), stdfs::perms::all);
  const auto roots = make_roots({".", "../etc/name"}, dir / "here");
  stdfs::permissions(dir / "here", stdfs::perms::none);
  EXPECT_TRUE(run_as_nobody([&] {
    const Walked walked = walk(roots);
    return walked.paths == std::vector<std::string>{"", "etc", "etc/name"} &&
           walked.problems == std::vector<std::string>{""};
  }));
  stdfs::permissions(dir / "here", stdfs::perms::all);
}

TEST(TreeWalker, Items_open_later_from_their_directory) {
  const testing::ScratchDir dir;
  put(dir / "d/e/f", "content");
  std::vector<SourceName> sources;
  {
    TreeWalker walker(make_roots({"d"}, dir.path()), {});
    WalkItem item;
    while (walker.next(item))
      if (item.stat.is_file()) sources.push_back(item.source());
  }
  ASSERT_EQ(sources.size(), 1U);
  EXPECT_EQ(sources[0].path(), (dir / "d/e/f").string());
  const UniqueFd fd = sources[0].open(O_RDONLY);
  char content[8] = {};
  EXPECT_EQ(::read(fd.get(), content, 7), 7);
  EXPECT_STREQ(content, "content");
}

// Allows the process fewer descriptors as long as it lives.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t most) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lower{most, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

TEST(TreeWalker, More_directories_than_may_be_open_are_reached_all_the_same) {
  const testing::ScratchDir dir;
  const DescriptorLimit few(1024);
  std::vector<SourceName> sources;
  for (int i = 0; i < 1500; ++i) put(dir / ("d" + std::to_string(i) + "/f"), std::to_string(i));
  TreeWalker walker(make_roots({"."}, dir.path()), {});
  WalkItem item;
  while (walker.next(item))
    if (item.stat.is_file()) sources.push_back(item.source());
  ASSERT_EQ(sources.size(), 1500U);
  const auto open_files = std::distance(stdfs::directory_iterator("/proc/self/fd"), stdfs::directory_iterator());
  EXPECT_LT(open_files, 512);
  for (const SourceName& source : sources) EXPECT_NO_THROW((void)source.open(O_RDONLY));
}

TEST(TreeWalker, A_folder_swapped_for_another_is_not_taken_for_it) {
  const testing::ScratchDir dir;
  put(dir / "d/f");
  put(dir / "evil/f");
  const auto open_directories = std::make_shared<OpenDirectories>();
  const auto parent = std::make_shared<SourceDirectory>(nullptr, dir.path(), open_directories);
  SourceDirectory d(parent, "d", open_directories);
  FileStat other = *read_stat(d.fd()->get(), "");
  EXPECT_NO_THROW((void)d.fd());
  stdfs::rename(dir / "d", dir / "gone");
  stdfs::create_directory_symlink("evil", dir / "d");
  EXPECT_THROW((void)d.fd(), Error);
  stdfs::remove(dir / "d");
  stdfs::rename(dir / "evil", dir / "d");
  for (int i = 0; i < 4096; ++i) open_directories->admit(DirectoryUse::files_now);  // no room to keep it open
  d.hold(std::make_shared<const UniqueFd>(), other, DirectoryUse::files_ahead);
  EXPECT_THROW((void)d.fd(), Error);
}

TEST(TreeWalker, A_folder_that_was_closed_is_opened_once_for_all_its_files) {
  const testing::ScratchDir dir;
  put(dir / "d/f");
  const auto open_directories = std::make_shared<OpenDirectories>();
  const auto parent = std::make_shared<SourceDirectory>(nullptr, dir.path(), open_directories);
  const auto d = std::make_shared<SourceDirectory>(parent, "d", open_directories);
  const FileStat identity = *read_stat(d->fd()->get(), "");
  while (open_directories->admit(DirectoryUse::files_ahead)) {
  }
  d->hold(d->fd(), identity, DirectoryUse::files_ahead);
  const auto first = d->fd();
  EXPECT_EQ(d->fd()->get(), first->get());
}

TEST(TreeWalker, What_cannot_be_read_is_a_problem_and_the_walk_goes_on) {
  const testing::ScratchDir dir;
  put(dir / "a/x");
  put(dir / "locked/y");
  put(dir / "z");
  stdfs::permissions(dir.path(), stdfs::perms::all);
  stdfs::permissions(dir / "locked", stdfs::perms::none);
  EXPECT_TRUE(run_as_nobody([&] {
    const Walked walked = walk(make_roots({"."}, dir.path()));
    return walked.paths == std::vector<std::string>{"", "a", "a/x", "locked", "z"} &&
           walked.problems == std::vector<std::string>{"locked"};
  }));
  stdfs::permissions(dir / "locked", stdfs::perms::all);
}

TEST(TreeWalker, A_root_that_vanished_is_a_problem) {
  const testing::ScratchDir dir;
  put(dir / "a/x");
  put(dir / "b/x");
  const auto roots = make_roots({"a", "b"}, dir.path());
  stdfs::remove_all(dir / "a");
  const Walked walked = walk(roots);
  EXPECT_THAT(walked.paths, ElementsAre("b", "b/x"));
  EXPECT_THAT(walked.problems, ElementsAre("a"));
}

TEST(TreeWalker, Excluded_names_are_left_out_with_all_in_them) {
  const testing::ScratchDir dir;
  for (const char* p : {"keep/a", "build/x/y", "keep/build/z", "keep/build2"}) put(dir / p);
  WalkOptions options;
  options.excluded = [](std::string_view path, bool is_directory) { return is_directory && path.ends_with("build"); };
  EXPECT_THAT(walk(make_roots({"."}, dir.path()), options).paths, ElementsAre("", "keep", "keep/a", "keep/build2"));
}

TEST(TreeWalker, Large_files_caches_and_the_repository_are_left_out_on_request) {
  const testing::ScratchDir dir;
  put(dir / "big", std::string(101, 'x'));
  put(dir / "fits", std::string(100, 'x'));
  put(dir / "cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n# made by a test");
  put(dir / "cache/junk/x");
  put(dir / "fake/CACHEDIR.TAG", "Signature: no");
  put(dir / "fake/x");
  put(dir / "repo/packs/p");
  const FileStat repo = *read_stat(AT_FDCWD, (dir / "repo").c_str());
  const WalkOptions options{.exclude_caches = true, .exclude_larger_than = 100, .skip = {{repo.device, repo.inode}}};
  EXPECT_THAT(walk(make_roots({"."}, dir.path()), options).paths,
              ElementsAre("", "cache", "cache/CACHEDIR.TAG", "fake", "fake/CACHEDIR.TAG", "fake/x", "fits"));
}

TEST(TreeWalker, One_file_system_keeps_the_mount_point_but_not_what_is_mounted_there) {
  if (!stdfs::exists("/dev/shm") || read_stat(AT_FDCWD, "/dev/shm")->device == read_stat(AT_FDCWD, "/dev")->device)
    GTEST_SKIP() << "/dev/shm is no file system of its own here";
  const std::string inside = "/dev/shm/igudar-test-" + std::to_string(::getpid());
  put(inside);
  EXPECT_THAT(walk({{"/dev", "dev"}}).paths, ::testing::Contains(inside.substr(1)));
  const Walked bounded = walk({{"/dev", "dev"}}, {.one_file_system = true});
  EXPECT_THAT(bounded.paths, ::testing::Contains("dev/shm"));
  EXPECT_THAT(bounded.paths, ::testing::Not(::testing::Contains(inside.substr(1))));
  // A root of its own inside is walked all the same.
  EXPECT_THAT(walk({{"/dev", "dev"}, {"/dev/shm", "dev/shm"}}, {.one_file_system = true}).paths,
              ::testing::Contains(inside.substr(1)));
  stdfs::remove(inside);
}

TEST(TreeWalker, A_stop_ends_the_walk_with_interrupted) {
  const testing::ScratchDir dir;
  put(dir / "a/x");
  std::stop_source source;
  TreeWalker walker(make_roots({"."}, dir.path()), {}, source.get_token());
  source.request_stop();
  WalkItem item;
  try {
    while (walker.next(item)) {
    }
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::interrupted);
  }
}

TEST(MakeRoots, Paths_are_kept_as_given) {
  const testing::ScratchDir dir;
  put(dir / "a/f");
  put(dir / "b/f");
  const std::string top = dir.path();
  const auto snapshot_path = [&](const std::string& path, const std::string& cwd) {
    return make_roots({path}, cwd).at(0).snapshot_path;
  };
  EXPECT_EQ(snapshot_path(top + "/a/", "/"), top.substr(1) + "/a");
  EXPECT_EQ(snapshot_path("./a/../b", top), "b");
  EXPECT_EQ(snapshot_path("../b//./f", top + "/a"), "b/f");
  EXPECT_EQ(snapshot_path("..", top + "/a"), "");
  EXPECT_EQ(snapshot_path(".", top), "");
  EXPECT_EQ(snapshot_path("/", top), "");
  EXPECT_EQ(make_roots({"../b"}, top + "/a").at(0).source_path, top + "/b");
  EXPECT_EQ(make_roots({"a", top + "/a", "a/"}, top).size(), 2U);
}

TEST(MakeRoots, A_missing_path_and_a_collision_are_refused) {
  const testing::ScratchDir dir;
  put(dir / "a/b/f");
  put(dir / "b/f");
  const auto code = [&](const std::vector<std::string>& paths, const std::string& cwd) {
    try {
      (void)make_roots(paths, cwd);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::failed;
  };
  const std::string top = dir.path();
  EXPECT_EQ(code({"nowhere"}, top), ErrorCode::not_found);
  EXPECT_EQ(code({"a/b/f/x"}, top), ErrorCode::not_found);
  EXPECT_EQ(code({"b", "../b"}, top + "/a"), ErrorCode::usage);
  EXPECT_EQ(code({"b", "../b/f"}, top + "/a"), ErrorCode::usage);
  EXPECT_EQ(code({".", "../b/f"}, top + "/a"), ErrorCode::usage);
  EXPECT_EQ(code({".", "../b"}, top + "/a"), ErrorCode::usage);
  EXPECT_EQ(code({".", "../a/b", "../b/f"}, top + "/a"), ErrorCode::usage);
  EXPECT_EQ(code({".", "../a"}, top + "/b"), ErrorCode::failed) << "nothing is in the way";
  EXPECT_EQ(code({".", "../a", "../a/b/f"}, top + "/b"), ErrorCode::failed) << "nothing is in the way";
  EXPECT_EQ(code({}, top), ErrorCode::usage);
  EXPECT_EQ(code({""}, top), ErrorCode::usage);
}

}  // namespace
}  // namespace igudar
