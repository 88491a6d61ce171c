#include "fs/exclude_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "testing/scratch_dir.h"

namespace igudar {
namespace {

namespace stdfs = std::filesystem;

ExcludeRules rules_of(std::string_view file) {
  ExcludeRules rules;
  rules.add_file(file);
  return rules;
}

// A repository of git's with files and folders in it, which is asked what it would ignore.
class Git {
 public:
  Git() { run("git -C '" + dir_.path().string() + "' init -q"); }

  void make_paths(const std::vector<std::string>& directories, const std::vector<std::string>& files) {
    for (const std::string& d : directories) stdfs::create_directories(dir_ / d);
    for (const std::string& f : files) {
      stdfs::create_directories((dir_ / f).parent_path());
      std::ofstream(dir_ / f) << "";
    }
  }

  std::set<std::string> ignored(std::string_view patterns, const std::vector<std::string>& paths) {
    write(".git/info/exclude", patterns);
    std::string list;
    for (const std::string& p : paths) list += p + '\0';
    write(".git/paths", list);
    const std::string at = dir_.path().string();
    run("cd '" + at + "' && git -c core.quotePath=false check-ignore --no-index -v -z --stdin < .git/paths > .git/out");
    return parse(read(".git/out"));
  }

 private:
  void write(const std::string& name, std::string_view text) { std::ofstream(dir_ / name, std::ios::binary) << text; }
  std::string read(const std::string& name) {
    std::ifstream in(dir_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void run(const std::string& command) {
    const int status = std::system(command.c_str());
    // check-ignore exits with 1 when nothing is ignored.
    if (status != 0 && status != 256) throw std::runtime_error("failed: " + command);
  }
  // Records of source, line, pattern and path; the pattern that decided may be one that takes back.
  static std::set<std::string> parse(const std::string& out) {
    std::vector<std::string> fields;
    for (std::size_t at = 0; at < out.size(); at += fields.back().size() + 1) fields.emplace_back(out.c_str() + at);
    std::set<std::string> paths;
    for (std::size_t i = 0; i + 3 < fields.size(); i += 4)
      if (!fields[i + 2].starts_with('!')) paths.insert(fields[i + 3]);
    return paths;
  }

  testing::ScratchDir dir_;
};

const std::vector<std::string> kDirectories = {"a",   "a/b", "a/b/c",     "b",      "ab",   "abc",
                                               "a/a", "foo", "foo/bar",   "foobar", "x y",  "a-b",
                                               "[a]", "src", "src/build", "build",  "b/a/b"};
const std::vector<std::string> kFiles = {
    "a/f",     "a/b/f",       "a/b/c/f",   "a/b/c/a.c", "b/f.o", "b/a.b", "ab/a", "abc/b", "f",     "a.c",
    "a.b.c",   "foo/a",       "foo/bar/b", "foobar/a",  "x y/z", "z ",    "#c",   "!n",    "a-b/-", "[a]/[b]",
    "src/a.c", "src/build/o", "build/x",   "back\\s",   "*",     "?",     "A",    "B/c",   "7",     "a7b",
    "_",       "\xc3\xa9",    "b/a/b/a",   "a/a/a",     "tab\t", "x\r",   "]",    "-",     "a]"};

std::vector<std::string> all_paths() {
  std::vector<std::string> paths = kDirectories;
  paths.insert(paths.end(), kFiles.begin(), kFiles.end());
  return paths;
}

class AgainstGit : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    git_ = std::make_unique<Git>();
    git_->make_paths(kDirectories, kFiles);
  }
  static void TearDownTestSuite() { git_.reset(); }

  static bool is_directory(const std::string& path) {
    return std::find(kDirectories.begin(), kDirectories.end(), path) != kDirectories.end();
  }

  // Returns how many paths git ignores.
  static std::size_t expect_same_verdicts(std::string_view patterns) {
    static const std::vector<std::string> paths = all_paths();
    const std::set<std::string> theirs = git_->ignored(patterns, paths);
    const ExcludeRules rules = rules_of(patterns);
    for (const std::string& path : paths)
      EXPECT_EQ(rules.excludes(path, is_directory(path)), theirs.contains(path))
          << "path «" << path << "» with patterns «" << patterns << "»";
    return theirs.size();
  }

  static std::unique_ptr<Git> git_;
};

std::unique_ptr<Git> AgainstGit::git_;

TEST_F(AgainstGit, Hand_written_patterns_have_the_same_verdicts) {
  for (const char* patterns : {"a",
                               "/a",
                               "a/",
                               "/a/",
                               "a/b",
                               "a/b/",
                               "*",
                               "**",
                               "/**",
                               "**/",
                               "*/",
                               "a/**",
                               "a/*",
                               "**/b",
                               "**/b/",
                               "a/**/f",
                               "a/**/b",
                               "**/a/**",
                               "a**/b",
                               "fo**/bar",
                               "foo**",
                               "**bar",
                               "a/***/f",
                               "*.c",
                               "*.b.c",
                               "!a",
                               "*\n!a",
                               "*\n!a/",
                               "*\n!*/\n!*.c",
                               "a\n!a/f",
                               "a/*\n!a/b",
                               "/*\n!/foo\n/foo/*\n!/foo/bar",
                               "#c",
                               "\\#c",
                               "\\!n",
                               "!n",
                               "!!n",
                               "z ",
                               "z\\ ",
                               "z\\  ",
                               "z \\ ",
                               "x y",
                               "x y  ",
                               "back\\s",
                               "back\\\\s",
                               "\\*",
                               "\\?",
                               "[*]",
                               "[a]",
                               "\\[a]",
                               "[[]a]",
                               "[a",
                               "[]",
                               "[]]",
                               "[]a]",
                               "[!a]",
                               "[^a]",
                               "[^a]/",
                               "[!]]",
                               "[a-c]",
                               "[c-a]",
                               "[a-]",
                               "[-a]",
                               "[--a]",
                               "a[-]b",
                               "a[!-]b",
                               "[[:alpha:]]",
                               "[[:digit:]]",
                               "a[[:digit:]]b",
                               "[[:upper:]]",
                               "[[:lower:]]/",
                               "[[:punct:]]",
                               "[[:space:]]",
                               "[[:nope:]]",
                               "[[:alpha:]",
                               "[[:alpha]]",
                               "[[:]",
                               "[[:]]",
                               "[[::]]",
                               "[[:alpha:]-z]",
                               "[\\]]",
                               "[a\\-c]",
                               "[\\a-\\c]",
                               "a[/]b",
                               "a[!x]b",
                               "a?b",
                               "?",
                               "??",
                               "a/?",
                               "foo?",
                               "foo/",
                               "/foo/",
                               "foo//",
                               "//foo",
                               "/",
                               "//",
                               "!",
                               "!/",
                               "\\",
                               "a\\",
                               "\\a",
                               "a\\/b",
                               "**\\/b",
                               "x\r\n",
                               "x\\\r\n",
                               "tab\t",
                               "tab",
                               " ",
                               "  a",
                               "\xef\xbb\xbf"
                               "a",
                               "\xc3\xa9",
                               "?\xa9",
                               "src/build",
                               "build/",
                               "build",
                               "/build",
                               "src/*/",
                               "src/**",
                               "*/*/f",
                               "*/f",
                               "**/c/f",
                               "a/**/**/f",
                               "a/*/**/f",
                               "**/**",
                               "***",
                               "*a*b*",
                               "[[:alnum:]_-]*",
                               "./a",
                               "../a",
                               "a/.",
                               "a/b\n!a/b/c"})
    expect_same_verdicts(patterns);
}

// Patterns put together from the parts that matter, so that their combinations are met as well.
std::string random_pattern(std::mt19937& random) {
  static const std::vector<std::string> parts = {
      "a",    "b",     "c",  "f",   "/",     "/",   "*",   "**",  "**/",   "/**",         "?",           "[ab]",
      "[!a]", "[a-c]", "\\", ".c",  "foo",   "ba",  "r",   "[^b", "]",     "[[:alpha:]]", "[[:punct:]]", "-",
      " ",    "\\ ",   "[",  "x y", "build", "src", "/a/", "*.c", "[]-a]", "[\\]]",       "***"};
  std::string pattern = random() % 5 == 0 ? "!" : "";
  const std::size_t count = 1 + random() % 5;
  for (std::size_t i = 0; i < count; ++i) pattern += parts[random() % parts.size()];
  return random() % 6 == 0 ? pattern + "/" : pattern;
}

TEST_F(AgainstGit, Random_sets_of_patterns_have_the_same_verdicts) {
  std::size_t ignored = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    std::mt19937 random(seed);
    std::string patterns;
    const std::size_t count = 1 + random() % 5;
    for (std::size_t i = 0; i < count; ++i) patterns += random_pattern(random) + "\n";
    ignored += expect_same_verdicts(patterns);
    if (HasFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(ignored, 4000U);  // else the patterns say too little
}

TEST(ExcludeRules, Without_patterns_nothing_is_left_out) {
  const ExcludeRules rules;
  EXPECT_TRUE(rules.empty());
  EXPECT_FALSE(rules.excludes("a/b", false));
}

TEST(ExcludeRules, The_walk_asks_of_each_entry_alone) {
  const ExcludeRules rules = rules_of("build/\n");
  EXPECT_TRUE(rules.excludes_entry("src/build", true));
  EXPECT_FALSE(rules.excludes_entry("src/build/o", false));
  EXPECT_TRUE(rules.excludes("src/build/o", false));
}

TEST(ExcludeRules, Names_with_newlines_and_foreign_bytes_match_wildcards) {
  const ExcludeRules rules = rules_of("*.tmp\n");
  EXPECT_TRUE(rules.excludes("a\nb.tmp", false));
  EXPECT_TRUE(rules.excludes("\xff\xfe.tmp", false));
}

TEST(Glob, Many_stars_take_no_more_than_pattern_times_text_steps) {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "a*";
  pattern += "b";
  std::string deep;
  for (int i = 0; i < 500; ++i) deep += "**/a*";
  const std::string text(4000, 'a');
  EXPECT_FALSE(Glob(pattern).matches(text));
  EXPECT_TRUE(Glob(pattern).matches(text + "b"));
  EXPECT_FALSE(Glob(deep + "/b").matches(text));
}

}  // namespace
}  // namespace igudar
