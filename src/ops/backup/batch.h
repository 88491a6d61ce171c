#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "concurrency/one_shot.h"
#include "crypto/hash.h"
#include "format/entry.h"
#include "format/table_page.h"
#include "fs/file_reader.h"
#include "fs/tree_walker.h"

namespace igudar {

// What travels through the stages of a backup: batches of entries, in the order of the snapshot.

// Files larger than this are read by several workers at once, in segments of this size.
constexpr std::uint64_t kSegment = 8U << 20;

enum class ItemState {
  unchanged,  // `value` is the parent's, to be taken over
  to_read,    // a worker completes it
  linked,     // another name of a file that is read earlier in this run
  dropped     // could not be read: not part of the snapshot
};

struct BackupItem {
  ItemState state = ItemState::unchanged;
  std::string key;  // in the table
  Bytes value;      // the encoded entry, once complete
  PageSums sums;
  std::vector<ChunkId> below;  // as CachedEntry has it, where a files cache is kept
  bool existed = false;        // in the parent: changed rather than new
  // Of what a worker completes:
  std::unique_ptr<Entry> entry;
  SourceName source;
  FileStat stat;
};

// The bytes that one segment leaves to the next: since the last true cut, with the state of the digests.
struct SegmentHandOff {
  Bytes tail;
  std::vector<Digest> digests;
  bool failed = false;  // the file could not be read
};

// A file (or stream) that several workers read at once.
struct LargeFile {
  BackupItem item;
  std::unique_ptr<FileReader> reader;  // none for a stream, whose segments come with their bytes
};

// A part of a large file: a run of bytes or a hole.
struct LargePart {
  std::shared_ptr<LargeFile> file;
  FileRange range;
  bool starts_run = false;                        // chunking starts anew here: file start, after a hole
  bool ends_run = false;                          // nothing follows, or a hole
  bool last = false;                              // of the file
  Buffer preloaded;                               // a stream's bytes
  std::shared_ptr<OneShot<SegmentHandOff>> from;  // what the part before leaves
  std::shared_ptr<OneShot<SegmentHandOff>> to;
  std::vector<Extent> extents;  // result
  std::uint64_t bytes_read = 0;
};

struct Batch {
  std::vector<BackupItem> items;
  std::unique_ptr<LargePart> part;  // then `items` is empty
  // Where the chunks of all that is in here lie, those of extent lists and what is below them included.
  std::vector<OrdinalRange> places;
  std::uint64_t content_bytes = 0;  // to be read
  bool needs_worker = false;
  OneShot<Done> done;

  std::size_t memory_cost() const;
};
using BatchPtr = std::shared_ptr<Batch>;

}  // namespace igudar
