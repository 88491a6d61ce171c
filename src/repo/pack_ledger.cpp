#include "repo/pack_ledger.h"

#include <sqlite3.h>

#include <utility>

#include "base/free_with.h"
#include "base/translate.h"

namespace igudar {

namespace {

using Database = OwnedBy<sqlite3, sqlite3_close>;
using Statement = OwnedBy<sqlite3_stmt, sqlite3_finalize>;

// What SQLite says; caught inside this file.
struct SqliteFailure {
  int code;
  std::string text;
  bool is_damage() const { return code == SQLITE_CORRUPT || code == SQLITE_NOTADB; }
};

void require(sqlite3* database, bool done) {
  if (!done) throw SqliteFailure{::sqlite3_errcode(database), ::sqlite3_errmsg(database)};
}

void execute(sqlite3* database, const char* sql) {
  require(database, ::sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
}

Statement prepare(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  require(database, ::sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) == SQLITE_OK);
  return Statement(statement);
}

void bind_pack(sqlite3_stmt* statement, const PackName& pack) {
  ::sqlite3_bind_blob(statement, 1, pack.bytes.data(), static_cast<int>(pack.bytes.size()), SQLITE_TRANSIENT);
}

void run(sqlite3* database, sqlite3_stmt* statement) {
  require(database, ::sqlite3_step(statement) == SQLITE_DONE);
  ::sqlite3_reset(statement);
}

Database open_database(const std::filesystem::path& file) {
  sqlite3* opened = nullptr;
  const int code = ::sqlite3_open_v2(file.c_str(), &opened,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(opened);
  if (code != SQLITE_OK) throw SqliteFailure{code, ::sqlite3_errstr(code)};
  constexpr int kBusyMilliseconds = 5000;
  ::sqlite3_busy_timeout(opened, kBusyMilliseconds);
  // Losing the latest notes in a power cut is fine; waiting for the disk is not.
  execute(opened, "PRAGMA synchronous = OFF");
  execute(opened, "CREATE TABLE IF NOT EXISTS reads (pack BLOB PRIMARY KEY, time INTEGER NOT NULL) WITHOUT ROWID");
  return database;
}

// A transaction that is undone unless it gets to commit().
class Transaction {
 public:
  explicit Transaction(sqlite3* database) : database_(database) { execute(database_, "BEGIN IMMEDIATE"); }
  ~Transaction() {
    if (database_ != nullptr) ::sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() { execute(std::exchange(database_, nullptr), "COMMIT"); }

 private:
  sqlite3* database_;
};

std::map<PackName, TimeNs> read_all(sqlite3* database) {
  std::map<PackName, TimeNs> times;
  const Statement rows = prepare(database, "SELECT pack, time FROM reads");
  int step = ::sqlite3_step(rows.get());
  for (; step == SQLITE_ROW; step = ::sqlite3_step(rows.get())) {
    if (::sqlite3_column_bytes(rows.get(), 0) != static_cast<int>(PackName::kSize)) continue;
    const auto* pack = static_cast<const std::uint8_t*>(::sqlite3_column_blob(rows.get(), 0));
    times[PackName::from({pack, PackName::kSize})] = ::sqlite3_column_int64(rows.get(), 1);
  }
  require(database, step == SQLITE_DONE);
  return times;
}

}  // namespace

struct PackLedger::State {
  std::filesystem::path file;
  std::function<void(std::string)> remark;
  Database database;
  bool failed = false;

  // Runs `use` on the database; once more on a new one when the file turns out to be damaged.
  void with_database(const std::function<void(sqlite3*)>& use) {
    for (int attempt = 0; !failed && attempt < 2; ++attempt) {
      try {
        if (!database) database = open_database(file);
        return use(database.get());
      } catch (const SqliteFailure& failure) {
        database.reset();
        if (failure.is_damage() && attempt == 0)
          discard();
        else
          give_up(failure);
      }
    }
  }

  void discard() {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    std::filesystem::remove(file.string() + "-journal", ignored);
    remark(
        trf("{} was damaged and has been discarded: which packs were read when is not known any more", file.string()));
  }

  void give_up(const SqliteFailure& failure) {
    failed = true;
    remark(trf("when packs were read is not remembered: {}: {}", file.string(), failure.text));
  }
};

PackLedger::PackLedger(std::filesystem::path file, std::function<void(std::string)> remark)
    : state_(std::make_unique<State>()) {
  state_->file = std::move(file);
  state_->remark = std::move(remark);
}

PackLedger::~PackLedger() = default;

std::map<PackName, TimeNs> PackLedger::last_read() {
  std::map<PackName, TimeNs> times;
  state_->with_database([&](sqlite3* database) { times = read_all(database); });
  return times;
}

void PackLedger::note_read(const std::vector<PackName>& packs, TimeNs time) {
  state_->with_database([&](sqlite3* database) {
    Transaction transaction(database);
    const Statement put = prepare(database, "INSERT OR REPLACE INTO reads (pack, time) VALUES (?, ?)");
    for (const PackName& pack : packs) {
      bind_pack(put.get(), pack);
      ::sqlite3_bind_int64(put.get(), 2, time);
      run(database, put.get());
    }
    transaction.commit();
  });
}

void PackLedger::retain(const std::set<PackName>& present) {
  state_->with_database([&](sqlite3* database) {
    Transaction transaction(database);
    const Statement drop = prepare(database, "DELETE FROM reads WHERE pack = ?");
    for (const auto& [pack, time] : read_all(database)) {
      if (present.contains(pack)) continue;
      bind_pack(drop.get(), pack);
      run(database, drop.get());
    }
    transaction.commit();
  });
}

}  // namespace igudar
