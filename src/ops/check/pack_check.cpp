#include "ops/check/pack_check.h"

#include <algorithm>

#include "base/translate.h"
#include "format/sealed_record.h"

namespace igudar {

namespace {

constexpr std::uint64_t kLargestTail = 512U << 20;

// What follows the frames: table of contents, parity, block hashes, footer.
struct PackTail {
  PackFooter footer;
  Bytes footer_bytes;
  Bytes rest;  // all before the footer, from the table of contents on

  ByteView toc() const { return ByteView(rest).first(static_cast<std::size_t>(footer.toc_size)); }
  ByteView hashes() const { return ByteView(rest).last(static_cast<std::size_t>(footer.hashes_size())); }
};

class PackCheck {
 public:
  PackCheck(const Repository& repository, const BlobIndex& index, const IndexedPacks& indexed, const ObjectInfo& object,
            Findings& findings, const std::stop_token& stop)
      : repository_(repository), index_(index), object_(object), findings_(findings), stop_(stop) {
    contents_.pack = {*parse_pack_id(object.name.id), PackType::data, object.size};
    std::tie(first_, last_) = indexed.equal_range(contents_.pack.name);
  }

  PackContents run() {
    check_size();
    std::optional<TableOfContents> toc;
    if (const std::optional<PackTail> tail = read_tail()) {
      contents_.pack.type = tail->footer.type;
      take_hashes(*tail);
      toc = read_toc(*tail);
    }
    if (toc)
      use_toc(*toc);
    else
      use_index();
    if (contents_.sound && !is_indexed())
      findings_.remark(
          name(),
          tr("not in the index: if nothing is missing, an interrupted run left it and the next prune removes it"));
    return std::move(contents_);
  }

 private:
  std::string name() const { return object_.name.to_string(); }
  bool is_indexed() const { return first_ != last_; }

  void report(const std::string& text) {
    contents_.sound = false;
    if (is_indexed())
      findings_.damage(Topic::pack, name(), text);
    else
      findings_.remark(name(), trf("not in the index, and damaged: {}", text));
  }

  void check_size() {
    for (auto each = first_; each != last_; ++each)
      if (each->second.size != object_.size)
        report(trf("its size is {} bytes, and {} says {}", object_.size, each->second.segment, each->second.size));
  }

  std::optional<PackTail> read_tail() {
    try {
      if (object_.size < kHeaderSize + kFooterSize) throw Error(ErrorCode::truncated, tr("it is too short for a pack"));
      PackTail tail;
      tail.footer_bytes.resize(kFooterSize);
      const std::uint64_t end = object_.size - kFooterSize;
      repository_.store().get_range(object_.name, end, tail.footer_bytes, stop_);
      tail.footer = decode_footer(tail.footer_bytes, object_.size);
      if (end - tail.footer.toc_offset > kLargestTail) throw Error(ErrorCode::damaged, tr("its footer is damaged"));
      tail.rest.resize(static_cast<std::size_t>(end - tail.footer.toc_offset));
      repository_.store().get_range(object_.name, tail.footer.toc_offset, tail.rest, stop_);
      return tail;
    } catch (const Error& error) {
      if (!is_about_object(error)) throw;
      if (error.code() == ErrorCode::not_found) {
        vanished_ = true;
        contents_.sound = false;
        if (is_indexed()) findings_.absence(Topic::pack, name(), error.what());
      } else {
        report(trf("its end cannot be used ({}); the index still knows what is in it", error.what()));
      }
      return std::nullopt;
    }
  }

  void take_hashes(const PackTail& tail) {
    // The root covers neither itself nor the zero bytes behind it.
    const ByteView zeros = ByteView(tail.footer_bytes).subspan(80, 8);
    if (std::any_of(zeros.begin(), zeros.end(), [](std::uint8_t byte) { return byte != 0; }))
      report(tr("its footer is damaged"));
    if (!footer_covers(tail.footer_bytes, tail.hashes())) return report(tr("its block hashes are damaged"));
    contents_.hashes = copy_of(tail.hashes());
    contents_.hashed_size = tail.footer.hashes_offset;
  }

  std::optional<TableOfContents> read_toc(const PackTail& tail) {
    try {
      TableOfContents toc = decode_toc(open_record(repository_.keys().index_keys().of(tail.footer.epoch), kTocInfo,
                                                   contents_.pack.name.view(), tail.toc()));
      std::uint64_t end = kHeaderSize;
      bool types_fit = true;
      for (const FrameInfo& frame : toc.frames) {
        end += frame.sealed_size();
        types_fit = types_fit && pack_type_of(frame.type) == tail.footer.type;
      }
      if (end == tail.footer.toc_offset && types_fit) return toc;
      report(tr("its table of contents does not fit its frames"));
    } catch (const Error& error) {
      if (!is_about_object(error)) throw;
      report(trf("its table of contents is damaged ({}), or it is another pack's; the index still knows what is in it",
                 error.what()));
    }
    return std::nullopt;
  }

  void use_toc(TableOfContents& toc) {
    IndexSegment own;
    own.add_pack(contents_.pack, toc);
    const PackFingerprint fingerprint = fingerprints_of(own).at(contents_.pack.name);
    for (auto each = first_; each != last_; ++each)
      if (each->second.contents != fingerprint || each->second.type != contents_.pack.type)
        report(trf("its table of contents and {} do not say the same", each->second.segment));
    std::uint64_t offset = kHeaderSize;
    std::size_t chunk = 0;
    for (const FrameInfo& info : toc.frames) {
      contents_.frames.push_back({offset, info, chunk});
      offset += info.sealed_size();
      chunk += info.chunks;
    }
    contents_.sessions = std::move(toc.sessions);
    contents_.ids = std::move(toc.ids);
    contents_.sizes = std::move(toc.sizes);
  }

  // Gathers the pack's frames and their chunks from the first segment that has them.
  void use_index() {
    if (!is_indexed() || vanished_) return;
    const std::shared_ptr<const BlobIndex::Segments> segments = index_.segments();
    for (const BlobIndex::LoadedSegment& segment : *segments)
      if (take_from(*segment.rows)) return;
  }

  bool take_from(const MappedSegment& rows) {
    std::map<std::uint32_t, std::size_t> places;  // of the segment's frames in the pack's
    for (std::uint32_t i = 0; i < rows.frame_count(); ++i) {
      const SegmentFrame frame = rows.frame(i);
      if (rows.pack(frame.pack).name != contents_.pack.name) continue;
      contents_.pack.type = rows.pack(frame.pack).type;
      places[i] = contents_.frames.size();
      contents_.frames.push_back({frame.offset, frame.info, contents_.ids.size()});
      contents_.frames.back().info.session = static_cast<std::uint32_t>(contents_.sessions.size());
      contents_.sessions.push_back(rows.session(frame.info.session));
      contents_.ids.resize(contents_.ids.size() + frame.info.chunks);
    }
    contents_.sizes.resize(contents_.ids.size());
    MappedSegment::ChunkRecord record;
    for (std::uint64_t i = 0; i < rows.chunk_count() && !places.empty(); ++i) {
      rows.read_records(i, 1, &record);
      const auto place = places.find(record.frame);
      if (place == places.end() || record.number >= contents_.frames[place->second].info.chunks) continue;
      const std::size_t chunk = contents_.frames[place->second].first_chunk + record.number;
      contents_.ids[chunk] = record.id;
      contents_.sizes[chunk] = record.size;
    }
    std::sort(contents_.frames.begin(), contents_.frames.end(),
              [](const PackContents::Frame& a, const PackContents::Frame& b) { return a.offset < b.offset; });
    return !places.empty();
  }

  const Repository& repository_;
  const BlobIndex& index_;
  const ObjectInfo& object_;
  Findings& findings_;
  const std::stop_token stop_;
  IndexedPacks::const_iterator first_;
  IndexedPacks::const_iterator last_;
  PackContents contents_;
  bool vanished_ = false;
};

}  // namespace

PackContents check_pack(const Repository& repository, const BlobIndex& index, const IndexedPacks& indexed,
                        const ObjectInfo& object, Findings& findings, std::stop_token stop) {
  return PackCheck(repository, index, indexed, object, findings, stop).run();
}

}  // namespace igudar
