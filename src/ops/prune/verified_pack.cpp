#include "ops/prune/verified_pack.h"

#include <algorithm>

#include "base/error.h"
#include "base/translate.h"
#include "repo/blob_index.h"

namespace igudar {

namespace {

constexpr std::uint64_t kReadBytes = 4U << 20;   // frames are read together up to this
constexpr std::uint64_t kGapBytes = 256U << 10;  // and over gaps up to this

}  // namespace

VerifiedPack::VerifiedPack(const ObjectStore& store, const PackName& name, std::uint64_t size,
                           std::vector<FrameSpan> frames, std::stop_token stop)
    : store_(store), pack_(pack_object(name)), frames_(std::move(frames)) {
  if (size < kFooterSize) throw Error(ErrorCode::truncated, tr("the pack is shorter than its footer"));
  Bytes footer(kFooterSize);
  store.get_range(pack_, size - kFooterSize, footer, stop);
  const PackFooter decoded = decode_footer(footer, size);
  hashes_.resize(static_cast<std::size_t>(decoded.hashes_size()));
  store.get_range(pack_, decoded.hashes_offset, hashes_, stop);
  if (!footer_covers(footer, hashes_)) throw Error(ErrorCode::damaged, tr("the pack's block hashes are damaged"));
  end_ = decoded.hashes_offset;
  // A frame that the index puts beyond them cannot be in this pack.
  for (const FrameSpan& frame : frames_)
    if (frame.end() > decoded.toc_offset) throw Error(ErrorCode::damaged, tr("the index does not fit the pack"));
}

VerifiedPack::Run VerifiedPack::run_of(std::size_t first, std::size_t last) const {
  const std::uint64_t begin = frames_[first].offset / kHashBlock * kHashBlock;
  const std::uint64_t end = (frames_[last - 1].end() + kHashBlock - 1) / kHashBlock * kHashBlock;
  return {first, last, begin, std::min(end, end_)};
}

VerifiedPack::Run VerifiedPack::run_from(std::size_t first) const {
  const std::uint64_t begin = frames_[first].offset / kHashBlock * kHashBlock;
  std::size_t last = first + 1;
  for (; last < frames_.size(); ++last) {
    const FrameSpan& next = frames_[last];
    if (next.offset > frames_[last - 1].end() + kGapBytes || next.end() - begin > kReadBytes) break;
  }
  return run_of(first, last);
}

void VerifiedPack::read(const Run& run, Buffer& out, std::stop_token stop) const {
  out.resize(static_cast<std::size_t>(run.end - run.begin));
  store_.get_range(pack_, run.begin, out.span(), stop);
  const ByteView hashes = ByteView(hashes_).subspan(static_cast<std::size_t>(run.begin / kHashBlock) * kBlockHashSize);
  if (const std::vector<std::uint64_t> altered = altered_blocks(out.view(), hashes); !altered.empty())
    throw Error(ErrorCode::damaged,
                trf("the bytes at {} are not those that were stored", run.begin + altered.front() * kHashBlock));
}

ByteView VerifiedPack::frame(const Run& run, std::size_t ordinal, const Buffer& bytes) const {
  return bytes.view().subspan(static_cast<std::size_t>(frames_[ordinal].offset - run.begin),
                              static_cast<std::size_t>(frames_[ordinal].size));
}

}  // namespace igudar
