#include "ops/backup/planner.h"

#include <poll.h>
#include <unistd.h>

#include "base/translate.h"
#include "format/entry_codec.h"
#include "fs/metadata_reader.h"

namespace igudar {

namespace {

constexpr std::uint64_t kBatchBytes = 1U << 20;  // content of the small files in a batch
constexpr std::size_t kBatchItems = 512;
constexpr std::size_t kMostLinkedInodes = 1U << 20;
// Timestamps have the granularity of the kernel's tick at best.
constexpr TimeNs kTimestampGranularity = 10'000'000;
constexpr int kStopPollMs = 100;

bool has_digests(const Entry& kept, const std::vector<DigestAlgorithm>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](DigestAlgorithm algorithm) {
    return std::any_of(kept.digests.begin(), kept.digests.end(),
                       [&](const FileDigest& digest) { return digest.algorithm == algorithm; });
  });
}

// False when stopped, even if the stream brings nothing for hours. True also at its end and on errors, which read()
// tells.
bool wait_readable(int fd, const std::stop_token& stop) {
  pollfd stream{fd, POLLIN, 0};
  while (!stop.stop_requested())
    if (const int ready = ::poll(&stream, 1, kStopPollMs); ready > 0 || (ready < 0 && errno != EINTR)) return true;
  return false;
}

}  // namespace

Planner::Planner(const BackupOptions& options, ParentTree* parent, RunMonitor& monitor, Emit emit)
    : options_(options),
      parent_(parent),
      monitor_(monitor),
      emit_(std::move(emit)),
      batch_(std::make_shared<Batch>()) {}

void Planner::report(std::string_view path, const Error& error) {
  ++unreadable_;
  monitor_.problem(path, error);
}

std::optional<ParentTree::Found> Planner::find_in_parent(const std::string& key, const std::stop_token& stop) {
  if (parent_ == nullptr) return std::nullopt;
  return parent_->find(key, stop);
}

bool Planner::is_current(const WalkItem& item, const Entry& kept) const {
  if (options_.force || options_.with_atime != kept.meta.atime.has_value()) return false;
  if (options_.with_atime && *kept.meta.atime != item.stat.atime) return false;
  if (!is_unchanged(item.stat, kept.meta)) return false;
  if (std::max(kept.meta.ctime, kept.meta.mtime) >= parent_->scan_time() - kTimestampGranularity) return false;
  return kept.meta.type != EntryType::file || has_digests(kept, options_.digests);
}

bool Planner::take_over(const WalkItem& walked, const ParentTree::Found& found, BackupItem& item,
                        const std::stop_token& stop) {
  decode_entry_value(found.value, kept_);
  places_.clear();
  if (!is_current(walked, kept_) || !parent_->find_places(found, kept_.content, places_, stop)) return false;
  for (const OrdinalRange& place : places_) append_range(batch_->places, place);
  item.value = copy_of(found.value);
  item.below.assign(found.below.begin(), found.below.end());
  item.sums = sums_of(kept_);
  return true;
}

void Planner::run(TreeWalker& walker, std::stop_token stop) {
  WalkItem walked;
  while (walker.next(walked)) {
    BackupItem item;
    item.key = key_of_path(walked.path);
    item.stat = walked.stat;
    const std::optional<ParentTree::Found> found = find_in_parent(item.key, stop);
    item.existed = found.has_value();
    if (found && take_over(walked, *found, item, stop)) {
      add_item(std::move(item));
      continue;
    }
    item.state = ItemState::to_read;
    item.source = walked.source();
    item.entry = std::make_unique<Entry>();
    item.entry->path = walked.path;
    item.entry->meta = metadata_of(walked.stat, options_.with_atime);
    const bool linked = walked.stat.is_file() && walked.stat.links > 1;
    const std::pair inode(walked.stat.device, walked.stat.inode);
    if (linked && linked_inodes_.contains(inode)) {
      item.state = ItemState::linked;
    } else if (linked && linked_inodes_.size() < kMostLinkedInodes) {
      linked_inodes_.insert(inode);
    }
    const bool large = item.state == ItemState::to_read && walked.stat.is_file() && walked.stat.size > kSegment;
    large ? add_large_file(std::move(item)) : add_item(std::move(item));
  }
  emit_batch();
}

void Planner::add_item(BackupItem item) {
  if (item.state != ItemState::unchanged) batch_->needs_worker = true;
  if (item.state == ItemState::to_read && item.stat.is_file()) batch_->content_bytes += item.stat.size;
  batch_->items.push_back(std::move(item));
  if (batch_->content_bytes >= kBatchBytes || batch_->items.size() >= kBatchItems) emit_batch();
}

void Planner::emit_batch() {
  if (batch_->items.empty()) return;
  emit_(std::exchange(batch_, std::make_shared<Batch>()));
}

void Planner::add_large_file(BackupItem item) {
  emit_batch();
  auto file = std::make_shared<LargeFile>();
  file->item = std::move(item);
  try {
    file->reader = std::make_unique<FileReader>(file->item.source, file->item.stat);
    Metadata& meta = file->item.entry->meta;
    meta = metadata_of(file->reader->stat(), options_.with_atime);
    MetadataOptions metadata_options;
    metadata_options.on_problem = [&](const Error& error) { report(file->item.entry->path, error); };
    complete_metadata(file->item.source, file->reader->fd(), metadata_options, meta);
    const std::vector<FileRange> ranges = file->reader->ranges();
    if (ranges.empty()) {  // emptied since the walk: a worker reads it, as any small file
      file->item.stat = file->reader->stat();
      add_item(std::move(file->item));
      return;
    }
    emit_parts(file, ranges);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    report(file->item.entry->path, error);
  }
}

void Planner::emit_parts(const std::shared_ptr<LargeFile>& file, const std::vector<FileRange>& ranges) {
  std::shared_ptr<OneShot<SegmentHandOff>> before;
  for (std::size_t r = 0; r < ranges.size(); ++r) {
    const FileRange& range = ranges[r];
    const std::uint64_t step = range.hole ? range.size : kSegment;
    for (std::uint64_t at = 0; at < range.size; at += step) {
      auto batch = std::make_shared<Batch>();
      batch->needs_worker = true;
      batch->part = std::make_unique<LargePart>();
      LargePart& part = *batch->part;
      part.file = file;
      part.range = {range.offset + at, std::min(step, range.size - at), range.hole};
      part.starts_run = at == 0;
      part.ends_run = at + part.range.size == range.size;
      part.last = part.ends_run && r + 1 == ranges.size();
      part.from = before;
      if (!part.last) part.to = std::make_shared<OneShot<SegmentHandOff>>();
      before = part.to;
      if (!range.hole) batch->content_bytes = part.range.size;
      emit_(std::move(batch));
    }
  }
}

// The folders that lead to a stream: plain ones of the same owner and time.
void Planner::add_stream_folders(const std::string& path, const Metadata& of_stream, std::stop_token stop) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    BackupItem item;
    item.state = ItemState::to_read;
    item.entry = std::make_unique<Entry>();
    item.entry->path = path.substr(0, slash);
    item.entry->meta = of_stream;
    item.entry->meta.type = EntryType::directory;
    item.entry->meta.mode = 0700;
    item.key = key_of_path(item.entry->path);
    item.existed = find_in_parent(item.key, stop).has_value();
    encode_entry_value(*item.entry, item.value);
    item.sums = sums_of(*item.entry);
    batch_->items.push_back(std::move(item));  // complete: no worker has to look at it
  }
  emit_batch();
}

// The size of a stream is not known: each segment is emitted once the next one shows whether it is the last.
void Planner::run_stream(int fd, const std::string& path, std::stop_token stop) {
  auto file = std::make_shared<LargeFile>();
  BackupItem& item = file->item;
  item.state = ItemState::to_read;
  item.entry = std::make_unique<Entry>();
  item.entry->path = path;
  Metadata& meta = item.entry->meta;
  meta.mode = 0600;
  meta.uid = ::getuid();
  meta.gid = ::getgid();
  meta.user = user_name(meta.uid);
  meta.group = group_name(meta.gid);
  meta.mtime = meta.ctime = options_.time.value_or(wall_clock_ns());
  add_stream_folders(path, meta, stop);
  item.key = key_of_path(path);
  item.existed = find_in_parent(item.key, stop).has_value();

  const auto read_segment = [&] {
    Buffer bytes;
    bytes.resize(kSegment);
    std::size_t filled = 0;
    while (filled < kSegment && wait_readable(fd, stop)) {
      const ssize_t got = ::read(fd, bytes.data() + filled, kSegment - filled);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw_errno(errno, tr("cannot read standard input"));
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
  };
  std::shared_ptr<OneShot<SegmentHandOff>> before;
  std::uint64_t offset = 0;
  for (Buffer segment = read_segment(); !stop.stop_requested();) {
    Buffer following = segment.size() == kSegment ? read_segment() : Buffer();
    auto batch = std::make_shared<Batch>();
    batch->needs_worker = true;
    batch->content_bytes = segment.size();
    batch->part = std::make_unique<LargePart>();
    LargePart& part = *batch->part;
    part.file = file;
    part.range = {offset, segment.size(), false};
    part.starts_run = offset == 0;
    part.last = part.ends_run = following.empty();
    part.from = before;
    if (!part.last) part.to = std::make_shared<OneShot<SegmentHandOff>>();
    before = part.to;
    offset += segment.size();
    part.preloaded = std::move(segment);
    const bool last = part.last;
    emit_(std::move(batch));
    if (last) break;
    segment = std::move(following);
  }
}

std::string stream_path(std::string_view name) {
  std::string path(name);
  while (path.starts_with('/')) path.erase(0, 1);
  while (path.ends_with('/')) path.pop_back();
  bool possible = path.find('\0') == std::string::npos;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string component = path.substr(at, end - at);
    possible = possible && !component.empty() && component != "." && component != "..";
    at = end + 1;
  }
  if (possible) return path;
  throw Error(ErrorCode::usage, trf("a stream cannot be kept under the name '{}'", name),
              tr("Give it the name of a file, such as shop.sql, or a path such as databases/shop.sql."));
}

}  // namespace igudar
