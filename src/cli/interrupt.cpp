#include "cli/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "base/error.h"
#include "base/translate.h"

namespace igudar {

namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};
constexpr int kStatusInterrupted = 130;
constexpr eventfd_t kSignalled = 1;
constexpr eventfd_t kFinished = 1ULL << 32;

// A signal handler reaches nothing else.
std::atomic<int> wake_fd{-1};
std::atomic<int> signals_seen{0};

void on_signal(int) {
  const int saved_errno = errno;
  if (signals_seen.fetch_add(1) > 0) ::_exit(kStatusInterrupted);
  (void)::eventfd_write(wake_fd.load(), kSignalled);
  errno = saved_errno;
}

}  // namespace

InterruptWatch::InterruptWatch() : wake_(::eventfd(0, EFD_CLOEXEC)) {
  if (!wake_.valid()) throw_errno(errno, tr("cannot watch for signals"));
  wake_fd.store(wake_.get());
  watching_.spawn("signals", [this](std::stop_token) {
    eventfd_t woken = 0;
    while (::eventfd_read(wake_.get(), &woken) != 0 && errno == EINTR) continue;
    if (woken < kFinished) source_.request_stop();
  });
  for (int number : kSignals) {
    struct sigaction before {};
    ::sigaction(number, nullptr, &before);
    if (before.sa_handler == SIG_IGN) continue;
    struct sigaction action {};
    action.sa_handler = on_signal;  // without SA_RESTART: a password prompt ends
    ::sigaction(number, &action, nullptr);
  }
}

InterruptWatch::~InterruptWatch() {
  for (int number : kSignals) {
    struct sigaction current {};
    ::sigaction(number, nullptr, &current);
    if (current.sa_handler != on_signal) continue;
    current.sa_handler = SIG_DFL;
    ::sigaction(number, &current, nullptr);
  }
  (void)::eventfd_write(wake_.get(), kFinished);
  watching_.join();
  wake_fd.store(-1);
}

}  // namespace igudar
