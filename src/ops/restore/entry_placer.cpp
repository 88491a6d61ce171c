#include "ops/restore/entry_placer.h"

namespace igudar {

EntryPlacer::EntryPlacer(const RestoreJob& job, FrameRunQueue& runs, RestoredFolders& folders, HardLinks& links)
    : job_(job), files_(job, runs), folders_(folders), links_(links) {
  if (job.options.delete_extra) extra_.emplace(job);
}

void EntryPlacer::place(SelectedEntry selected, const std::stop_token& stop) {
  auto& [entry, path, wanted] = selected;
  const EntryType type = entry.meta.type;
  const bool is_folder = type == EntryType::directory;
  if (entry.path == job_.source.below && !is_folder)
    extra_.reset();  // what lies beside a single file is not its business
  if (extra_) extra_->keep(path, is_folder);
  if (!wanted) return folders_.put_off(std::move(path), std::move(entry.meta));
  try {
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

std::optional<FileStat> EntryPlacer::present(const std::string& path) const {
  if (job_.target.fresh) return std::nullopt;
  try {
    return job_.target.tree->stat(path);
  } catch (const Error&) {
    if (!job_.options.dry_run) throw;
    return std::nullopt;  // the folder that it is to lie in has not been made
  }
}

bool EntryPlacer::is_left(const std::optional<FileStat>& there, const Metadata& meta) const {
  if (!there) return false;
  if (job_.options.overwrite == Overwrite::never) return true;
  return job_.options.overwrite == Overwrite::if_changed && there->is_file() && there->size == meta.size &&
         there->mtime == meta.mtime;
}

void EntryPlacer::place_file(const std::string& path, Entry entry, const std::stop_token& stop) {
  RestoreCounters& counters = job_.report.counters();
  RunMonitor& monitor = job_.report.monitor();
  const std::uint64_t size = entry.meta.size;
  const std::optional<FileStat> there = present(path);
  if (is_left(there, entry.meta)) {
    ++(job_.options.overwrite == Overwrite::never ? counters.files_skipped : counters.files_unchanged);
    monitor.advance(1, size);
    monitor.item(path, "skipped", size);
  } else if (job_.options.dry_run) {
    ++counters.files;
    counters.bytes_written += size;
    monitor.advance(1, size);
    monitor.item(path, "restored", size);
  } else if (links_.put_off(path, entry.meta)) {
    ++counters.files;
    monitor.advance(1, 0);
  } else {
    files_.plan(std::make_shared<RestoredFile>(path, std::move(entry.meta)), entry.content, there && there->is_file(),
                stop);
  }
}

void EntryPlacer::place_other(const std::string& path, const Metadata& meta) {
  const RestoreTarget& target = job_.target;
  ++job_.report.counters().other_entries;
  job_.report.monitor().advance(1, 0);
  job_.report.monitor().item(path, "restored", 0);
  if (job_.options.dry_run) return;
  if (job_.options.overwrite == Overwrite::never && present(path)) {
    ++job_.report.counters().files_skipped;
    return;
  }
  if (links_.put_off(path, meta)) return;
  if (meta.type == EntryType::symlink) {
    target.tree->make_symlink(path, meta.link_target, target.in_the_way);
  } else {
    target.tree->make_node(path, meta, target.in_the_way);
  }
  apply_metadata(*target.tree, path, -1, meta, target.apply);
}

}  // namespace igudar
