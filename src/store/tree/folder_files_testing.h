#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/descriptor_io.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "concurrency/guarded.h"
#include "store/checks.h"
#include "store/posix_file.h"
#include "store/tree/remote_files.h"

namespace igudar::testing {

// RemoteFiles that are in a folder of this machine, with connections that are lost when a test says so.
class FolderFiles final : public RemoteFiles {
 public:
  enum class Lost { request, reply };  // before or after it was carried out

 private:
  // The loss to come.
  struct Plan {
    int operations = 0;
    int lost_operation = 0;
    Lost lost = Lost::request;
  };

  template <typename F>
  auto carry_out(const std::string& path, const std::stop_token& stop, F&& operation) {
    throw_if_stopped(stop);
    const auto lost = plan_.with(
        [](Plan& plan) { return ++plan.operations == plan.lost_operation ? std::optional(plan.lost) : std::nullopt; });
    if (lost == Lost::request) lose_connection(path);
    auto result = operation();
    if (lost) lose_connection(path);
    return result;
  }
  [[noreturn]] void lose_connection(const std::string& path) {
    ++lost_connections_;
    if (on_loss) on_loss(path);
    throw Error(ErrorCode::io, "the connection was lost").as_retryable();
  }

 public:
  // The operation of that number (from 1) fails as if its connection were lost.
  void lose(int operation, Lost what) {
    plan_.with([&](Plan& plan) { plan = {0, operation, what}; });
  }
  int operations() const {
    return plan_.with([](const Plan& plan) { return plan.operations; });
  }
  // What a crash of the server does to files that are being written. Set before lose().
  std::function<void(const std::string& path)> on_loss;
  bool exclusive = true;

  std::string url(const std::string& path) const override { return "test:" + path; }
  unsigned connections() const override { return 3; }
  std::uint64_t lost_connections() const override { return lost_connections_; }

  bool make_folder(const std::string& path, unsigned mode, std::stop_token stop) override {
    return carry_out(path, stop, [&] {
      if (::mkdir(path.c_str(), mode) == 0) return true;
      if (errno != EEXIST) throw_errno(errno, path);
      return false;
    });
  }
  void sync_folder(const std::string& path, std::stop_token stop) override {
    carry_out(path, stop, [] { return 0; });
  }
  void create(const std::string& path, ByteView content, Persistence, std::stop_token stop) override {
    carry_out(path, stop, [&] { return write_at(path, 0, content, O_CREAT | O_EXCL); });
  }
  void write(const std::string& path, std::uint64_t offset, ByteView bytes, std::stop_token stop) override {
    carry_out(path, stop, [&] { return write_at(path, offset, bytes, O_CREAT); });
  }
  std::uint64_t seal(const std::string& path, Persistence, std::stop_token stop) override {
    return carry_out(path, stop, [&] { return std::filesystem::file_size(path); });
  }
  Moved move(const std::string& from, const std::string& to, std::stop_token stop) override {
    return carry_out(to, stop, [&] {
      const int error = move_without_replacing(AT_FDCWD, from, AT_FDCWD, to);
      if (error == 0) return Moved::yes;
      if (error == ENOENT) return Moved::no_such_file;
      if (error != EEXIST) throw_errno(error, to);
      return Moved::taken;
    });
  }
  void probe_moves(const std::string&, std::stop_token) override {}
  bool moves_exclusively() const override { return exclusive; }
  bool remove(const std::string& path, std::stop_token stop) override {
    return carry_out(path, stop, [&] { return std::filesystem::remove(path); });
  }

  std::optional<RemoteEntry> stat(const std::string& path, std::stop_token stop) override {
    return carry_out(path, stop, [&] { return entry_at(path); });
  }
  std::vector<std::optional<std::vector<RemoteEntry>>> list(std::span<const std::string> folders,
                                                            std::stop_token stop) override {
    return carry_out("", stop, [&] {
      std::vector<std::optional<std::vector<RemoteEntry>>> found;
      for (const std::string& folder : folders) {
        found.emplace_back();
        if (!std::filesystem::is_directory(folder)) continue;
        found.back().emplace();
        for (const auto& each : std::filesystem::directory_iterator(folder)) {
          auto entry = entry_at(each.path());
          if (!entry) continue;
          entry->name = each.path().filename();
          found.back()->push_back(*entry);
        }
      }
      return found;
    });
  }
  std::optional<std::size_t> read(const std::string& path, std::uint64_t offset, MutableByteView out,
                                  std::stop_token stop) override {
    return carry_out(path, stop, [&]() -> std::optional<std::size_t> {
      const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
      if (!file.valid()) return std::nullopt;
      std::size_t done = 0;
      if (const int error = read_fully_at(file.get(), offset, out, done); error != 0) throw_errno(error, path);
      return done;
    });
  }
  std::optional<RemoteContent> read_whole(const std::string& path, std::uint64_t limit, std::stop_token stop) override {
    const auto entry = stat(path, stop);
    if (!entry) return std::nullopt;
    RemoteContent content{entry->size, {}};
    if (entry->size > limit) return content;
    content.bytes.resize(entry->size);
    if (read(path, 0, content.bytes, stop) != entry->size) return std::nullopt;
    return content;
  }
  std::optional<TimeNs> clock(const std::string& folder, std::stop_token stop) override {
    return carry_out(folder, stop, [&]() -> std::optional<TimeNs> {
      if (!std::filesystem::is_directory(folder)) throw Error(ErrorCode::not_found, folder);
      write_at(folder + "/clock", 0, {}, O_CREAT);
      ::utimensat(AT_FDCWD, (folder + "/clock").c_str(), nullptr, 0);
      const auto entry = entry_at(folder + "/clock");
      std::filesystem::remove(folder + "/clock");
      return entry ? std::optional(entry->modified) : std::nullopt;
    });
  }

 private:
  static int write_at(const std::string& path, std::uint64_t offset, ByteView bytes, int flags) {
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0600));
    if (!file.valid()) throw_errno(errno, path);
    if (const int error = write_fully_at(file.get(), offset, bytes); error != 0) throw_errno(error, path);
    return 0;
  }
  static std::optional<RemoteEntry> entry_at(const std::filesystem::path& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return std::nullopt;
    RemoteEntry entry;
    entry.kind = S_ISREG(info.st_mode)   ? RemoteKind::file
                 : S_ISDIR(info.st_mode) ? RemoteKind::folder
                                         : RemoteKind::other;
    entry.size = static_cast<std::uint64_t>(info.st_size);
    entry.modified = info.st_mtim.tv_sec * kNsPerSecond;
    return entry;
  }

  Guarded<Plan> plan_;
  std::atomic<std::uint64_t> lost_connections_{0};
};

}  // namespace igudar::testing
