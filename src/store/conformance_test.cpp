// The stores that need no server, and the decorators.

#include <memory>

#include "store/bucket/bucket_store.h"
#include "store/bucket/memory_service_testing.h"
#include "store/conformance_testing.h"
#include "store/fault_store.h"
#include "store/local_store.h"
#include "store/memory_store.h"
#include "store/retrying_store.h"
#include "store/tree/file_tree_store.h"
#include "store/tree/folder_files_testing.h"

namespace igudar::testing {
namespace {

const StoreCase kCases[] = {
    {"Local", [](const auto& root) { return std::make_unique<LocalStore>(root); }},
    {"Memory", [](const auto&) { return std::make_unique<MemoryStore>(); }},
    {"FileTree",
     [](const auto& root) {
       return std::make_unique<FileTreeStore>(std::make_shared<FolderFiles>(), root.string(), RetryPolicy{});
     }},
    {"RetryingLocal",
     [](const auto& root) { return std::make_unique<RetryingStore>(std::make_shared<LocalStore>(root)); }},
    {"Bucket", [](const auto&) { return std::make_unique<BucketStore>(std::make_shared<MemoryService>(), 3); }},
    {"FaultLocal",
     [](const auto& root) { return std::make_unique<FaultStore>(std::make_shared<LocalStore>(root), FaultPlan{}); }},
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreConformance, ::testing::ValuesIn(kCases), name_of_case);

}  // namespace
}  // namespace igudar::testing
