#include "repo/audit_subject.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/descriptor_io.h"
#include "base/hex.h"
#include "base/translate.h"
#include "base/unique_fd.h"
#include "format/byte_reader.h"
#include "format/byte_writer.h"
#include "format/session_keys.h"
#include "repo/local_file.h"
#include "repo/local_identity.h"

namespace igudar {

namespace {

constexpr std::uint64_t kLargestSubject = 64U << 10;

ObjectName object_of(const SubjectId& subject) {
  return {ObjectKind::subject, to_hex(subject.view())};
}

}  // namespace

Subjects read_subjects(const Repository& repository, std::stop_token stop) {
  Subjects subjects;
  for (const ObjectInfo& object : repository.store().list(ObjectKind::subject, stop)) {
    const std::optional<Bytes> id = from_hex(object.name.id);
    if (!id || id->size() != SubjectId::kSize) continue;
    const SubjectId subject = SubjectId::from(*id);
    try {
      const SealedSubject sealed = decode_subject(repository.record_context(), repository.config().authority, subject,
                                                  repository.store().get(object.name, kLargestSubject, stop));
      std::optional<Subject>& opened = subjects.present[subject];
      if (!repository.keys().can_read()) continue;
      SecretBytes key = repository.keys().session_secret(sealed.sealed);
      std::string name = open_subject_name(sealed, key.view());
      opened = Subject{std::move(name), std::move(key)};
    } catch (const Error& error) {
      if (!is_loss(error)) throw;
      if (error.code() != ErrorCode::not_found) subjects.damaged.push_back({object.name, error});
    }
  }
  return subjects;
}

void remove_subject(const Repository& repository, const SubjectId& subject, std::stop_token stop) {
  repository.keys().require_reading();
  repository.store().remove(object_of(subject), stop);
}

OwnSubject::OwnSubject(const Repository& repository, const std::filesystem::path& folder)
    : repository_(repository), file_(folder / "subject"), name_(user_at_host()) {
  loaded_ = load();
}

const SubjectKey& OwnSubject::key() {
  if (loaded_ && published_ && is_gone()) {
    wipe_file();
    loaded_ = false;
  }
  if (!loaded_) {
    draw();
    keep();
    loaded_ = true;
  }
  return key_;
}

bool OwnSubject::is_gone() const {
  try {
    return !repository_.store().stat(object_of(key_.id), {});
  } catch (const Error&) {
    return false;  // what cannot be asked now is not known to be gone
  }
}

void OwnSubject::wipe_if_among(const std::vector<SubjectId>& subjects) {
  if (!loaded_ || std::find(subjects.begin(), subjects.end(), key_.id) == subjects.end()) return;
  wipe_file();
  loaded_ = false;
}

// The file: u8 version (1) ‖ u8 published ‖ id ‖ key ‖ u16 epoch ‖ u8 suite ‖ sealed key ‖ name.
bool OwnSubject::load() {
  std::optional<Bytes> content = read_local_file(file_);
  if (!content) return false;
  try {
    ByteReader reader(*content, "audit subject of this machine");
    if (reader.u8() != 1) return false;
    published_ = reader.u8() != 0;
    key_.id = reader.id<16>();
    key_.key = SecretBytes(reader.take(kSessionSecretSize));
    sealed_.id = key_.id;
    sealed_.epoch = reader.u16();
    sealed_.suite = require_cipher_suite(reader.u8());
    sealed_.sealed_secret = SealedSecret(sealed_.epoch, reader.bytes());
    const bool same = text_of(reader.rest()) == name_;
    wipe(*content);
    return same;
  } catch (const Error&) {
    return false;
  }
}

void OwnSubject::draw() {
  OwnSession drawn = repository_.keys().new_session();
  sealed_ = drawn.ref;
  key_ = {drawn.ref.id, std::move(drawn.secret)};
  published_ = false;
}

// That it cannot be kept costs no more than another subject the next time.
void OwnSubject::keep() const {
  Bytes content;
  ByteWriter writer(content);
  writer.u8(1);
  writer.u8(published_ ? 1 : 0);
  writer.raw(key_.id.view());
  writer.raw(key_.key.view());
  writer.u16(sealed_.epoch);
  writer.u8(static_cast<std::uint8_t>(sealed_.suite));
  writer.bytes(sealed_.sealed_secret.view());
  writer.raw(view_of(name_));
  (void)replace_local_file(file_, content);
  wipe(content);
}

void OwnSubject::wipe_file() const {
  const UniqueFd file(::open(file_.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  const Bytes zeros(256);
  if (file.valid() && write_fully_at(file.get(), 0, zeros) == 0) (void)::fdatasync(file.get());
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

void OwnSubject::publish(std::stop_token stop) {
  if (!loaded_ || published_) return;
  const Bytes object =
      encode_subject(repository_.record_context(), repository_.keys().signer(), sealed_, key_.key.view(), name_);
  try {
    repository_.store().put(object_of(key_.id), object, Durability::durable, stop);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::already_exists) throw;  // else: an earlier run was cut short after this
  }
  published_ = true;
  keep();
}

}  // namespace igudar
