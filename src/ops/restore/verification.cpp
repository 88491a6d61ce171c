#include "ops/restore/verification.h"

#include <fcntl.h>

#include "base/descriptor_io.h"
#include "base/translate.h"
#include "concurrency/task_scope.h"
#include "repo/extent_walk.h"

namespace igudar {

namespace {

constexpr std::size_t kBatchFiles = 4096;

// Compares files, one at a time. Not thread-safe: one for each thread.
class FileVerifier {
 public:
  explicit FileVerifier(const RestoreJob& job)
      : job_(job),
        hasher_(job.source.repository.keys().chunk_hasher()),
        lists_(job.source.repository, *job.source.index, {}, ChunkReader::kListCacheBytes) {}

  // Throws Error when the file is not what it should be.
  void verify(const SelectedEntry& selected, const std::stop_token& stop) {
    const UniqueFd fd = job_.target.tree->open(selected.path, O_RDONLY);
    const std::optional<FileStat> status = read_stat(fd.get(), "");
    if (!status || status->size != selected.entry.meta.size)
      throw Error(ErrorCode::failed, tr("the restored file does not have the right size"));
    const auto verify_extent = [&](const VisitedExtent& visited) {
      if (visited.level == 0 && visited.extent.chunk) verify_chunk(fd.get(), visited);
      return true;
    };
    visit_extents(selected.entry.content, lists_, verify_extent, stop);
  }

 private:
  void verify_chunk(int fd, const VisitedExtent& visited) {
    bytes_.resize(static_cast<std::size_t>(visited.extent.size));
    std::size_t done = 0;
    const int error = read_fully_at(fd, visited.offset, bytes_.span(), done);
    if (error != 0 || done < bytes_.size())
      throw_errno(error != 0 ? error : EIO, tr("cannot read back the restored file"));
    if (hasher_.id(ChunkType::data, bytes_.view()) != *visited.extent.chunk)
      throw Error(ErrorCode::failed, tr("the restored file differs from the snapshot"),
                  tr("Something wrote to it meanwhile, or the disk is failing."));
    job_.report.counters().bytes_verified += visited.extent.size;
  }

  const RestoreJob& job_;
  ChunkHasher hasher_;
  ChunkReader lists_;
  Buffer bytes_;
};

void verify_batch(const RestoreJob& job, const std::vector<SelectedEntry>& batch, const std::stop_token& stop) {
  const unsigned threads = available_processors();
  parallel_for(threads, threads, stop, [&](std::size_t worker) {
    FileVerifier verifier(job);
    for (std::size_t i = worker; i < batch.size(); i += threads) {
      try {
        verifier.verify(batch[i], stop);
      } catch (const Error& error) {
        job.report.problem(batch[i].path, error);
      }
    }
  });
}

}  // namespace

void verify_restored(const RestoreJob& job, const std::stop_token& stop) {
  job.report.monitor().phase(tr("Verifying"));
  SelectedEntries entries(job.source, job.options, [](const Error&) {});  // gaps were reported when it was restored
  std::vector<SelectedEntry> batch;
  while (std::optional<SelectedEntry> selected = entries.next(stop)) {
    if (!selected->wanted || selected->entry.meta.type != EntryType::file) continue;
    if (job.report.has_failed(selected->path) || job.report.was_left(selected->path)) continue;
    batch.push_back(std::move(*selected));
    if (batch.size() < kBatchFiles) continue;
    verify_batch(job, batch, stop);
    batch.clear();
  }
  verify_batch(job, batch, stop);
}

}  // namespace igudar
