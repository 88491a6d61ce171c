#include "repo/pack_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "repo/repo_testing.h"

namespace igudar {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::pack_named;
using ::testing::Pair;
using ::testing::SizeIs;

class PackLedgerTest : public ::testing::Test {
 protected:
  PackLedger open() {
    return PackLedger(file_, [this](std::string text) { remarks_.push_back(std::move(text)); });
  }
  testing::ScratchDir scratch_;
  std::filesystem::path file_ = scratch_ / "ledger.sqlite";
  std::vector<std::string> remarks_;
};

}  // namespace

TEST_F(PackLedgerTest, remembers_the_last_time_a_pack_was_read) {
  open().note_read({pack_named(1), pack_named(2)}, 10);
  open().note_read({pack_named(2)}, 20);
  EXPECT_THAT(open().last_read(), ElementsAre(Pair(pack_named(1), 10), Pair(pack_named(2), 20)));
}

TEST_F(PackLedgerTest, drops_packs_that_are_gone) {
  open().note_read({pack_named(1), pack_named(2), pack_named(3)}, 10);
  open().retain({pack_named(2)});
  EXPECT_THAT(open().last_read(), ElementsAre(Pair(pack_named(2), 10)));
}

TEST_F(PackLedgerTest, discards_a_damaged_file_and_starts_anew) {
  open().note_read({pack_named(1)}, 10);
  std::ofstream(file_, std::ios::trunc) << std::string(5000, 'x');
  open().note_read({pack_named(2)}, 20);
  EXPECT_THAT(remarks_, SizeIs(1));
  EXPECT_THAT(open().last_read(), ElementsAre(Pair(pack_named(2), 20)));
}

TEST_F(PackLedgerTest, forgets_and_says_so_once_when_it_cannot_be_written) {
  file_ = scratch_ / "missing" / "ledger.sqlite";
  PackLedger ledger = open();
  ledger.note_read({pack_named(1)}, 10);
  EXPECT_THAT(ledger.last_read(), IsEmpty());
  EXPECT_THAT(remarks_, SizeIs(1));
}

}  // namespace igudar
