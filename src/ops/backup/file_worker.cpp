#include "ops/backup/file_worker.h"

#include "base/translate.h"
#include "format/entry_codec.h"
#include "fs/metadata_reader.h"

namespace igudar {

namespace {

constexpr int kReadAttempts = 3;

std::vector<Digest> start_digests(const std::vector<DigestAlgorithm>& algorithms) {
  std::vector<Digest> digests;
  for (const DigestAlgorithm algorithm : algorithms) digests.emplace_back(algorithm);
  return digests;
}

std::vector<FileDigest> finish_digests(std::vector<Digest>& digests, const std::vector<DigestAlgorithm>& algorithms) {
  std::vector<FileDigest> values;
  for (std::size_t i = 0; i < algorithms.size(); ++i) values.push_back({algorithms[i], digests[i].finish()});
  return values;
}

void update_with_zeros(std::vector<Digest>& digests, std::uint64_t count) {
  if (digests.empty()) return;
  const Bytes zeros(64 * 1024);
  for (; count > 0; count -= std::min<std::uint64_t>(count, zeros.size()))
    for (Digest& digest : digests)
      digest.update(ByteView(zeros).first(static_cast<std::size_t>(std::min<std::uint64_t>(count, zeros.size()))));
}

}  // namespace

FileWorker::FileWorker(const BackupOptions& options, WriteSession& session, const FastCdc& cdc, RunMonitor& monitor,
                       std::atomic<std::uint64_t>& unreadable)
    : options_(options),
      cdc_(cdc),
      monitor_(monitor),
      unreadable_(unreadable),
      chunks_(session.open_stream(ChunkType::data)),
      cutter_(cdc),
      digests_(start_digests(options.digests)) {}

void FileWorker::report(const std::string& path, const Error& error) {
  ++unreadable_;
  monitor_.problem(path, error);
}

void FileWorker::process(Batch& batch, std::stop_token stop) {
  if (batch.part) {
    process_part(batch, stop);
    return;
  }
  for (BackupItem& item : batch.items) {
    if (stop.stop_requested()) return;
    if (item.state == ItemState::to_read || item.state == ItemState::linked) complete_item(item, batch.places);
  }
}

void FileWorker::complete_item(BackupItem& item, std::vector<OrdinalRange>& places) {
  Entry& entry = *item.entry;
  places_.clear();
  try {
    monitor_.current(entry.path);
    if (item.stat.is_file() && item.state == ItemState::to_read) {
      read_file(item);
    } else {
      MetadataOptions metadata_options;
      metadata_options.on_problem = [&](const Error& error) { report(entry.path, error); };
      complete_metadata(item.source, -1, metadata_options, entry.meta);
      if (entry.meta.type == EntryType::symlink && entry.meta.link_target.empty())
        item.state = ItemState::dropped;  // as reported
    }
    if (item.state != ItemState::to_read) return;  // what is linked the collector encodes, with its content
    encode_entry_value(entry, item.value);
    item.sums = sums_of(entry);
    for (const OrdinalRange& place : places_) append_range(places, place);
  } catch (const Error& error) {
    const bool about_source = error.code() == ErrorCode::io || error.code() == ErrorCode::not_found ||
                              error.code() == ErrorCode::permission || error.code() == ErrorCode::conflict;
    if (storing_ || !about_source) throw;
    item.state = ItemState::dropped;
    report(entry.path, error);
  }
}

// A file that changes while it is read is read again, since a mix of two states is no backup of either; one that never
// rests is kept as it was read last, and said so. So is one that has become large: these are read once.
void FileWorker::read_file(BackupItem& item) {
  Entry& entry = *item.entry;
  for (int attempt = 1;; ++attempt) {
    // The first attempt believes the walk, whose stat is moments old; if that was wrong the second looks again.
    FileReader reader(item.source, item.stat,
                      attempt == 1 ? FileReader::Freshness::trust_expected : FileReader::Freshness::stat_when_opened);
    entry.meta = metadata_of(reader.stat(), options_.with_atime);
    MetadataOptions metadata_options;
    metadata_options.on_problem = [&](const Error& error) { report(entry.path, error); };
    complete_metadata(item.source, reader.fd(), metadata_options, entry.meta);
    read_attempt(reader, entry);
    if (!reader.changed_since_open()) return;
    if (reader.stat().size > kSegment) {
      monitor_.note(trf("{} changed while it was read: what was stored may mix two states", entry.path));
      return;
    }
    if (attempt == kReadAttempts) {
      monitor_.note(trf("{} kept changing while it was read: what was stored may mix two states", entry.path));
      return;
    }
  }
}

void FileWorker::read_attempt(FileReader& reader, Entry& entry) {
  entry.content = {};
  places_.clear();
  entry.digests.clear();
  for (Digest& digest : digests_) digest.reset();
  const std::uint64_t expected = entry.meta.size;
  entry.meta.size = 0;
  if (expected > 0)
    for (const FileRange& range : reader.ranges()) store_range(reader, range, entry);
  entry.digests = finish_digests(digests_, options_.digests);
}

void FileWorker::store_range(const FileReader& reader, const FileRange& range, Entry& entry) {
  if (range.hole) {
    entry.content.extents.push_back({range.size, std::nullopt});
    entry.meta.size += range.size;
    update_with_zeros(digests_, range.size);
    return;
  }
  // More than one segment only when the file has grown since the walk took it for a small one.
  Bytes tail;
  bool at_end = false;
  for (std::uint64_t done = 0; done < range.size && !at_end;) {
    const auto wanted = static_cast<std::size_t>(std::min(kSegment, range.size - done));
    const std::size_t got = reader.read(range.offset + done, cutter_.segment(wanted));
    done += got;
    at_end = got < wanted || done == range.size;  // shorter when the file shrank meanwhile
    const ByteView segment = cutter_.segment(got);
    for (Digest& digest : digests_) digest.update(segment);
    entry.meta.size += got;
    cutter_.guess(at_end);
    cutter_.resolve(tail);
    for (const ByteView chunk : cutter_.chunks()) entry.content.extents.push_back({chunk.size(), store(chunk)});
    tail.assign(cutter_.tail().begin(), cutter_.tail().end());
  }
}

ChunkId FileWorker::store(ByteView chunk) {
  storing_ = true;
  const ChunkId id = chunks_->add(chunk, places_);
  storing_ = false;
  return id;
}

void FileWorker::process_part(Batch& batch, std::stop_token stop) {
  LargePart& part = *batch.part;
  SegmentHandOff before;
  if (part.range.hole || part.starts_run) {
    // Only the state of the digests, and whether the file is lost, come over a hole.
    if (part.from) {
      std::optional<SegmentHandOff> received = part.from->wait(stop);
      if (!received) return;
      before = std::move(*received);
    } else {
      before.digests = start_digests(options_.digests);
    }
    before.tail.clear();
  }
  if (part.range.hole) {
    part.extents.push_back({part.range.size, std::nullopt});
    update_with_zeros(before.digests, part.range.size);
    if (part.last && !before.failed) part.file->item.entry->digests = finish_digests(before.digests, options_.digests);
    if (part.to) part.to->set(std::move(before));
    return;
  }

  // The bytes are read and cut provisionally before waiting for the part in front.
  std::optional<Error> failure;
  try {
    monitor_.current(part.file->item.entry->path);
    MutableByteView segment = cutter_.segment(static_cast<std::size_t>(part.range.size));
    std::size_t got = segment.size();
    if (part.file->reader) {
      got = part.file->reader->read(part.range.offset, segment);
    } else if (got > 0) {
      std::memcpy(segment.data(), part.preloaded.data(), got);
      part.preloaded = Buffer();
    }
    if (got < segment.size())
      throw Error(ErrorCode::io, tr("the file became shorter while it was read"), tr("Run the backup again."));
    cutter_.guess(part.ends_run);
  } catch (const Error& error) {
    failure = error;
  }
  if (!part.starts_run) {
    std::optional<SegmentHandOff> received = part.from->wait(stop);
    if (!received) return;
    before = std::move(*received);
  }
  if (failure || before.failed) {
    // One report for a file, however many of its parts cannot be read.
    if (!before.failed) report(part.file->item.entry->path, *failure);
    before.failed = true;
    part.file->item.state = ItemState::dropped;
    if (part.to) part.to->set(std::move(before));
    return;
  }
  cut_segment(part, std::move(before), batch.places);
}

void FileWorker::cut_segment(LargePart& part, SegmentHandOff before, std::vector<OrdinalRange>& places) {
  const ByteView segment = cutter_.segment(static_cast<std::size_t>(part.range.size));
  part.bytes_read = segment.size();
  cutter_.resolve(before.tail);
  for (Digest& digest : before.digests) digest.update(segment);
  if (part.last) part.file->item.entry->digests = finish_digests(before.digests, options_.digests);
  if (part.to) {
    before.tail = copy_of(cutter_.tail());
    part.to->set(std::move(before));
  }
  for (const ByteView chunk : cutter_.chunks()) part.extents.push_back({chunk.size(), chunks_->add(chunk, places)});
}

}  // namespace igudar
