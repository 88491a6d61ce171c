#include "store/sftp/sftp_file.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

namespace {

constexpr unsigned kBeingWritten = 0600;
constexpr unsigned kSealed = 0400;
constexpr std::size_t kReadAhead = std::size_t{4} << 20;  // asked for and not answered yet
constexpr const char* kSync = "fsync@openssh.com";
constexpr const char* kFileSystem = "statvfs@openssh.com";

// What statvfs@openssh.com tells of the file system that holds a path.
struct FileSystem {
  bool full = false;
  bool read_only = false;
};

FileSystem file_system_of(const SftpTarget& target) {
  constexpr std::uint64_t kReadOnly = 1;
  constexpr std::uint64_t kTooLittle = std::uint64_t{1} << 20;
  FileSystem system;
  if (target.connection.is_broken() || !target.connection.offers(kFileSystem)) return system;
  const std::size_t slash = target.path.find_last_of('/');
  const std::string folder = slash == 0 ? "/" : slash == std::string::npos ? "." : target.path.substr(0, slash);
  const SftpReply reply =
      target.connection.ask(SftpType::extended, SftpFields().text(kFileSystem).text(folder), target.stop);
  if (!reply.has(SftpType::extended_reply)) return system;
  SftpFieldReader reader(reply.fields);
  (void)reader.u64();
  const std::uint64_t block = reader.u64();
  (void)reader.u64();
  (void)reader.u64();
  const std::uint64_t free_blocks = reader.u64();
  const std::uint64_t files = reader.u64();
  (void)reader.u64();
  const std::uint64_t free_files = reader.u64();
  (void)reader.u64();
  system.read_only = (reader.u64() & kReadOnly) != 0;
  system.full = free_blocks * block < kTooLittle || (files > 0 && free_files == 0);
  return system;
}

}  // namespace

void SftpTarget::fail(const SftpReply& reply, const std::string& action) const {
  const std::string said = reply.message().empty() ? std::string(tr("the server does not say why")) : reply.message();
  const std::string message = action + ": " + said;
  if (!reply.has(SftpType::status)) throw Error(ErrorCode::io, action + ": " + tr("unexpected answer"));
  switch (reply.status()) {
    case SftpStatus::no_such_file:
      throw Error(ErrorCode::not_found, message);
    case SftpStatus::permission_denied:
      throw Error(ErrorCode::permission, message,
                  tr("Check whose that folder is on the server, and which user the URL names."));
    default:
      break;
  }
  const FileSystem system = file_system_of(*this);
  if (system.full)
    throw Error(ErrorCode::no_space, action + ": " + tr("the server's disk is full"),
                tr("Free some space there, or choose another place, and run the command again."));
  if (system.read_only)
    throw Error(ErrorCode::permission, action + ": " + tr("the server's file system is read-only"),
                tr("Have it mounted for writing, or choose another place."));
  throw Error(ErrorCode::io, message, tr("Has the user a quota on the server, and is it used up?"));
}

SftpRequests::~SftpRequests() {
  for (; taken_ < ids_.size(); ++taken_) target_.connection.ignore(ids_[taken_]);
}

void SftpRequests::send(SftpType type, const SftpFields& fields, ByteView tail) {
  ids_.push_back(target_.connection.send(type, fields, tail, target_.stop));
}

SftpReply SftpRequests::next() {
  SftpReply reply = target_.connection.receive(ids_.at(taken_), target_.stop);
  ++taken_;
  return reply;
}

std::optional<SftpFile> SftpFile::open(const SftpTarget& target, std::uint32_t how,
                                       std::optional<SftpStatus> accepted_refusal) {
  const SftpReply reply =
      target.connection.ask(SftpType::open, SftpFields().text(target.path).u32(how).mode(kBeingWritten), target.stop);
  if (reply.has(SftpType::handle)) return SftpFile(target, std::string(SftpFieldReader(reply.fields).text()));
  const bool writing = (how & kSftpOpenWrite) != 0;
  if (!writing && reply.status() == SftpStatus::no_such_file) return std::nullopt;
  if (accepted_refusal && reply.status() == *accepted_refusal) return std::nullopt;
  target.fail(reply, writing ? trf("cannot write {}", target.url) : trf("cannot read {}", target.url));
}

SftpFile::SftpFile(SftpFile&& other) noexcept
    : target_(other.target_), handle_(std::exchange(other.handle_, std::string())) {}

SftpFile::~SftpFile() {
  if (handle_.empty() || target_->connection.is_broken()) return;
  try {
    target_->connection.ignore(target_->connection.send(SftpType::close, with_handle(), target_->stop));
  } catch (const Error&) {
    // The connection is lost, and the handle with it.
  }
}

RemoteEntry SftpFile::attributes_in(const SftpReply& reply) const {
  if (!reply.has(SftpType::attrs)) target_->fail(reply, trf("cannot read {}", target_->url));
  return SftpFieldReader(reply.fields).attributes();
}

RemoteEntry SftpFile::attributes() {
  return attributes_in(target_->connection.ask(SftpType::fstat, with_handle(), target_->stop));
}

std::uint64_t SftpFile::write_and_close(std::uint64_t offset, ByteView bytes, Seal seal) {
  const SftpTarget& target = *target_;
  const bool sync = seal == Seal::durable && target.connection.offers(kSync);
  SftpRequests requests(target);
  std::size_t writes = 0;
  for (; !bytes.empty(); ++writes) {
    const ByteView part = bytes.first(std::min(bytes.size(), target.connection.write_size()));
    requests.send(SftpType::write, with_handle().u64(offset).u32(static_cast<std::uint32_t>(part.size())), part);
    offset += part.size();
    bytes = bytes.subspan(part.size());
  }
  if (seal != Seal::none) {
    requests.send(SftpType::fsetstat, with_handle().mode(kSealed));
    if (sync) requests.send(SftpType::extended, SftpFields().text(kSync).text(handle_));
    requests.send(SftpType::fstat, with_handle());
  }
  requests.send(SftpType::close, with_handle());
  handle_.clear();

  const auto require_ok = [&](const SftpReply& reply) {
    if (reply.status() != SftpStatus::ok) target.fail(reply, trf("cannot write {}", target.url));
  };
  for (; writes > 0; --writes) require_ok(requests.next());
  std::uint64_t size = 0;
  if (seal != Seal::none) {
    (void)requests.next();  // a server may have no such modes
    if (sync) {
      const SftpReply synced = requests.next();
      if (synced.status() != SftpStatus::unsupported) require_ok(synced);
    }
    size = attributes_in(requests.next()).size;
  }
  require_ok(requests.next());
  return size;
}

std::size_t SftpFile::read(std::uint64_t offset, MutableByteView out) {
  struct Part {
    std::size_t begin;
    std::size_t size;
  };
  const SftpTarget& target = *target_;
  SftpRequests requests(target);
  std::deque<Part> asked;
  std::size_t sent = 0;
  const auto ask = [&](std::size_t begin, std::size_t size) {
    requests.send(SftpType::read, with_handle().u64(offset + begin).u32(static_cast<std::uint32_t>(size)));
    asked.push_back({begin, size});
  };
  std::size_t on_the_way = 0;
  std::size_t end = out.size();  // less once the file's end was met
  for (;;) {
    while (sent < out.size() && on_the_way < kReadAhead) {
      const std::size_t size = std::min(out.size() - sent, target.connection.read_size());
      ask(sent, size);
      sent += size;
      on_the_way += size;
    }
    if (asked.empty()) return end;
    const Part part = asked.front();
    asked.pop_front();
    const SftpReply reply = requests.next();
    on_the_way -= part.size;
    if (reply.has(SftpType::data)) {
      const ByteView bytes = view_of(SftpFieldReader(reply.fields).text());
      if (bytes.empty() || bytes.size() > part.size) target.fail(reply, trf("cannot read {}", target.url));
      std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<std::ptrdiff_t>(part.begin));
      if (bytes.size() < part.size) {
        ask(part.begin + bytes.size(), part.size - bytes.size());
        on_the_way += part.size - bytes.size();
      }
    } else if (reply.status() == SftpStatus::eof) {
      end = std::min(end, part.begin);
    } else {
      target.fail(reply, trf("cannot read {}", target.url));
    }
  }
}

RemoteContent SftpFile::read_whole(std::uint64_t limit) {
  const SftpTarget& target = *target_;
  RemoteContent content;
  SftpRequests requests(target);
  // Most objects that are read as a whole are small: their size and bytes come in one round trip.
  const std::size_t guess = std::max<std::size_t>(1, std::min<std::uint64_t>(limit, target.connection.read_size()));
  requests.send(SftpType::fstat, with_handle());
  requests.send(SftpType::read, with_handle().u64(0).u32(static_cast<std::uint32_t>(guess)));
  content.size = attributes_in(requests.next()).size;
  const SftpReply reply = requests.next();
  if (content.size > limit) return content;
  content.bytes.resize(content.size);
  std::size_t done = 0;
  if (reply.has(SftpType::data)) {
    const ByteView bytes = view_of(SftpFieldReader(reply.fields).text());
    done = std::min(bytes.size(), content.bytes.size());
    std::copy_n(bytes.begin(), done, content.bytes.begin());
  } else if (reply.status() != SftpStatus::eof) {
    target.fail(reply, trf("cannot read {}", target.url));
  }
  if (done < content.size) done += read(done, MutableByteView(content.bytes).subspan(done));
  if (done < content.size)
    throw Error(ErrorCode::truncated, trf("{} ended at byte {} of {}", target.url, done, content.size));
  return content;
}

}  // namespace igudar
