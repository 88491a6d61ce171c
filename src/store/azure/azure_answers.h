#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "store/bucket/object_service.h"

namespace igudar {

// The XML that Azure Blob answers with (Azure Storage REST API reference). All thread-safe. Functions that read what a
// success must hold throw Error(failed) when it is not there.

struct AzureErrorAnswer {
  std::string code;  // "ContainerNotFound"; empty when the answer is no XML of Azure
  std::string message;
};
AzureErrorAnswer parse_azure_error(ByteView body);

// List Blobs: a page, with the blobs' own names; folders of accounts with a hierarchy of them are left out.
ListPage parse_azure_list(ByteView body);
// Get Block List: the ids of the blocks that a blob is made of, in their order.
std::vector<std::string> parse_azure_blocks(ByteView body);
// What Put Block List asks for: blocks that were put and belong to no blob yet.
std::string azure_blocks(const std::vector<std::string>& ids);

}  // namespace igudar
