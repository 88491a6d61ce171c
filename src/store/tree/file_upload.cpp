#include "store/tree/file_upload.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/translate.h"
#include "concurrency/deadline.h"
#include "store/checks.h"
#include "store/tree/block_sum.h"

namespace igudar {

namespace {

constexpr std::chrono::seconds kRemovalPatience{2};

}  // namespace

void RemoteTemporary::add_block(ByteView bytes) {
  written_ = true;
  size_ += bytes.size();
  sums_.push_back(block_sum(bytes));
}

void RemoteTemporary::set_whole(ByteView content, RemoteFiles::Persistence persistence) {
  add_block(content);
  durable_ = persistence == RemoteFiles::Persistence::durable;
}

void RemoteTemporary::require_size(std::uint64_t found) const {
  if (found != size_)
    throw Error(ErrorCode::io, trf("{} has {} bytes after {} were written to it", files_->url(path_), found, size_),
                tr("Has the server crashed, or does it lose what is written? Look at it, then run the command again."));
}

void RemoteTemporary::make_read_only(std::stop_token stop) {
  if (!durable_) require_size(files_->seal(path_, RemoteFiles::Persistence::written, std::move(stop)));
}

void RemoteTemporary::make_durable(std::stop_token stop) {
  if (durable_) return;
  require_size(files_->seal(path_, RemoteFiles::Persistence::durable, stop));
  if (files_->lost_connections() != lost_connections_) compare_content(std::move(stop));
  durable_ = true;
}

void RemoteTemporary::compare_content(std::stop_token stop) const {
  Bytes block(std::min<std::uint64_t>(size_, FileUpload::kBlockBytes));
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    const std::uint64_t offset = i * FileUpload::kBlockBytes;
    const auto wanted = MutableByteView(block).first(std::min<std::uint64_t>(size_ - offset, block.size()));
    if (files_->read(path_, offset, wanted, stop) != wanted.size() || block_sum(wanted) != sums_[i])
      throw Error(ErrorCode::io, trf("{} has lost bytes that were written to it", files_->url(path_)),
                  tr("The server seems to have crashed meanwhile. Run the command again."));
  }
}

bool RemoteTemporary::equals(const std::string& target, std::stop_token stop) const {
  const std::optional<RemoteEntry> entry = files_->stat(target, stop);
  if (!entry || entry->size != size_) return false;
  if (!files_->stat(path_, stop)) return true;
  Bytes ours(std::min<std::uint64_t>(size_, FileUpload::kBlockBytes));
  Bytes theirs(ours.size());
  for (std::uint64_t offset = 0; offset < size_; offset += ours.size())
    if (files_->read(path_, offset, ours, stop) != files_->read(target, offset, theirs, stop) || ours != theirs)
      return false;
  return true;
}

RemoteFiles::Moved RemoteTemporary::publish(const std::string& target, std::stop_token stop) {
  const bool in_doubt = std::exchange(move_in_doubt_, true);
  RemoteFiles::Moved moved = files_->move(path_, target, stop);
  // The answer to an attempt before was lost: perhaps it was carried out, in part or whole.
  if (in_doubt && moved != RemoteFiles::Moved::yes && equals(target, stop)) {
    (void)files_->remove(path_, stop);
    moved = RemoteFiles::Moved::yes;
  }
  move_in_doubt_ = false;
  if (moved == RemoteFiles::Moved::yes) path_.clear();
  return moved;
}

void RemoteTemporary::remove() noexcept {
  if (path_.empty() || !files_) return;
  try {
    const Deadline deadline(kRemovalPatience, {});
    if (written_) (void)files_->remove(path_, deadline.token());
  } catch (const Error&) {
    // Left behind, it is removed by a later run.
  }
  path_.clear();
}

void RemoteTemporary::swap(RemoteTemporary& other) noexcept {
  std::swap(files_, other.files_);
  std::swap(path_, other.path_);
  std::swap(lost_connections_, other.lost_connections_);
  std::swap(size_, other.size_);
  std::swap(sums_, other.sums_);
  std::swap(written_, other.written_);
  std::swap(durable_, other.durable_);
  std::swap(move_in_doubt_, other.move_in_doubt_);
}

FileUpload::FileUpload(std::shared_ptr<RemoteFiles> files, std::string path, const Retry& retry, std::stop_token stop)
    : files_(std::move(files)), retry_(retry), temporary_(files_, std::move(path)), scope_(std::move(stop)) {}

Buffer FileUpload::spare_buffer() {
  return spare_.with([](std::vector<Buffer>& spare) {
    if (spare.empty()) return Buffer(kBlockBytes);
    Buffer buffer = std::move(spare.back());
    spare.pop_back();
    return buffer;
  });
}

void FileUpload::append(ByteView bytes, std::stop_token stop) {
  throw_if_stopped(stop);
  while (!bytes.empty()) {
    const ByteView part = bytes.first(std::min(bytes.size(), kBlockBytes - gathered_.size()));
    gathered_.append(part);
    bytes = bytes.subspan(part.size());
    if (gathered_.size() == kBlockBytes) hand_over(stop);
  }
}

void FileUpload::hand_over(const std::stop_token& stop) {
  const std::stop_callback forward(stop, [this] { scope_.request_stop(); });
  if (threads_ + 1 < std::max(2U, files_->connections())) {
    scope_.spawn("upload", [this](std::stop_token s) { write_blocks(s); });
    ++threads_;
  }
  temporary_.add_block(gathered_.view());
  Block block{handed_over_, std::exchange(gathered_, spare_buffer())};
  const std::size_t size = block.bytes.size();
  handed_over_ += size;
  if (blocks_.push(std::move(block), size, scope_.token())) return;
  scope_.join();
  throw Error(ErrorCode::interrupted, tr("stopped on request"));
}

void FileUpload::write_blocks(const std::stop_token& stop) {
  while (std::optional<Block> block = blocks_.pop(stop)) {
    retry_.run(stop, [&](unsigned) { files_->write(temporary_.path(), block->offset, block->bytes.view(), stop); });
    block->bytes.clear();
    spare_.with([&](std::vector<Buffer>& spare) { spare.push_back(std::move(block->bytes)); });
  }
}

RemoteTemporary FileUpload::create_whole(RemoteFiles::Persistence persistence, const std::stop_token& stop) {
  std::string path = temporary_.path();
  retry_.run(stop, [&](unsigned number) {
    // A new name each time: the one before may have been written, and be in the way.
    temporary_ = RemoteTemporary(files_, number == 0 ? path : path + "-" + std::to_string(number));
    temporary_.set_whole(gathered_.view(), persistence);
    files_->create(temporary_.path(), gathered_.view(), persistence, stop);
  });
  return std::move(temporary_);
}

RemoteTemporary FileUpload::finish(RemoteFiles::Persistence persistence, std::stop_token stop) {
  throw_if_stopped(stop);
  if (handed_over_ == 0) return create_whole(persistence, stop);
  if (!gathered_.empty()) hand_over(stop);
  {
    const std::stop_callback forward(stop, [this] { scope_.request_stop(); });
    blocks_.close();
    scope_.join();
  }
  throw_if_stopped(scope_.token());
  if (persistence == RemoteFiles::Persistence::durable)
    retry_.run(stop, [&](unsigned) { temporary_.make_durable(stop); });
  return std::move(temporary_);
}

}  // namespace igudar
