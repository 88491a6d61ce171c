#include "concurrency/byte_budget.h"

namespace igudar {

bool ByteBudget::take(std::size_t bytes, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, stop, [&] { return used_ == 0 || used_ + bytes <= limit_; });
  if (stop.stop_requested()) return false;
  used_ += bytes;
  return true;
}

void ByteBudget::give_back(std::size_t bytes) {
  std::lock_guard lock(mutex_);
  used_ -= bytes;
  freed_.notify_all();
}

}  // namespace igudar
