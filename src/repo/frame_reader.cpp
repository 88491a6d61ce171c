#include "repo/frame_reader.h"

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "repo/damaged_object.h"

namespace igudar {

FrameReader::FrameReader(const Repository& repository) : repository_(repository), keys_(repository.keys()) {}

void FrameReader::read(const FrameLocation& location, Buffer& plain, std::stop_token stop) {
  sealed_.resize(static_cast<std::size_t>(location.info.sealed_size()));
  const ObjectName pack = pack_object(location.pack.name);
  try {
    repository_.store().get_range(pack, location.offset, sealed_.span(), stop);
  } catch (Error& error) {
    error.with_context(pack.to_string());
    throw;
  }
  open(location, sealed_.view(), plain);
}

void FrameReader::open(const FrameLocation& location, ByteView sealed, Buffer& plain) {
  try {
    check_frame_info(location.info);
    SuiteCipher& cipher = keys_.cipher_for(location.info.type, location.session, location.info.stream);
    open_frame(cipher, location.session.epoch, location.session.id, location.info, sealed, compressor_, scratch_,
               plain);
  } catch (Error& error) {
    error.with_context(trf("{} at offset {}", pack_object(location.pack.name).to_string(), location.offset));
    throw;
  }
}

ChunkReader::ChunkReader(const Repository& repository, const BlobIndex& index, OnLostCopy on_lost_copy,
                         std::size_t cache_bytes)
    : ChunkReader(repository, std::shared_ptr<const BlobIndex>(std::shared_ptr<void>(), &index), nullptr,
                  std::move(on_lost_copy), cache_bytes) {}

ChunkReader::ChunkReader(const Repository& repository, ReaderIndex& index, OnLostCopy on_lost_copy,
                         std::size_t cache_bytes)
    : ChunkReader(repository, index.current(), &index, std::move(on_lost_copy), cache_bytes) {}

ChunkReader::ChunkReader(const Repository& repository, std::shared_ptr<const BlobIndex> index, ReaderIndex* newer,
                         OnLostCopy on_lost_copy, std::size_t cache_bytes)
    : index_(std::move(index)),
      newer_(newer),
      reader_(repository),
      on_lost_copy_(std::move(on_lost_copy)),
      cache_bytes_(cache_bytes) {
  if (repository.keys().capability() != Capability::maintain) hasher_ = repository.keys().chunk_hasher();
}

const Buffer& ChunkReader::frame(const ChunkLocation& location, std::stop_token stop) {
  const auto known = by_key_.find(location.frame_key());
  if (known != by_key_.end()) {
    frames_.splice(frames_.begin(), frames_, known->second);
    return frames_.front().second;
  }
  if (const auto lost = lost_frames_.find(location.frame_key()); lost != lost_frames_.end()) throw Error(lost->second);
  Buffer plain;
  while (!frames_.empty() && cached_bytes_ > cache_bytes_) {  // its memory serves again
    plain = std::move(frames_.back().second);
    cached_bytes_ -= plain.size();
    by_key_.erase(frames_.back().first);
    frames_.pop_back();
  }
  try {
    reader_.read(index_->frame(location), plain, stop);
  } catch (const Error& error) {
    if (is_loss(error)) lost_frames_.emplace(location.frame_key(), error);
    throw;
  }
  cached_bytes_ += plain.size();
  frames_.emplace_front(location.frame_key(), std::move(plain));
  by_key_[location.frame_key()] = frames_.begin();
  return frames_.front().second;
}

ByteView ChunkReader::read(ChunkType type, const ChunkId& id, std::stop_token stop) {
  for (bool looked_again = false;; looked_again = true) {
    std::vector<ChunkLocation> copies = index_->copies(id);
    // An id is that of one type: who asks for another one is wrong, and the copy is not damaged therefore.
    const auto others =
        std::erase_if(copies, [&](const ChunkLocation& copy) { return index_->frame(copy).info.type != type; });
    if (copies.empty() && others > 0)
      throw Error(ErrorCode::damaged, trf("chunk {} is of another type than it is used for", to_hex(id.view())));
    std::optional<ReaderIndex::Missing> missing;
    if (copies.empty()) missing = ReaderIndex::Missing::chunk;
    Failures failures;
    for (const ChunkLocation& copy : copies) {
      try {
        const ByteView chunk = read_copy(type, id, copy, stop);
        report(failures);
        return chunk;
      } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted) throw;
        if (error.code() == ErrorCode::not_found) missing = ReaderIndex::Missing::pack;
        failures.emplace_back(copy, error);
      }
    }
    if (missing && !looked_again && look_again(*missing, stop)) continue;
    report(failures);
    if (!failures.empty()) throw Error(failures.front().second);
    throw Error(ErrorCode::damaged, trf("chunk {} is missing: no pack in the index has it", to_hex(id.view())),
                tr("Run 'igudar check' to see what is affected."));
  }
}

void ChunkReader::report(const Failures& failures) const {
  for (const auto& [copy, error] : failures)
    if (on_lost_copy_ && is_loss(error)) on_lost_copy_(copy, error);
}

bool ChunkReader::look_again(ReaderIndex::Missing what, const std::stop_token& stop) {
  if (newer_ == nullptr || !newer_->look_again(index_, what, stop)) return false;
  index_ = newer_->current();
  frames_.clear();  // they go by their places in the older one
  by_key_.clear();
  lost_frames_.clear();
  cached_bytes_ = 0;
  return true;
}

ByteView ChunkReader::read_copy(ChunkType type, const ChunkId& id, const ChunkLocation& copy,
                                const std::stop_token& stop) {
  const ByteView plain = frame(copy, stop).view();
  if (copy.offset > plain.size() || copy.size > plain.size() - copy.offset)
    throw Error(ErrorCode::damaged, trf("chunk {} lies outside its frame", to_hex(id.view())));
  const ByteView chunk = plain.subspan(copy.offset, copy.size);
  if (hasher_ && hasher_->id(type, chunk) != id)
    throw Error(ErrorCode::damaged, trf("chunk {} does not have the content its id names", to_hex(id.view())));
  return chunk;
}

}  // namespace igudar
