#include "crypto/sha256_lanes.h"

#ifdef IGUDAR_HAS_IPSEC_MB
#include <intel-ipsec-mb.h>

#include <algorithm>

#include "base/free_with.h"
#endif

namespace igudar {

#ifdef IGUDAR_HAS_IPSEC_MB

namespace {
// A vector's lanes take as long for one piece as for all of them: half the speed of OpenSSL's single one, or less.
constexpr std::size_t kFewestForVectors = 4;
}  // namespace

struct Sha256Lanes::Manager {
  OwnedBy<IMB_MGR, free_mb_mgr> imb;
  bool has_sha_instructions = false;

  // Null when it cannot be had on this processor.
  static std::unique_ptr<Manager> make() {
    auto manager = std::make_unique<Manager>();
    manager->imb.reset(alloc_mb_mgr(0));
    if (!manager->imb) return nullptr;
    IMB_MGR* const imb = manager->imb.get();
    const auto has = [imb](std::uint64_t features) { return (imb->features & features) == features; };
    // Left to itself the library prefers 16 lanes of AVX-512 to the SHA instructions, which are as fast for many
    // pieces, but 8 times slower for two.
    manager->has_sha_instructions = has(IMB_FEATURE_SHANI);
    if (has(IMB_FEATURE_SHANI | IMB_CPUFLAGS_AVX2)) {
      init_mb_mgr_avx2(imb);
    } else {
      IMB_ARCH architecture = IMB_ARCH_NONE;
      init_mb_mgr_auto(imb, &architecture);
      if (architecture == IMB_ARCH_NONE) return nullptr;
    }
    if (imb_get_errno(imb) != 0 || !has(IMB_FEATURE_SELF_TEST_PASS)) return nullptr;
    return manager;
  }
};

Sha256Lanes* Sha256Lanes::of_this_thread() {
  thread_local const std::unique_ptr<Sha256Lanes> lanes = [] {
    std::unique_ptr<Sha256Lanes> made;
    if (std::unique_ptr<Manager> manager = Manager::make()) made.reset(new Sha256Lanes(std::move(manager)));
    return made;
  }();
  return lanes.get();
}

std::size_t Sha256Lanes::fewest_pieces() const {
  return manager_->has_sha_instructions ? 2 : kFewestForVectors;
}

bool Sha256Lanes::hash(ByteView bytes, std::size_t size, std::span<Id32> digests) {
  IMB_MGR* const imb = manager_->imb.get();
  std::size_t done = 0;
  const auto count = [&done](const IMB_JOB* job) { done += job->status == IMB_STATUS_COMPLETED ? 1 : 0; };
  for (Id32& digest : digests) {
    IMB_JOB* job = IMB_GET_NEXT_JOB(imb);
    *job = {};
    job->cipher_mode = IMB_CIPHER_NULL;
    job->cipher_direction = IMB_DIR_ENCRYPT;
    job->chain_order = IMB_ORDER_HASH_CIPHER;
    job->hash_alg = IMB_AUTH_SHA_256;
    job->src = bytes.data();
    job->msg_len_to_hash_in_bytes = std::min(size, bytes.size());
    job->auth_tag_output = digest.bytes.data();
    job->auth_tag_output_len_in_bytes = Id32::kSize;
    bytes = bytes.subspan(job->msg_len_to_hash_in_bytes);
    for (const IMB_JOB* ended = IMB_SUBMIT_JOB(imb); ended != nullptr; ended = IMB_GET_COMPLETED_JOB(imb)) count(ended);
  }
  // To the last one, come what may: the lanes keep no pointer into what the caller owns.
  while (const IMB_JOB* ended = IMB_FLUSH_JOB(imb)) count(ended);
  return done == digests.size();
}

#else

struct Sha256Lanes::Manager {};
Sha256Lanes* Sha256Lanes::of_this_thread() {
  return nullptr;
}
std::size_t Sha256Lanes::fewest_pieces() const {
  return 0;
}
bool Sha256Lanes::hash(ByteView, std::size_t, std::span<Id32>) {
  return false;
}

#endif

Sha256Lanes::Sha256Lanes(std::unique_ptr<Manager> manager) : manager_(std::move(manager)) {}
Sha256Lanes::~Sha256Lanes() = default;

}  // namespace igudar
