#include "fault_at_n.h"

namespace igudar {
namespace {

using testing::differences;
using testing::Tree;
using testing::tree_of;

class RestoreFaults : public testing::FaultAtN {
 protected:
  RestoreFaults() {
    write("large", testing::noise(350U << 10, 1));  // of so many chunks that its entry names lists of extents
    write("folder/text", "not much");
    write("folder/deeper/empty", "");
    write_files(0, 4, 20'000);
    std::filesystem::create_symlink("text", source() / "folder/link");
    commit();
  }

  // Restores into the target, which `prepare` fills, with each fault at each operation; then again without any.
  int restore_at_every_operation(Overwrite again, const std::function<void()>& prepare) {
    const Tree wanted = tree_of(source());
    Tree before;
    std::map<std::string, std::string> problems;
    return at_every_operation(
        testing::faults_of_reading(),
        [&](Repository& in) {
          prepare();
          before = tree_of(target());
          testing::ProblemList monitor;
          restore_to_target(in, Overwrite::always, monitor);
          problems = monitor.problems();
        },
        [&](Aftermath& after) {
          if (after.completed) expect_wrong_only_where_told(wanted, before, problems);

          testing::ProblemList monitor;
          restore_to_target(after.repository, again, monitor);
          for (const auto& [what, problem] : monitor.problems()) ADD_FAILURE() << what << ": " << problem;
          EXPECT_EQ(differences(wanted, tree_of(target())), "") << "after another restore";
        });
  }

 private:
  void expect_wrong_only_where_told(const Tree& wanted, const Tree& before,
                                    const std::map<std::string, std::string>& problems) const {
    const Tree found = tree_of(target());
    EXPECT_TRUE(!problems.empty() || differences(wanted, found).empty()) << differences(wanted, found);
    for (const auto& [path, text] : found) {
      const auto old = before.find(path);
      const bool untouched = old != before.end() && old->second == text;
      if (!text.starts_with("file") || problems.contains(path) || untouched) continue;
      EXPECT_TRUE(wanted.contains(path) && wanted.at(path) == text) << path << " is wrong, and nothing says so";
    }
  }
};

TEST_F(RestoreFaults, Are_told_and_another_restore_completes_what_is_there) {
  const auto nothing = [&] { std::filesystem::create_directory(target()); };
  EXPECT_GT(restore_at_every_operation(Overwrite::always, nothing), 60);
}

TEST_F(RestoreFaults, Leave_no_file_that_passes_for_a_whole_one) {
  const auto nothing = [&] { std::filesystem::create_directory(target()); };
  EXPECT_GT(restore_at_every_operation(Overwrite::if_changed, nothing), 60);
}

TEST_F(RestoreFaults, Are_told_when_older_files_are_brought_up_to_date) {
  const Bytes changed = testing::noise(100U << 10, 2);
  const auto older_files = [&] {
    std::filesystem::copy(source(), target(),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
    std::fstream(target() / "large", std::ios::binary | std::ios::in | std::ios::out)
        .seekp(50'000)
        .write(reinterpret_cast<const char*>(changed.data()), static_cast<std::streamsize>(changed.size()));
    std::ofstream(target() / "file1") << "short";
    std::filesystem::remove(target() / "file2");
  };
  EXPECT_GT(restore_at_every_operation(Overwrite::always, older_files), 50);
}

}  // namespace
}  // namespace igudar
