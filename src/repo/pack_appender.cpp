#include "repo/pack_appender.h"

#include <algorithm>

#include "crypto/random.h"
#include "format/object_header.h"
#include "format/sealed_record.h"
#include "repo/blob_index.h"

namespace igudar {

namespace {
// A pack of very small chunks is closed early, so that an index segment holds whole packs without growing too large.
constexpr std::size_t kMostPackChunks = kMostSegmentChunks / 8;
}  // namespace

// A pack being written: its bytes so far go to the store, its table of contents and block hashes stay here.
struct PackAppender::OpenPack {
  PackName name = random_id<16>();
  PackType type = PackType::data;
  std::unique_ptr<ObjectWriter> writer;
  TableOfContents toc;
  std::uint64_t size = 0;
  Bytes begun_block;  // what was written since the last whole block
  Bytes hashes;

  void write(ByteView bytes, std::stop_token stop) {
    writer->append(bytes, stop);
    size += bytes.size();
    if (!begun_block.empty()) {
      const ByteView part = bytes.first(std::min(kHashBlock - begun_block.size(), bytes.size()));
      igudar::append(begun_block, part);
      bytes = bytes.subspan(part.size());
      if (begun_block.size() == kHashBlock) hash_begun_block();
    }
    const std::size_t whole = bytes.size() / kHashBlock * kHashBlock;
    append_block_hashes(bytes.first(whole), hashes);
    igudar::append(begun_block, bytes.subspan(whole));
  }

  void hash_begun_block() {
    append_block_hashes(begun_block, hashes);
    begun_block.clear();
  }

  std::uint32_t session_ordinal(const SessionRef& session) {
    const auto known = std::find(toc.sessions.begin(), toc.sessions.end(), session);
    if (known != toc.sessions.end()) return static_cast<std::uint32_t>(known - toc.sessions.begin());
    toc.sessions.push_back(session);
    return static_cast<std::uint32_t>(toc.sessions.size() - 1);
  }
};

PackAppender::PackAppender(const Repository& repository) : repository_(repository) {}
PackAppender::~PackAppender() = default;

// Out of open_ while it is written to, so that one which misses bytes is never finished.
std::unique_ptr<PackAppender::OpenPack> PackAppender::take_pack(PackType type, std::stop_token stop) {
  if (std::unique_ptr<OpenPack>& open = open_of(type)) return std::move(open);
  auto pack = std::make_unique<OpenPack>();
  pack->type = type;
  pack->writer = repository_.store().open_writer(pack_object(pack->name), stop);
  Bytes header;
  write_header(header, HeaderKind::pack);
  pack->write(header, stop);
  return pack;
}

void PackAppender::append(const SessionRef& session, SealedFrame& frame, std::stop_token stop) {
  std::unique_ptr<OpenPack> pack = take_pack(pack_type_of(frame.info.type), stop);
  pack->write(frame.sealed.view(), stop);
  frame.info.session = pack->session_ordinal(session);
  TableOfContents& toc = pack->toc;
  toc.frames.push_back(frame.info);
  toc.ids.insert(toc.ids.end(), frame.ids.begin(), frame.ids.end());
  toc.sizes.insert(toc.sizes.end(), frame.sizes.begin(), frame.sizes.end());
  stored_bytes_ += frame.sealed.size();
  frame.ids.clear();
  frame.sizes.clear();
  if (pack->size >= repository_.config().pack_size || toc.ids.size() >= kMostPackChunks)
    finish(std::move(pack), stop);
  else
    open_of(pack->type) = std::move(pack);
}

void PackAppender::finish(std::unique_ptr<OpenPack> pack, std::stop_token stop) {
  PackFooter footer;
  const IndexKeys::Key& key = repository_.keys().index_keys().newest();
  footer.epoch = key.epoch;
  footer.type = pack->type;
  footer.toc_offset = pack->size;
  pack->write(seal_record(key.suite, key.key, kTocInfo, pack->name.view(), encode_toc(pack->toc)), stop);
  footer.toc_size = pack->size - footer.toc_offset;
  footer.parity_offset = footer.hashes_offset = pack->size;
  pack->hash_begun_block();
  const Bytes end = encode_footer(footer, pack->hashes);
  pack->writer->append(pack->hashes, stop);
  pack->writer->append(end, stop);
  pack->writer->finish(Durability::deferred, stop);
  finished_.add_pack({pack->name, pack->type, pack->size + pack->hashes.size() + end.size()}, pack->toc);
}

void PackAppender::finish_packs(std::stop_token stop) {
  for (std::unique_ptr<OpenPack>& pack : open_)
    if (pack) finish(std::move(pack), stop);
}

IndexSegment PackAppender::take_finished() {
  return std::exchange(finished_, {});
}

}  // namespace igudar
