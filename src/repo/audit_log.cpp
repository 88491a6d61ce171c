#include "repo/audit_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <sstream>

#include "base/clock.h"
#include "base/hex.h"
#include "base/translate.h"
#include "base/unique_fd.h"
#include "concurrency/interruptible_wait.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "repo/audit_subject.h"
#include "repo/damaged_object.h"
#include "repo/local_audit_file.h"
#include "repo/local_file.h"

namespace igudar {

namespace {

constexpr std::uint64_t kLargestEntry = 16U << 20;
constexpr const char* kKept = ".log";
constexpr const char* kForked = ".forked";

std::filesystem::path file_of(const std::filesystem::path& folder, const AuditLogId& log, const char* suffix) {
  return folder / (to_hex(log.view()) + suffix);
}

bool is_entry(ByteView object) {
  try {
    (void)decode_audit_entry(object);
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::string first_line(const Repository& repository) {
  return "igudar audit heads " + to_hex(repository.keys().domain().view());
}

// Who writes: the log of each key slot is its own, and goes on where the slot's password is changed.
std::filesystem::path current_file(const std::filesystem::path& folder, const Repository& repository) {
  return folder / ("current-" + to_hex(repository.keys().signer().key.public_key.view()).substr(0, 16));
}

}  // namespace

std::filesystem::path local_audit_folder(const Repository& repository) {
  std::filesystem::path folder = repository.state_folder() / "audit";
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) make_private_folder(folder);
  return folder;
}

// One entry's turn at the machine's log: holds the lock of the folder, unless that cannot be had.
class AuditLog::Turn {
 public:
  explicit Turn(const Repository& repository) : repository_(repository), folder_(local_audit_folder(repository)) {
    const std::filesystem::path path = folder_ / "lock";
    lock_ = UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock_.valid()) throw_errno(errno, trf("cannot write {}", path.string()));
    // Others hold it for one entry; one that was stopped in the middle must not stop everybody.
    constexpr auto kPatience = std::chrono::seconds(60);
    const auto until = steady_clock() + kPatience;
    while (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR) throw_errno(errno, trf("cannot write {}", path.string()));
      if (steady_clock() > until) throw Error(ErrorCode::conflict, trf("another process holds {}", path.string()));
      wait_unless_stopped(std::chrono::milliseconds(5), {});
    }
  }

  const std::filesystem::path& folder() const { return folder_; }
  // The log to go on with: a new one where there is none yet, or its file was lost.
  AuditLogId current_or_new() const {
    const std::filesystem::path current = current_file(folder_, repository_);
    const std::optional<Bytes> content = read_local_file(current);
    const std::optional<Bytes> id =
        content ? from_hex(text_of(*content).substr(0, 2 * AuditLogId::kSize)) : std::nullopt;
    if (id && id->size() == AuditLogId::kSize) {
      const AuditLogId log = AuditLogId::from(*id);
      const std::optional<LocalAuditFile::Entry> last = open(log).last();
      if (last && is_entry(last->object)) return log;
      if (last) retire(log);  // the disk has changed it: what comes next could not be chained
    }
    const AuditLogId log = random_id<16>();
    if (!replace_local_file(current, view_of(to_hex(log.view()) + "\n")))
      throw Error(ErrorCode::io, trf("cannot write {}", current.string()));
    return log;
  }
  LocalAuditFile open(const AuditLogId& log) const { return LocalAuditFile::open(file_of(folder_, log, kKept)); }
  // Nothing is appended to it any more; what it holds stays.
  void retire(const AuditLogId& log) const {
    std::error_code ignored;
    std::filesystem::rename(file_of(folder_, log, kKept), file_of(folder_, log, kForked), ignored);
  }

 private:
  const Repository& repository_;
  const std::filesystem::path folder_;
  UniqueFd lock_;
};

namespace {

enum class Stored : std::uint8_t { yes, no, others_are_there };

}  // namespace

// What an append has of the storage: whether it takes entries at all, and if not, why.
struct AuditLog::Storage {
  ObjectStore& store;
  bool reachable = true;
  std::string why;

  // Puts an entry where there is none of its place.
  Stored put(ByteView object) {
    if (!reachable) return Stored::no;
    const AuditEntry entry = decode_audit_entry(object);
    const ObjectName name{ObjectKind::audit, audit_object_id(entry.log, entry.number)};
    try {
      store.put(name, object, Durability::durable, {});
      return Stored::yes;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::already_exists) return fail(error);
    }
    try {
      return equal(store.get(name, kLargestEntry, {}), object) ? Stored::yes : Stored::others_are_there;
    } catch (const Error& error) {
      return is_damage(error) ? Stored::others_are_there : fail(error);
    }
  }
  Stored put(LocalAuditFile& file, const LocalAuditFile::Entry& entry) {
    const Stored result = put(entry.object);
    if (result == Stored::yes) file.mark_stored(entry);
    return result;
  }
  Stored fail(const Error& error) {
    reachable = false;
    why = error.what();
    return Stored::no;
  }
};

AuditLog::AuditLog(const Repository& repository) : repository_(repository) {}
AuditLog::~AuditLog() = default;

void AuditLog::remark(std::string text) {
  if (std::find(remarks_.begin(), remarks_.end(), text) == remarks_.end()) remarks_.push_back(std::move(text));
}

void AuditLog::note(const Storage& storage) {
  stored_ = storage.reachable;
  if (!stored_) remark(trf("the audit log could not be stored: {}", storage.why));
}

AuditHead AuditLog::append(AuditFacts facts, const std::optional<AuditPersonal>& personal) {
  facts.time = wall_clock_ns();
  facts.slot = repository_.keys().slot();
  Storage storage{.store = repository_.store(), .why = {}};
  if (!unkept_) {
    try {
      const Turn turn(repository_);
      const AuditHead head = append_in_turn(turn, storage, facts, personal);
      note(storage);
      return head;
    } catch (const Error& error) {
      remark(trf("the audit log cannot be kept on this machine: {}", error.what()));
    }
  }
  // A log of this run alone, which names nobody: the storage has it at least.
  const AuditHead place =
      unkept_ ? AuditHead{unkept_->log, unkept_->number + 1, unkept_->hash} : AuditHead{random_id<16>(), 0, {}};
  const Bytes object = encode(place, facts, nullptr, {});
  (void)storage.put(object);
  note(storage);
  unkept_ = AuditHead{place.log, place.number, sha256(object)};
  return *unkept_;
}

Bytes AuditLog::encode(const AuditHead& place, const AuditFacts& facts, const SubjectKey* subject,
                       const AuditPersonal& personal) const {
  const KeyRing& keys = repository_.keys();
  return encode_audit_entry(repository_.record_context(), keys.index_keys(), keys.signer(), place, facts, subject,
                            personal);
}

AuditHead AuditLog::append_in_turn(const Turn& turn, Storage& storage, const AuditFacts& facts,
                                   const std::optional<AuditPersonal>& personal) {
  OwnSubject subject(repository_, turn.folder());
  const SubjectKey* key = personal ? &subject.key() : nullptr;
  try {
    subject.publish({});
  } catch (const Error& error) {
    storage.fail(error);  // before its key is, nothing under it is stored
  }
  for (;;) {
    const AuditLogId log = turn.current_or_new();
    LocalAuditFile file = turn.open(log);
    const std::optional<LocalAuditFile::Entry> last = file.last();
    const AuditHead place = last ? AuditHead{log, decode_audit_entry(last->object).number + 1, sha256(last->object)}
                                 : AuditHead{log, 0, {}};
    bool forked = false;
    for (const LocalAuditFile::Entry& entry : file.unstored())
      forked = forked || storage.put(file, entry) == Stored::others_are_there;
    if (!forked) {
      const Bytes object = encode(place, facts, key, personal.value_or(AuditPersonal{}));
      if (storage.put(file, file.append(object)) != Stored::others_are_there)
        return {place.log, place.number, sha256(object)};
    }
    begin_fork(turn, log, storage, facts);
  }
}

// The state folder is an old copy, or that of a machine that was cloned: others went on with its log.
void AuditLog::begin_fork(const Turn& turn, const AuditLogId& forked, Storage& storage, const AuditFacts& facts) const {
  turn.retire(forked);
  AuditFacts fork;
  fork.type = AuditType::fork;
  fork.time = facts.time;
  fork.operation = facts.operation;
  fork.slot = facts.slot;
  fork.forked = forked;
  const AuditLogId log = turn.current_or_new();
  LocalAuditFile file = turn.open(log);
  (void)storage.put(file, file.append(encode({log, 0, {}}, fork, nullptr, {})));
}

void AuditLog::forget_own(const std::vector<SubjectId>& subjects) {
  try {
    const Turn turn(repository_);
    OwnSubject(repository_, turn.folder()).wipe_if_among(subjects);
  } catch (const Error& error) {
    remark(trf("the audit log cannot be kept on this machine: {}", error.what()));
  }
}

std::vector<std::vector<LocalAuditEntry>> local_audit_logs(const Repository& repository) {
  std::vector<std::vector<LocalAuditEntry>> logs;
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(local_audit_folder(repository), ignored)) {
    if (file.path().extension() != kKept) continue;
    std::vector<LocalAuditEntry>& entries = logs.emplace_back();
    for (LocalAuditFile::Entry& entry : LocalAuditFile::read(file.path()))
      if (is_entry(entry.object)) entries.push_back({std::move(entry.object), entry.stored});
  }
  return logs;
}

std::vector<AuditHead> known_audit_heads(const Repository& repository) {
  const std::optional<Bytes> content = read_local_file(local_audit_folder(repository) / "heads");
  std::istringstream lines{std::string(text_of(content ? ByteView(*content) : ByteView()))};
  std::string line;
  if (!std::getline(lines, line) || line != first_line(repository)) return {};
  std::vector<AuditHead> heads;
  std::string log;
  std::string hash;
  std::uint64_t number = 0;
  while (lines >> log >> number >> hash) {
    const std::optional<Bytes> log_id = from_hex(log);
    const std::optional<Bytes> digest = from_hex(hash);
    if (!log_id || log_id->size() != AuditLogId::kSize || !digest || digest->size() != Id32::kSize) break;
    heads.push_back({AuditLogId::from(*log_id), number, Id32::from(*digest)});
  }
  return heads;
}

void remember_audit_heads(const Repository& repository, const std::vector<AuditHead>& heads) {
  std::string text = first_line(repository) + '\n';
  for (const AuditHead& head : heads)
    text += to_hex(head.log.view()) + ' ' + std::to_string(head.number) + ' ' + to_hex(head.hash.view()) + '\n';
  (void)replace_local_file(local_audit_folder(repository) / "heads", view_of(text));
}

}  // namespace igudar
