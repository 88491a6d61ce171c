#include "repo/local_state.h"

#include <algorithm>
#include <optional>
#include <sstream>

#include "base/hex.h"
#include "base/translate.h"
#include "repo/local_file.h"

namespace igudar {

namespace {

// The file is a line "igudar heads REPOSITORY", a line for each head, and a line "end".
std::string first_line(const Id16& repository) {
  return "igudar heads " + to_hex(repository.view());
}
constexpr const char* kLastLine = "end";

Bytes encode_heads(const Id16& repository, const std::vector<Id32>& heads) {
  std::string text = first_line(repository) + '\n';
  for (const Id32& head : heads) text += to_hex(head.view()) + '\n';
  text += std::string(kLastLine) + '\n';
  return copy_of(view_of(text));
}

std::optional<std::vector<Id32>> decode_heads(const Id16& repository, ByteView content) {
  std::istringstream lines{std::string(text_of(content))};
  std::string line;
  if (!std::getline(lines, line) || line != first_line(repository)) return std::nullopt;
  std::vector<Id32> heads;
  while (std::getline(lines, line)) {
    if (line == kLastLine) return heads;
    const std::optional<Bytes> id = from_hex(line);
    if (!id || id->size() != Id32::kSize) return std::nullopt;
    heads.push_back(Id32::from(*id));
  }
  return std::nullopt;
}

}  // namespace

LocalState::LocalState(const Repository& repository)
    : folder_(repository.state_folder()),
      repository_(repository.config().repository),
      ledger_(folder_ / "ledger.sqlite", [this](std::string text) { remarks_.push_back(std::move(text)); }) {}

std::vector<Id32> LocalState::known_heads() {
  const std::filesystem::path file = folder_ / "heads";
  const std::optional<Bytes> content = read_local_file(file);
  if (!content) return {};
  std::optional<std::vector<Id32>> heads = decode_heads(repository_, *content);
  if (heads) return std::move(*heads);
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  remarks_.push_back(
      trf("{} was damaged and has been discarded: which snapshots this machine saw last is not known any more",
          file.string()));
  return {};
}

std::vector<Id32> LocalState::lost_heads(const SnapshotCatalogue& catalogue) {
  std::vector<Id32> lost;
  for (const Id32& head : known_heads())
    if (!catalogue.accounts_for(head)) lost.push_back(head);
  return lost;
}

void LocalState::remember_heads(const SnapshotCatalogue& catalogue) {
  std::vector<Id32> heads = catalogue.heads();
  const std::vector<Id32> lost = lost_heads(catalogue);
  heads.insert(heads.end(), lost.begin(), lost.end());
  std::sort(heads.begin(), heads.end());
  replace_heads(heads);
}

void LocalState::remember_written(const Id32& record, const std::vector<Id32>& named) {
  std::vector<Id32> heads;
  for (const Id32& head : known_heads())
    if (std::find(named.begin(), named.end(), head) == named.end()) heads.push_back(head);
  heads.push_back(record);
  std::sort(heads.begin(), heads.end());
  replace_heads(heads);
}

void LocalState::replace_heads(const std::vector<Id32>& heads) {
  const std::filesystem::path file = folder_ / "heads";
  if (!replace_local_file(file, encode_heads(repository_, heads)))
    remarks_.push_back(trf("which snapshots this machine saw last is not remembered: cannot write {}", file.string()));
}

}  // namespace igudar
