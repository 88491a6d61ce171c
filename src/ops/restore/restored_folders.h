#pragma once

#include <string>
#include <vector>

#include "ops/restore/restore_job.h"

namespace igudar {

// The folders of a restore: made as they come, or once something in them is wanted; given their metadata at the end.
//
// Not thread-safe. Memory: path and metadata of each folder.
class RestoredFolders {
 public:
  explicit RestoredFolders(const RestoreJob& job) : job_(job) {}

  // Makes it now. Throws Error when that fails.
  void place(const std::string& path, const Metadata& meta);
  // It will be made if something in it is placed.
  void put_off(std::string path, Metadata meta);
  // Makes the folders put off that lead to `path`, which is about to be placed. Throws Error when one fails.
  void place_leading_to(const std::string& path);
  // Makes the folders that lead to `path` and are not there, for entries whose folder the snapshot cannot show any
  // more.
  void make_missing(const std::string& path);
  // Gives all of them their metadata, on several threads. What fails is reported.
  void finish(const std::stop_token& stop) const;

 private:
  struct Folder {
    std::string path;
    Metadata meta;
  };

  const RestoreJob& job_;
  std::vector<Folder> put_off_;
  std::vector<Folder> placed_;
};

}  // namespace igudar
