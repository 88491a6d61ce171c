#include "repo/blob_index.h"

#include <algorithm>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "concurrency/task_scope.h"
#include "crypto/hash.h"
#include "repo/local_file.h"

namespace igudar {

namespace {

constexpr std::uint64_t kMostMapped = 64U << 20;  // in all segments; beyond it records are read by pread
constexpr std::uint64_t kLargestSegment = 256U << 20;
constexpr std::uint64_t kBytesPerChunk = 40;  // of a sealed segment, roughly

bool prepare_cache(const Repository& repository) {
  std::error_code error;
  std::filesystem::create_directories(repository.cache_folder() / "index", error);
  std::filesystem::permissions(repository.cache_folder(), std::filesystem::perms::owner_all, error);
  return !error;
}

IndexSegment fetch_segment(const Repository& repository, const Id32& name, std::stop_token stop) {
  Bytes object = repository.store().get(index_object(name), kLargestSegment, stop);
  if (sha256(object) != name)
    throw Error(ErrorCode::damaged, tr("the content of an index segment does not match its name"),
                tr("Put this object back from a copy of the repository. If there is none, move it out of the "
                   "repository and back up "
                   "the same folders again."));
  return decode_index_segment(repository.keys().index_keys(), std::move(object));
}

// From the cache, or fetched and put there, or kept in memory where there is no cache.
std::shared_ptr<const MappedSegment> load_segment(const Repository& repository, const Id32& name, bool map_records,
                                                  BlobIndex::Verify verify, std::stop_token stop) {
  const std::filesystem::path file = cached_segment_file(repository, name);
  if (auto cached = MappedSegment::open(file, map_records, verify)) return cached;
  Buffer bytes = MappedSegment::build(fetch_segment(repository, name, stop));
  if (prepare_cache(repository) && replace_local_file(file, bytes.view()))
    if (auto cached = MappedSegment::open(file, map_records)) return cached;
  return MappedSegment::from_memory(std::move(bytes));
}

// Cached files of segments that are gone from the store.
void remove_stale(const Repository& repository, const std::set<std::string>& present) {
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(repository.cache_folder() / "index", error))
    if (!present.contains(file.path().stem().string())) std::filesystem::remove(file.path(), error);
}

}  // namespace

ObjectName index_object(const Id32& name) {
  return {ObjectKind::index, to_hex(name.view())};
}
std::optional<Id32> parse_index_id(const std::string& id) {
  const std::optional<Bytes> bytes = from_hex(id);
  if (!bytes || bytes->size() != 32) return std::nullopt;
  return Id32::from(*bytes);
}
std::filesystem::path cached_segment_file(const Repository& repository, const Id32& name) {
  return repository.cache_folder() / "index" / (to_hex(name.view()) + ".segment");
}
ObjectName pack_object(const PackName& name) {
  return {ObjectKind::pack, to_hex(name.view())};
}
std::optional<PackName> parse_pack_id(const std::string& id) {
  const std::optional<Bytes> bytes = from_hex(id);
  if (!bytes || bytes->size() != 16) return std::nullopt;
  return PackName::from(*bytes);
}

std::unique_ptr<BlobIndex> BlobIndex::load(const Repository& repository, const std::set<PackName>& absent_packs,
                                           const OnDamage& on_damage, std::stop_token stop, Verify cached) {
  std::unique_ptr<BlobIndex> index(new BlobIndex(repository));
  auto loaded = std::make_shared<Segments>();
  std::set<std::string> present;
  const std::vector<ObjectInfo> objects = repository.store().list(ObjectKind::index, stop);
  std::uint64_t sealed_size = 0;
  for (const ObjectInfo& object : objects) sealed_size += object.size;
  const bool map_records = sealed_size / kBytesPerChunk * sizeof(MappedSegment::ChunkRecord) <= kMostMapped;
  for (const ObjectInfo& object : objects) {
    const std::optional<Id32> name = parse_index_id(object.name.id);
    if (!name) continue;
    present.insert(object.name.id);
    try {
      auto rows = load_segment(repository, *name, map_records, cached, stop);
      loaded->push_back(with_absence(*name, std::move(rows), absent_packs));
    } catch (Error& error) {
      // A segment that vanished since the listing was merged into another by a prune: nothing is wrong with it.
      if (error.code() == ErrorCode::not_found) continue;
      if (!on_damage || error.code() == ErrorCode::interrupted) throw error.with_context(object.name.to_string());
      on_damage(object.name, error);
    }
  }
  remove_stale(repository, present);
  index->state_.with([&](State& state) { state = {std::move(loaded), absent_packs, {}}; });
  index->set_absent(index->unlisted_packs(repository, stop));
  return index;
}

BlobIndex::LoadedSegment BlobIndex::with_absence(const Id32& name, std::shared_ptr<const MappedSegment> rows,
                                                 const std::set<PackName>& absent_packs) {
  std::vector<bool> absent = absence(*rows, absent_packs);
  auto lost = std::make_shared<FrameBits>(rows->frame_count());
  return {name, std::move(rows), std::move(absent), std::move(lost)};
}

std::vector<bool> BlobIndex::absence(const MappedSegment& segment, const std::set<PackName>& absent_packs) {
  std::vector<bool> absent(static_cast<std::size_t>(segment.pack_count()));
  if (!absent_packs.empty())
    for (std::uint32_t i = 0; i < absent.size(); ++i) absent[i] = absent_packs.contains(segment.pack(i).name);
  return absent;
}

// An index entry alone is no evidence (W2): the segment of a prune that lost the race may name packs that are gone. So
// the packs are listed, after the index.
std::set<PackName> BlobIndex::unlisted_packs(const Repository& repository, std::stop_token stop) const {
  std::vector<PackName> listed;  // sorted, as the listing is
  for (const ObjectInfo& object : repository.store().list(ObjectKind::pack, stop))
    if (const std::optional<PackName> name = parse_pack_id(object.name.id)) listed.push_back(*name);
  std::set<PackName> unlisted;
  for (const LoadedSegment& segment : *segments())
    for (std::uint32_t i = 0; i < segment.rows->pack_count(); ++i)
      if (const PackName name = segment.rows->pack(i).name; !std::binary_search(listed.begin(), listed.end(), name))
        unlisted.insert(name);
  return unlisted;
}

std::shared_ptr<const BlobIndex::Segments> BlobIndex::segments() const {
  return state_.with([](const State& state) { return state.segments; });
}

// Calls visit(location) for each copy until it returns true.
template <typename Visit>
void BlobIndex::visit_copies(const ChunkId& id, Visit&& visit) const {
  std::shared_ptr<const Segments> all = segments();
  bool done = false;
  for (std::uint32_t i = 0; i < all->size() && !done;) {
    const LoadedSegment& segment = (*all)[i];
    try {
      done = segment.rows->may_contain(id) && segment.rows->find(id, [&](const MappedSegment::ChunkRecord& record) {
        if (!segment.has(record.frame)) return false;
        return visit(ChunkLocation{i, record.frame, record.number, record.offset, record.size});
      });
      ++i;
    } catch (const Error&) {
      if (!segment.rows->is_damaged()) throw;
      renew(i, segment.rows);
      all = segments();
    }
  }
}

// Frames and packs keep their ordinals, for it is the same segment.
void BlobIndex::renew(std::uint32_t segment, const std::shared_ptr<const MappedSegment>& damaged) const {
  state_.with([&](State& state) {
    const LoadedSegment& known = (*state.segments)[segment];
    if (known.rows != damaged) return;
    std::error_code ignored;
    std::filesystem::remove(cached_segment_file(repository_, known.name), ignored);
    auto changed = std::make_shared<Segments>(*state.segments);
    (*changed)[segment].rows =
        load_segment(repository_, known.name, damaged->has_mapped_records(), Verify::all_but_records, {});
    state.segments = std::move(changed);
  });
}

std::optional<ChunkLocation> BlobIndex::find(const ChunkId& id) const {
  std::optional<ChunkLocation> location;
  visit_copies(id, [&](const ChunkLocation& copy) {
    location = copy;
    return true;
  });
  return location;
}

std::vector<ChunkLocation> BlobIndex::copies(const ChunkId& id) const {
  std::vector<ChunkLocation> locations;
  visit_copies(id, [&](const ChunkLocation& copy) {
    // Those before a damaged block of records come twice.
    if (std::find(locations.begin(), locations.end(), copy) == locations.end()) locations.push_back(copy);
    return false;
  });
  return locations;
}

FrameLocation BlobIndex::frame(const ChunkLocation& location) const {
  return frame(location.segment, location.frame);
}

FrameLocation BlobIndex::frame(std::uint32_t segment, std::uint32_t frame) const {
  const std::shared_ptr<const Segments> all = segments();
  const MappedSegment& rows = *all->at(segment).rows;
  const SegmentFrame found = rows.frame(frame);
  return {rows.pack(found.pack), found.offset, found.info, rows.session(found.info.session)};
}

void BlobIndex::add(const Repository& repository, const Id32& name, const IndexSegment& segment) {
  Buffer bytes = MappedSegment::build(segment);
  std::uint64_t mapped = bytes.size();
  for (const LoadedSegment& known : *segments()) mapped += known.rows->mapped_size();
  std::shared_ptr<const MappedSegment> rows;
  const std::filesystem::path file = cached_segment_file(repository, name);
  if (prepare_cache(repository) && replace_local_file(file, bytes.view()))
    rows = MappedSegment::open(file, mapped <= kMostMapped);
  if (!rows) rows = MappedSegment::from_memory(std::move(bytes));
  state_.with([&](State& state) {
    auto grown = std::make_shared<Segments>(*state.segments);
    grown->push_back(with_absence(name, rows, state.absent_packs));
    state.segments = std::move(grown);
  });
}

void BlobIndex::set_absent(const std::set<PackName>& absent_packs) {
  state_.with([&](State& state) {
    state.absent_packs.insert(absent_packs.begin(), absent_packs.end());
    auto changed = std::make_shared<Segments>(*state.segments);
    for (LoadedSegment& segment : *changed) segment.absent = absence(*segment.rows, state.absent_packs);
    state.segments = std::move(changed);
  });
}

void BlobIndex::set_lost(const ChunkLocation& in_frame) {
  const FrameLocation found = frame(in_frame);
  const FramePlace place{found.pack.name, found.offset};
  state_.with([&](State& state) {
    if (!state.lost.insert(place).second) return;
    const Segments& all = *state.segments;
    all[in_frame.segment].lost->set(in_frame.frame);
    for (std::uint32_t i = 0; i < all.size(); ++i)
      if (i != in_frame.segment) note_lost(all[i], {place});
  });
}

void BlobIndex::set_lost(const std::set<FramePlace>& frames) {
  if (frames.empty()) return;
  state_.with([&](State& state) {
    state.lost.insert(frames.begin(), frames.end());
    for (const LoadedSegment& segment : *state.segments) note_lost(segment, frames);
  });
}

// A pack may be in several segments, but is in few: only of those the frames are looked through.
void BlobIndex::note_lost(const LoadedSegment& segment, const std::set<FramePlace>& frames) {
  const MappedSegment& rows = *segment.rows;
  std::vector<bool> wanted(static_cast<std::size_t>(rows.pack_count()));
  for (std::uint32_t i = 0; i < wanted.size(); ++i) {
    const PackName name = rows.pack(i).name;
    const auto first = frames.lower_bound({name, 0});
    wanted[i] = first != frames.end() && first->first == name;
  }
  if (std::find(wanted.begin(), wanted.end(), true) == wanted.end()) return;
  for (std::uint32_t i = 0; i < rows.frame_count(); ++i)
    if (const SegmentFrame frame = rows.frame(i);
        wanted[frame.pack] && frames.contains({rows.pack(frame.pack).name, frame.offset}))
      segment.lost->set(i);
}

std::set<BlobIndex::FramePlace> BlobIndex::lost() const {
  return state_.with([](const State& state) { return state.lost; });
}

std::uint64_t BlobIndex::chunk_count() const {
  std::uint64_t total = 0;
  for (const LoadedSegment& segment : *segments()) total += segment.rows->chunk_count();
  return total;
}

}  // namespace igudar
