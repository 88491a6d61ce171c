#include "ops/restore/file_finisher.h"

#include <unistd.h>

#include "base/translate.h"

namespace igudar {

UniqueFd FileFinisher::open(const RestoredFile& file) const {
  UniqueFd fd = file.in_place ? target_.tree->open_for_update(file.path) : UniqueFd();
  if (!fd.valid()) fd = target_.tree->create_file(file.path, target_.in_the_way);
  return fd;
}

void FileFinisher::set_size(const RestoredFile& file, int fd) const {
  if (::ftruncate(fd, static_cast<off_t>(file.meta.size)) != 0)
    throw_errno(errno, trf("cannot set the size of {}", target_.tree->full_path(file.path)));
}

void FileFinisher::fail(RestoredFile& file, const Error& error) const {
  if (!file.failed.exchange(true)) report_.problem(file.path, error);
}

void FileFinisher::chunk_done(RestoredFile& file) const {
  if (file.chunks_left.fetch_sub(1) != 1) return;
  const UniqueFd fd = file.fd.with([](UniqueFd& open) { return std::move(open); });
  finish(file, fd.get());
}

void FileFinisher::finish(RestoredFile& file, int fd) const {
  if (!file.failed) {
    try {
      apply_metadata(*target_.tree, file.path, fd, file.meta, target_.apply);
      ++report_.counters().files;
      report_.monitor().item(file.path, "restored", file.meta.size);
    } catch (const Error& error) {
      fail(file, error);
    }
  }
  report_.monitor().advance(1, 0);
}

void FileFinisher::finish_without_chunks(RestoredFile& file) const {
  try {
    const UniqueFd fd = open(file);
    set_size(file, fd.get());
    finish(file, fd.get());
  } catch (const Error& error) {
    fail(file, error);
    report_.monitor().advance(1, 0);
  }
}

void FileFinisher::finish_unchanged(RestoredFile& file, int fd) const {
  try {
    apply_metadata(*target_.tree, file.path, fd, file.meta, target_.apply);
    ++report_.counters().files_unchanged;
  } catch (const Error& error) {
    fail(file, error);
  }
  report_.monitor().advance(1, 0);
}

}  // namespace igudar
