#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/object_store.h"
#include "testing/scratch_dir.h"

namespace igudar::testing {

// What a store or a decorator is called in the names of tests, and how to make one.
struct StoreCase {
  std::string name;
  // A store in a place of its own, where nothing is yet: `root` is a name below an empty scratch folder, which stores
  // that are not in a folder of this machine take as a name of their own.
  std::function<std::unique_ptr<ObjectStore>(const std::filesystem::path& root)> make;
};

constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 40;

inline std::string name_of_case(const ::testing::TestParamInfo<StoreCase>& info) {
  return info.param.name;
}

// The one suite that every store and every decorator passes, whatever is behind it. A test program makes it run with
//
//   INSTANTIATE_TEST_SUITE_P(Stores, StoreConformance, ::testing::ValuesIn(kCases), name_of_case);
class StoreConformance : public ::testing::TestWithParam<StoreCase> {
 protected:
  StoreConformance() : store_(GetParam().make(scratch_ / "repo")) { store_->create({}); }

  std::string text(const ObjectName& name) { return std::string(text_of(store_->get(name, kNoLimit, {}))); }
  void put(const ObjectName& name, std::string_view content, Durability durability = Durability::durable) {
    store_->put(name, view_of(content), durability, {});
  }
  std::vector<std::string> names(ObjectKind kind) {
    std::vector<std::string> found;
    for (const ObjectInfo& info : store_->list(kind, {})) found.push_back(info.name.to_string());
    return found;
  }

  ScratchDir scratch_;
  std::unique_ptr<ObjectStore> store_;
};

}  // namespace igudar::testing
