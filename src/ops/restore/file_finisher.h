#pragma once

#include "ops/restore/restore_target.h"
#include "ops/restore/restored_file.h"

namespace igudar {

// How a restored file begins and ends on disk: opened, brought to its size, given its metadata, or given up.
//
// Thread safety: all methods may be called concurrently, on different files; chunk_done and fail on the same one too.
// Errors: chunk_done and the finish_ methods report what fails, once for each file, and throw nothing of it.
// Durability: none.
class FileFinisher {
 public:
  FileFinisher(const RestoreTarget& target, RestoreReport& report) : target_(target), report_(report) {}

  // Opens what `file` is to become: new and empty, or the existing file for an update.
  UniqueFd open(const RestoredFile& file) const;
  void set_size(const RestoredFile& file, int fd) const;
  void fail(RestoredFile& file, const Error& error) const;
  // Gives up one claim on the file; whoever gives up the last one finishes it.
  void chunk_done(RestoredFile& file) const;
  // A file without a single chunk to write: made, or given its size.
  void finish_without_chunks(RestoredFile& file) const;
  // An existing file, open as `fd`, whose content is right already.
  void finish_unchanged(RestoredFile& file, int fd) const;

 private:
  void finish(RestoredFile& file, int fd) const;

  const RestoreTarget& target_;
  RestoreReport& report_;
};

}  // namespace igudar
