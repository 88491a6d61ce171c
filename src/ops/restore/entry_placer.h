#pragma once

#include <optional>

#include "ops/restore/extra_files.h"
#include "ops/restore/file_planner.h"
#include "ops/restore/hard_links.h"
#include "ops/restore/restored_folders.h"

namespace igudar {

// The first stage of a restore: makes folders, symlinks and devices, plans the content of files, puts off what has to
// come last.
//
// Not thread-safe. Errors: what fails is reported; the rest goes on. Memory: that of its parts.
class EntryPlacer {
 public:
  EntryPlacer(const RestoreJob& job, FrameRunQueue& runs, RestoredFolders& folders, HardLinks& links);

  // Entries come in the order of the snapshot; unless all of them do, tell so by note_gap.
  void place(SelectedEntry&& selected, const std::stop_token& stop);
  // After the last one.
  void finish(const std::stop_token& stop);
  // Some entries do not come: from here on nothing counts as extra, since it may be one of them, and folders may be
  // unknown to which known files belong.
  void note_gap();

 private:
  void place_file(const std::string& path, Entry entry, const std::stop_token& stop);
  void place_other(const std::string& path, const Metadata& meta);
  // Whether --overwrite says to leave the file alone that is there.
  bool is_left(const std::optional<FileStat>& there, const Metadata& meta) const;
  void leave(const std::string& path, const Metadata& meta);

  const RestoreJob& job_;
  FilePlanner files_;
  RestoredFolders& folders_;
  HardLinks& links_;
  std::optional<ExtraFiles> extra_;  // with --delete
  bool gaps_ = false;
};

}  // namespace igudar
