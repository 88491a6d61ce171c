#include "ops/restore/entry_placer.h"

#include "base/translate.h"

namespace igudar {

EntryPlacer::EntryPlacer(const RestoreJob& job, FrameRunQueue& runs, RestoredFolders& folders, HardLinks& links)
    : job_(job), files_(job, runs), folders_(folders), links_(links) {
  if (job.options.delete_extra) extra_.emplace(job);
}

void EntryPlacer::place(SelectedEntry&& selected, const std::stop_token& stop) {
  auto& [entry, path, wanted] = selected;
  const EntryType type = entry.meta.type;
  const bool is_folder = type == EntryType::directory;
  if (entry.path == job_.source.below && !is_folder)
    extra_.reset();  // what lies beside a single file is not its business
  if (extra_) extra_->keep(path, is_folder);
  if (!wanted) return folders_.put_off(std::move(path), std::move(entry.meta));
  try {
    if (job_.target.is_taken_by_repository(path, is_folder))
      throw Error(ErrorCode::already_exists, trf("the repository that is restored from is in the place of {}", path),
                  tr("Restore to another folder."));
    folders_.place_leading_to(path);
    if (gaps_) folders_.make_missing(path);
    if (is_folder) {
      folders_.place(path, entry.meta);
    } else if (type == EntryType::file) {
      place_file(path, std::move(entry), stop);
    } else {
      place_other(path, entry.meta);
    }
  } catch (const Error& error) {
    job_.report.problem(path, error);
    job_.report.monitor().advance(1, 0);
  }
}

void EntryPlacer::note_gap() {
  gaps_ = true;
  extra_.reset();
}

void EntryPlacer::finish(const std::stop_token& stop) {
  files_.flush(stop);
  if (extra_) extra_->finish();
}

bool EntryPlacer::is_left(const std::optional<FileStat>& there, const Metadata& meta) const {
  if (!there) return false;
  if (job_.options.overwrite == Overwrite::never) return true;
  return job_.options.overwrite == Overwrite::if_changed && meta.type == EntryType::file && there->is_file() &&
         there->size == meta.size && there->mtime == meta.mtime;
}

// What is left because it is equal may get further names; of what --overwrite never leaves nothing is known.
void EntryPlacer::leave(const std::string& path, const Metadata& meta) {
  RestoreCounters& counters = job_.report.counters();
  if (job_.options.overwrite == Overwrite::never) {
    ++counters.files_skipped;
    if (job_.options.verify) job_.report.note_left(path);
  } else {
    ++counters.files_unchanged;
    links_.note_kept(path, meta);
  }
  const std::uint64_t size = meta.type == EntryType::file ? meta.size : 0;
  job_.report.monitor().advance(1, size);
  job_.report.monitor().item(path, "skipped", size);
}

void EntryPlacer::place_file(const std::string& path, Entry entry, const std::stop_token& stop) {
  const std::optional<FileStat> there = job_.target.present(path);
  if (is_left(there, entry.meta)) return leave(path, entry.meta);
  if (links_.put_off(path, entry.meta)) return;
  const auto file = std::make_shared<RestoredFile>(path, std::move(entry.meta));
  if (files_.plan(file, entry.content, there, stop)) links_.note_kept(path, file->meta);
}

void EntryPlacer::place_other(const std::string& path, const Metadata& meta) {
  const RestoreTarget& target = job_.target;
  const std::optional<FileStat> there = target.present(path);
  if (is_left(there, meta)) return leave(path, meta);
  if (links_.put_off(path, meta)) return;
  if (job_.options.dry_run) {
    if (there) target.tree->require_removable(path, *there, target.in_the_way);
  } else {
    if (meta.type == EntryType::symlink) {
      target.tree->make_symlink(path, meta.link_target, target.in_the_way);
    } else {
      target.tree->make_node(path, meta, target.in_the_way);
    }
    apply_metadata(*target.tree, path, -1, meta, target.apply);
  }
  ++job_.report.counters().other_entries;
  job_.report.monitor().advance(1, 0);
  job_.report.monitor().item(path, "restored", 0);
}

}  // namespace igudar
