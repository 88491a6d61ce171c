#include "repo/files_cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fcntl.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/descriptor_io.h"
#include "base/hex.h"
#include "crypto/aead.h"
#include "crypto/kdf.h"
#include "crypto/keyed_hash.h"
#include "crypto/random.h"
#include "format/byte_reader.h"
#include "format/byte_writer.h"
#include "repo/local_file.h"

namespace igudar {

namespace {

constexpr const char* kWhat = "files cache";
constexpr std::string_view kMagic = "IGDRFC01";
constexpr std::size_t kSaltSize = 32;
constexpr std::size_t kTagSize = 16;
constexpr std::size_t kRecordHeader = 4 + kTagSize;  // sealed size, tag
constexpr std::size_t kPlaceSize = 16;               // first 8 bytes of the tag, offset
constexpr std::size_t kFooterSize = kMagic.size() + 32 + 8 + 8 + 8 + 32;
constexpr std::size_t kWindow = 256U << 10;
constexpr std::uint64_t kLargestRecord = 256U << 20;

struct Place {
  std::uint64_t tag = 0;
  std::uint64_t offset = 0;
  auto operator<=>(const Place&) const = default;
};

// The keys of one file: where an entry is, and under what it is sealed, both from its path.
class EntryKeys {
 public:
  EntryKeys(const Repository& repository, ByteView salt)
      : hash_(hkdf_sha256(repository.keys().id_key(), salt, "igudar files cache", 32).view()),
        cipher_(AeadCipher::aes_256_gcm, SecretBytes(kAeadKeySize).view()) {}

  Id16 tag(const std::string& key) { return Id16::from(hash_.hash(0, view_of(key)).view().first(kTagSize)); }
  // Valid until the next call.
  Aead& cipher(const std::string& key) {
    Id32 entry_key = hash_.hash(1, view_of(key));
    cipher_.set_key(entry_key.view());
    wipe(entry_key.bytes);
    return cipher_;
  }
  Id32 footer_hash(ByteView footer) { return hash_.hash(2, footer); }

 private:
  KeyedHash hash_;
  Aead cipher_;
};

std::filesystem::path folder_of(const Repository& repository) {
  return repository.cache_folder() / "files";
}

std::filesystem::path path_of(const Repository& repository, const FilesCacheName& name) {
  return folder_of(repository) / (to_hex(name.host.view()) + to_hex(name.paths.view()));
}

}  // namespace

struct FilesCacheWriter::State {
  explicit State(EntryKeys entry_keys) : keys(std::move(entry_keys)) {}

  void write(ByteView bytes) {
    if (pending.size() + bytes.size() > kWindow) flush();
    append(pending, bytes);
    end += bytes.size();
  }
  void flush() {
    if (usable && write_fully(file.get(), pending) != 0) usable = false;
    pending.clear();
  }

  // Without a name until the end, where the file system can: nothing is left of a run that is killed.
  void create(const std::filesystem::path& folder) {
    file = UniqueFd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (file.valid()) return;
    temporary = target.string() + ".XXXXXX";
    file = UniqueFd(::mkostemp(temporary.data(), O_CLOEXEC));  // made with mode 0600
    usable = file.valid();
  }
  bool replace_target() {
    if (temporary.empty()) {
      temporary = target.string() + "." + to_hex(random_id<8>().view());
      const std::string unnamed = "/proc/self/fd/" + std::to_string(file.get());
      if (::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, temporary.c_str(), AT_SYMLINK_FOLLOW) != 0) return false;
    }
    if (::rename(temporary.c_str(), target.c_str()) != 0) return false;
    temporary.clear();
    return true;
  }

  EntryKeys keys;
  std::filesystem::path target;
  std::string temporary;  // empty while the file has no name of its own
  UniqueFd file;
  bool usable = true;
  Bytes pending;
  Bytes plain;
  std::uint64_t end = 0;
  std::vector<Place> places;
};

FilesCacheWriter::FilesCacheWriter(const Repository& repository, const FilesCacheName& name) {
  Bytes salt(kSaltSize);
  fill_random(salt);
  state_ = std::make_unique<State>(EntryKeys(repository, salt));
  make_private_folder(folder_of(repository));
  state_->target = path_of(repository, name);
  state_->create(folder_of(repository));
  state_->write(salt);
}

FilesCacheWriter::~FilesCacheWriter() {
  if (!state_->temporary.empty()) ::unlink(state_->temporary.c_str());
}

void FilesCacheWriter::add(const std::string& key, ByteView value, const std::vector<ChunkId>& below) {
  if (!state_->usable) return;
  Bytes& plain = state_->plain;
  plain.clear();
  ByteWriter writer(plain);
  writer.bytes(value);
  for (const ChunkId& id : below) writer.raw(id.view());
  if (plain.size() + kAeadTagSize > kLargestRecord) return;  // it is read anew

  const Id16 tag = state_->keys.tag(key);
  Bytes record;
  ByteWriter(record).u32(static_cast<std::uint32_t>(plain.size() + kAeadTagSize));
  append(record, tag.view());
  record.resize(kRecordHeader + plain.size() + kAeadTagSize);
  state_->keys.cipher(key).seal(counter_nonce(0), {}, plain, MutableByteView(record).subspan(kRecordHeader));
  state_->places.push_back({tag.prefix(), state_->end});
  state_->write(record);
}

void FilesCacheWriter::commit(const SnapshotId& snapshot, TimeNs scan_time) {
  const std::uint64_t records_end = state_->end;
  std::sort(state_->places.begin(), state_->places.end());
  for (const Place& place : state_->places) {
    Bytes encoded;
    ByteWriter writer(encoded);
    writer.u64(place.tag);
    writer.u64(place.offset);
    state_->write(encoded);
  }
  Bytes footer = copy_of(view_of(kMagic));
  ByteWriter writer(footer);
  writer.raw(snapshot.view());
  writer.i64(scan_time);
  writer.u64(records_end);
  writer.u64(state_->places.size());
  append(footer, state_->keys.footer_hash(footer).view());
  state_->write(footer);
  state_->flush();
  state_->usable = state_->usable && state_->replace_target();
}

struct FilesCache::State {
  State(UniqueFd opened, EntryKeys entry_keys) : file(std::move(opened)), keys(std::move(entry_keys)) {}

  // `size` bytes at `offset`, before records_end, through the window. Empty when they cannot be had.
  ByteView read(std::uint64_t offset, std::uint64_t size) {
    if (size > records_end || offset > records_end - size) return {};
    if (offset < window_begin || offset + size > window_begin + window.size()) {
      window.resize(static_cast<std::size_t>(std::min(std::max<std::uint64_t>(size, kWindow), records_end - offset)));
      std::size_t done = 0;
      if (read_fully_at(file.get(), offset, window, done) != 0) done = 0;
      window.resize(done);
      window_begin = offset;
      if (done < size) return {};
    }
    return ByteView(window).subspan(static_cast<std::size_t>(offset - window_begin), static_cast<std::size_t>(size));
  }
  std::optional<Id16> tag_at(std::uint64_t offset) {
    const ByteView header = read(offset, kRecordHeader);
    if (header.empty()) return std::nullopt;
    return Id16::from(header.last(kTagSize));
  }
  void load_places() {
    if (!places.empty() || count == 0) return;
    Bytes encoded(static_cast<std::size_t>(count * kPlaceSize));
    std::size_t done = 0;
    if (read_fully_at(file.get(), records_end, encoded, done) != 0 || done < encoded.size()) {
      count = 0;
      return;
    }
    ByteReader reader(encoded, kWhat);
    places.reserve(static_cast<std::size_t>(count));
    while (!reader.done()) {
      const std::uint64_t tag = reader.u64();
      places.push_back({tag, reader.u64()});
    }
  }
  std::optional<std::uint64_t> locate(const Id16& tag) {
    if (tag_at(next) == tag) return next;
    load_places();
    for (auto place = std::lower_bound(places.begin(), places.end(), Place{tag.prefix(), 0});
         place != places.end() && place->tag == tag.prefix(); ++place)
      if (tag_at(place->offset) == tag) return place->offset;
    return std::nullopt;
  }

  UniqueFd file;
  EntryKeys keys;
  SnapshotId snapshot;
  TimeNs scan_time = 0;
  std::uint64_t records_end = 0;
  std::uint64_t count = 0;
  std::uint64_t next = kSaltSize;  // where the record after the last one found begins
  std::vector<Place> places;       // once they were needed
  std::uint64_t window_begin = 0;
  Bytes window;
  Bytes plain;
  CachedEntry entry;
};

FilesCache::FilesCache(std::unique_ptr<State> state) : state_(std::move(state)) {}
FilesCache::~FilesCache() = default;
FilesCache::FilesCache(FilesCache&&) noexcept = default;
FilesCache& FilesCache::operator=(FilesCache&&) noexcept = default;

std::optional<FilesCache> FilesCache::open(const Repository& repository, const FilesCacheName& name) {
  UniqueFd file(::open(path_of(repository, name).c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!file.valid() || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size < kSaltSize + kFooterSize) return std::nullopt;
  Bytes salt(kSaltSize);
  Bytes footer(kFooterSize);
  std::size_t done = 0;
  if (read_fully_at(file.get(), 0, salt, done) != 0 || done < salt.size()) return std::nullopt;
  if (read_fully_at(file.get(), size - kFooterSize, footer, done) != 0 || done < footer.size()) return std::nullopt;

  auto state = std::make_unique<State>(std::move(file), EntryKeys(repository, salt));
  ByteReader reader(footer, kWhat);
  const bool ours = text_of(reader.take(kMagic.size())) == kMagic;
  state->snapshot = reader.id<32>();
  state->scan_time = reader.i64();
  state->records_end = reader.u64();
  state->count = reader.u64();
  const Id32 expected = state->keys.footer_hash(ByteView(footer).first(kFooterSize - 32));
  if (!ours || !secret_equal(expected.view(), reader.take(32))) return std::nullopt;
  if (state->records_end < kSaltSize || state->count > size / kPlaceSize ||
      state->records_end + state->count * kPlaceSize + kFooterSize != size)
    return std::nullopt;
  return FilesCache(std::move(state));
}

const SnapshotId& FilesCache::snapshot() const {
  return state_->snapshot;
}
TimeNs FilesCache::scan_time() const {
  return state_->scan_time;
}

const CachedEntry* FilesCache::find(const std::string& key) {
  const std::optional<std::uint64_t> offset = state_->locate(state_->keys.tag(key));
  if (!offset) return nullptr;
  const std::uint32_t size = ByteReader(state_->read(*offset, kRecordHeader), kWhat).u32();
  const ByteView sealed = state_->read(*offset + kRecordHeader, size);
  if (sealed.size() < kAeadTagSize) return nullptr;
  Bytes& plain = state_->plain;
  plain.resize(sealed.size() - kAeadTagSize);
  if (!state_->keys.cipher(key).open(counter_nonce(0), {}, sealed, plain)) return nullptr;
  state_->next = *offset + kRecordHeader + size;

  ByteReader reader(plain, kWhat);
  CachedEntry& entry = state_->entry;
  entry.value = copy_of(reader.bytes());
  entry.below.clear();
  while (!reader.done()) entry.below.push_back(reader.id<32>());
  return &entry;
}

}  // namespace igudar
