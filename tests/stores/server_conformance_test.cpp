// The suite for every store, on a server: IGUDAR_TEST_STORE is the location below which each test makes its own places.

#include <cstdlib>

#include "store/conformance_testing.h"
#include "store/store_registry.h"

namespace igudar::testing {
namespace {

std::string base_location() {
  const char* location = std::getenv("IGUDAR_TEST_STORE");
  return location == nullptr ? "" : location;
}

const StoreCase kServer{"Server", [](const std::filesystem::path& root) {
                          return open_store(base_location() + "/" + root.parent_path().filename().string() + "/" +
                                            root.filename().string());
                        }};

INSTANTIATE_TEST_SUITE_P(Stores, StoreConformance, ::testing::Values(kServer), name_of_case);

}  // namespace
}  // namespace igudar::testing
