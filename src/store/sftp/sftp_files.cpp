#include "store/sftp/sftp_files.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/error.h"
#include "base/hex.h"
#include "base/translate.h"
#include "crypto/random.h"
#include "store/checks.h"
#include "store/sftp/sftp_file.h"

namespace igudar {

namespace {

constexpr std::size_t kFoldersAtOnce = 32;
// A server tells some hundred names in one answer: twice as many answers are asked for each time, up to so many.
constexpr std::size_t kFirstPages = 2;
constexpr std::size_t kMostPages = 64;
constexpr const char* kLink = "hardlink@openssh.com";
constexpr const char* kSync = "fsync@openssh.com";

std::string random_name_in(const std::string& folder) {
  return folder + "/" + to_hex(random_id<16>().view());
}

// Adds the names of one answer; false at the end of the folder.
bool add_names(const SftpReply& reply, const SftpTarget& target, std::vector<RemoteEntry>& entries) {
  if (reply.status() == SftpStatus::eof && reply.has(SftpType::status)) return false;
  if (!reply.has(SftpType::name)) target.fail(reply, trf("cannot list {}", target.url));
  SftpFieldReader reader(reply.fields);
  for (std::uint32_t left = reader.u32(); left > 0; --left) {
    std::string name(reader.text());
    (void)reader.text();  // a line as "ls -l" shows it
    RemoteEntry entry = reader.attributes();
    entry.name = std::move(name);
    if (entry.name != "." && entry.name != "..") entries.push_back(std::move(entry));
  }
  return true;
}

}  // namespace

// A connection of the pool for as long as an operation takes; one in which something went wrong on the way does not
// come back.
class SftpFiles::Loan {
 public:
  Loan(SftpFiles& files, const std::stop_token& stop) : files_(files) {
    auto borrowed = files.pool_.borrow(stop);
    if (!borrowed) throw Error(ErrorCode::interrupted, tr("stopped on request"));
    connection_ = std::move(*borrowed);
    if (connection_ && !connection_->is_alive()) {
      connection_.reset();
      ++files.lost_;
    }
    if (connection_) return;
    try {
      connection_ = files.connect(stop);
    } catch (...) {
      files.pool_.give_back(nullptr);
      throw;
    }
  }
  ~Loan() {
    if (!connection_->is_idle()) {
      connection_.reset();
      ++files_.lost_;
    }
    files_.pool_.give_back(std::move(connection_));
  }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

  SftpConnection& operator*() { return *connection_; }
  SftpConnection* operator->() { return connection_.get(); }

 private:
  SftpFiles& files_;
  std::unique_ptr<SftpConnection> connection_;
};

SftpFiles::SftpFiles(SftpAddress address, SftpOptions options)
    : address_(std::move(address)), options_(std::move(options)), pool_(options_.connections) {}

SftpFiles::~SftpFiles() = default;

std::unique_ptr<SftpConnection> SftpFiles::connect(const std::stop_token& stop) {
  try {
    auto connection = std::make_unique<SftpConnection>(address_, options_.ssh, stop);
    ever_connected_ = true;
    return connection;
  } catch (const Error& error) {
    // A server that was never there is a mistake in the URL rather than an accident on the way: said at once.
    if (!error.retryable() || ever_connected_) throw;
    throw Error(error.code(), error.message(), error.hint());
  }
}

bool SftpFiles::make_folder(const std::string& path, unsigned mode, std::stop_token stop) {
  Loan connection(*this, stop);
  const SftpTarget target{*connection, path, url(path), stop};
  const SftpReply reply = connection->ask(SftpType::mkdir, SftpFields().text(path).mode(mode), stop);
  if (reply.status() == SftpStatus::ok) return true;
  const SftpReply found = connection->ask(SftpType::stat, SftpFields().text(path), stop);
  if (found.has(SftpType::attrs) && SftpFieldReader(found.fields).attributes().kind == RemoteKind::folder) return false;
  target.fail(reply, trf("cannot make the folder {}", target.url));
}

void SftpFiles::sync_folder(const std::string& path, std::stop_token stop) {
  throw_if_stopped(stop);
  if (!folders_sync_) return;
  Loan connection(*this, stop);
  if (!connection->offers(kSync)) return;
  const SftpTarget target{*connection, path, url(path), stop};
  const SftpReply opened = connection->ask(SftpType::open, SftpFields().text(path).u32(kSftpOpenRead).mode(0), stop);
  if (!opened.has(SftpType::handle)) {
    if (opened.status() != SftpStatus::no_such_file) folders_sync_ = false;
    return;
  }
  const std::string handle(SftpFieldReader(opened.fields).text());
  SftpRequests requests(target);
  requests.send(SftpType::extended, SftpFields().text(kSync).text(handle));
  requests.send(SftpType::close, SftpFields().text(handle));
  const SftpStatus synced = requests.next().status();
  // Where a folder cannot be synced, there is nothing better: the server's file system does it in time.
  if (synced != SftpStatus::ok) folders_sync_ = false;
}

void SftpFiles::create(const std::string& path, ByteView content, Persistence persistence, std::stop_token stop) {
  Loan connection(*this, stop);
  const SftpTarget target{*connection, path, url(path), stop};
  auto file = SftpFile::open(target, kSftpOpenWrite | kSftpOpenCreate | kSftpOpenExclusive);
  const auto seal = persistence == Persistence::durable ? SftpFile::Seal::durable : SftpFile::Seal::written;
  const std::uint64_t size = file->write_and_close(0, content, seal);
  if (size != content.size())
    throw Error(ErrorCode::io, trf("{} has {} bytes after {} were written to it", target.url, size, content.size()),
                tr("Is the server's disk full, or the user's quota used up?"));
}

void SftpFiles::write(const std::string& path, std::uint64_t offset, ByteView bytes, std::stop_token stop) {
  Loan connection(*this, stop);
  const SftpTarget target{*connection, path, url(path), stop};
  (void)SftpFile::open(target, kSftpOpenWrite | kSftpOpenCreate)->write_and_close(offset, bytes, SftpFile::Seal::none);
}

std::uint64_t SftpFiles::seal(const std::string& path, Persistence persistence, std::stop_token stop) {
  Loan connection(*this, stop);
  const SftpTarget target{*connection, path, url(path), stop};
  const auto seal = persistence == Persistence::durable ? SftpFile::Seal::durable : SftpFile::Seal::written;
  // A file that is sealed already cannot be opened for writing; synced it can be all the same.
  if (auto file = SftpFile::open(target, kSftpOpenWrite, SftpStatus::permission_denied))
    return file->write_and_close(0, {}, seal);
  auto file = SftpFile::open(target, kSftpOpenRead);
  if (!file) throw Error(ErrorCode::not_found, trf("{} is not there any more", target.url));
  return file->write_and_close(0, {}, seal);
}

SftpFiles::Way SftpFiles::probed_way(SftpConnection& connection, const std::string& folder,
                                     const std::stop_token& stop) const {
  const std::string first = random_name_in(folder);
  const std::string second = random_name_in(folder);
  const std::string linked = random_name_in(folder);
  for (const std::string& path : {first, second}) {
    const SftpTarget target{connection, path, url(path), stop};
    (void)SftpFile::open(target, kSftpOpenWrite | kSftpOpenCreate | kSftpOpenExclusive)
        ->write_and_close(0, {}, SftpFile::Seal::none);
  }
  // OpenSSH renames by a hard link, and where the file system has none, looks and then renames.
  const auto two_paths = [](const std::string& from, const std::string& to) {
    return SftpFields().text(from).text(to);
  };
  bool links = false;
  if (connection.offers(kLink))
    links = connection.ask(SftpType::extended, SftpFields().text(kLink).text(first).text(linked), stop).status() ==
            SftpStatus::ok;
  const bool replaces = connection.ask(SftpType::rename, two_paths(first, second), stop).status() == SftpStatus::ok;
  for (const std::string& path : {first, second, linked})
    connection.ignore(connection.send(SftpType::remove, SftpFields().text(path), stop));
  if (replaces) return links ? Way::link : Way::look_then_rename;
  return links || !connection.offers(kLink) ? Way::rename : Way::look_then_rename;
}

void SftpFiles::probe_moves(const std::string& folder, std::stop_token stop) {
  if (way_ != Way::unknown) return;
  Loan connection(*this, stop);
  way_ = probed_way(*connection, folder, stop);
}

RemoteFiles::Moved SftpFiles::move(const std::string& from, const std::string& to, std::stop_token stop) {
  Loan connection(*this, stop);
  const SftpTarget target{*connection, to, url(to), stop};
  const auto is_taken = [&] {
    return connection->ask(SftpType::lstat, SftpFields().text(to), stop).has(SftpType::attrs);
  };
  const Way way = way_;
  if (way == Way::look_then_rename && is_taken()) return Moved::taken;
  const SftpReply reply = way == Way::link
                              ? connection->ask(SftpType::extended, SftpFields().text(kLink).text(from).text(to), stop)
                              : connection->ask(SftpType::rename, SftpFields().text(from).text(to), stop);
  if (reply.status() == SftpStatus::ok) {
    if (way == Way::link) (void)connection->ask(SftpType::remove, SftpFields().text(from), stop);
    return Moved::yes;
  }
  if (reply.status() == SftpStatus::no_such_file) return Moved::no_such_file;
  if (is_taken()) return Moved::taken;
  target.fail(reply, trf("cannot write {}", target.url));
}

bool SftpFiles::remove(const std::string& path, std::stop_token stop) {
  Loan connection(*this, stop);
  const SftpTarget target{*connection, path, url(path), stop};
  const SftpReply reply = connection->ask(SftpType::remove, SftpFields().text(path), stop);
  if (reply.status() == SftpStatus::no_such_file) return false;
  if (reply.status() != SftpStatus::ok) target.fail(reply, trf("cannot remove {}", target.url));
  return true;
}

std::optional<RemoteEntry> SftpFiles::stat(const std::string& path, std::stop_token stop) {
  Loan connection(*this, stop);
  const SftpTarget target{*connection, path, url(path), stop};
  const SftpReply reply = connection->ask(SftpType::lstat, SftpFields().text(path), stop);
  if (reply.has(SftpType::attrs)) return SftpFieldReader(reply.fields).attributes();
  if (reply.status() != SftpStatus::no_such_file) target.fail(reply, trf("cannot read {}", target.url));
  return std::nullopt;
}

std::vector<std::optional<std::vector<RemoteEntry>>> SftpFiles::list(std::span<const std::string> folders,
                                                                     std::stop_token stop) {
  struct Listing {
    std::string handle;  // empty where there is no folder, and at its end
    std::optional<std::vector<RemoteEntry>> entries;
  };
  throw_if_stopped(stop);
  std::vector<std::optional<std::vector<RemoteEntry>>> found;
  if (folders.empty()) return found;
  Loan connection(*this, stop);
  for (std::size_t begin = 0; begin < folders.size(); begin += kFoldersAtOnce) {
    const auto group = folders.subspan(begin, std::min(kFoldersAtOnce, folders.size() - begin));
    std::vector<Listing> listings(group.size());
    const SftpTarget any{*connection, group.front(), url(group.front()), stop};
    const auto target_of = [&](std::size_t i) { return SftpTarget{*connection, group[i], url(group[i]), stop}; };
    SftpRequests opening(any);
    for (const std::string& folder : group) opening.send(SftpType::opendir, SftpFields().text(folder));
    for (std::size_t i = 0; i < group.size(); ++i) {
      const SftpReply reply = opening.next();
      if (reply.has(SftpType::handle)) {
        listings[i] = {std::string(SftpFieldReader(reply.fields).text()), std::vector<RemoteEntry>()};
      } else if (reply.status() != SftpStatus::no_such_file) {
        const SftpTarget target = target_of(i);
        target.fail(reply, trf("cannot list {}", target.url));
      }
    }
    const auto is_open = [](const Listing& listing) { return !listing.handle.empty(); };
    for (std::size_t pages = kFirstPages; std::any_of(listings.begin(), listings.end(), is_open);
         pages = std::min(kMostPages, pages * 2)) {
      SftpRequests reading(any);
      for (const Listing& listing : listings)
        for (std::size_t page = 0; is_open(listing) && page < pages; ++page)
          reading.send(SftpType::readdir, SftpFields().text(listing.handle));
      for (std::size_t i = 0; i < listings.size(); ++i) {
        if (!is_open(listings[i])) continue;
        bool more = true;
        for (std::size_t page = 0; page < pages; ++page) {
          const SftpReply reply = reading.next();
          if (more) more = add_names(reply, target_of(i), *listings[i].entries);
        }
        if (more) continue;
        connection->ignore(connection->send(SftpType::close, SftpFields().text(listings[i].handle), stop));
        listings[i].handle.clear();
      }
    }
    for (Listing& listing : listings) found.push_back(std::move(listing.entries));
  }
  return found;
}

std::optional<std::size_t> SftpFiles::read(const std::string& path, std::uint64_t offset, MutableByteView out,
                                           std::stop_token stop) {
  Loan connection(*this, stop);
  const SftpTarget target{*connection, path, url(path), stop};
  auto file = SftpFile::open(target, kSftpOpenRead);
  if (!file) return std::nullopt;
  return file->read(offset, out);
}

std::optional<RemoteContent> SftpFiles::read_whole(const std::string& path, std::uint64_t limit, std::stop_token stop) {
  Loan connection(*this, stop);
  const SftpTarget target{*connection, path, url(path), stop};
  auto file = SftpFile::open(target, kSftpOpenRead);
  if (!file) return std::nullopt;
  return file->read_whole(limit);
}

std::optional<TimeNs> SftpFiles::clock(const std::string& folder, std::stop_token stop) {
  Loan connection(*this, stop);
  const std::string path = random_name_in(folder);
  const SftpTarget target{*connection, path, url(path), stop};
  const SftpReply opened = connection->ask(
      SftpType::open, SftpFields().text(path).u32(kSftpOpenWrite | kSftpOpenCreate | kSftpOpenExclusive).mode(0600),
      stop);
  if (!opened.has(SftpType::handle)) {
    if (opened.status() == SftpStatus::no_such_file) target.fail(opened, trf("cannot write {}", target.url));
    return std::nullopt;
  }
  const std::string handle(SftpFieldReader(opened.fields).text());
  SftpRequests requests(target);
  requests.send(SftpType::fstat, SftpFields().text(handle));
  requests.send(SftpType::close, SftpFields().text(handle));
  requests.send(SftpType::remove, SftpFields().text(path));
  const SftpReply attributes = requests.next();
  if (!attributes.has(SftpType::attrs)) return std::nullopt;
  return SftpFieldReader(attributes.fields).attributes().modified;
}

}  // namespace igudar
