// A TCP proxy that makes a fast server a distant one: every byte arrives a fixed time after it was sent, in each
// direction, with as many bytes under way as there are. For benchmarks of programs that talk to storage, ours and
// others:
//   igudar_delay_proxy HOST:PORT MILLISECONDS [LISTENING PORT]
// prints the port (of loopback) that it listens at, and runs until it is killed. MILLISECONDS are for one way: a round
// trip takes twice as long. It needs nothing of the kernel, where netem may be missing. One difference to a distant
// server: a connection is accepted at once, so that opening one costs no round trip.
//
// One thread. Each direction of a connection is a queue of blocks with the time at which each is due; a full one is not
// read from, so that memory is bounded.
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <exception>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBlockBytes = 128 * 1024;
constexpr std::size_t kBlocksUnderWay = 512;  // 64 MiB a direction: 6 GB/s at 10 ms
constexpr int kBlocksATurn = 16;              // so that no connection waits for another

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct Block {
  Clock::time_point due;
  std::vector<char> bytes;  // kBlockBytes, of which `end` are filled
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Blocks to use again: fresh pages for each would cost more than the copying.
class BlockPool {
 public:
  std::vector<char> take() {
    if (free_.empty()) return std::vector<char>(kBlockBytes);
    std::vector<char> bytes = std::move(free_.back());
    free_.pop_back();
    return bytes;
  }
  void give(std::vector<char> bytes) { free_.push_back(std::move(bytes)); }

 private:
  std::vector<std::vector<char>> free_;
};

// From one socket to the other. What epoll tells once (edge-triggered) is remembered in `readable` and `writable`.
struct Direction {
  int from = -1;
  int to = -1;
  bool readable = false;
  bool writable = false;
  std::deque<Block> under_way;
  std::optional<Clock::time_point> end_due;  // `from` sends no more
  bool ended = false;                        // and `to` has been told

  bool may_read() const { return readable && !end_due && under_way.size() < kBlocksUnderWay; }
  std::optional<Clock::time_point> next_due() const {
    if (!under_way.empty()) return writable ? std::optional(under_way.front().due) : std::nullopt;
    return ended ? std::nullopt : end_due;
  }
};

struct Connection;

// What epoll gives back: a socket that the direction `reads` reads from, and the other one writes to.
struct Side {
  Connection* connection;
  std::size_t reads;
};

struct Connection {
  std::array<Direction, 2> directions;  // from the client, from the server
  std::array<Side, 2> sides{Side{this, 0}, Side{this, 1}};
  bool broken = false;
};

bool would_wait() {
  return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
}

sockaddr_in address_of(const std::string& target) {
  const std::size_t colon = target.rfind(':');
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (colon == std::string::npos ||
      getaddrinfo(target.substr(0, colon).c_str(), target.substr(colon + 1).c_str(), &hints, &found) != 0) {
    throw std::system_error(EINVAL, std::generic_category(), target);
  }
  sockaddr_in address{};
  std::memcpy(&address, found->ai_addr, sizeof address);
  freeaddrinfo(found);
  return address;
}

class DelayProxy {
 public:
  DelayProxy(const std::string& target, Clock::duration delay, in_port_t port)
      : target_(address_of(target)),
        delay_(delay),
        listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("bind");
    if (listen(listener_, SOMAXCONN) != 0) fail("listen");
    watch(listener_, EPOLLIN, nullptr);
  }
  DelayProxy(const DelayProxy&) = delete;
  DelayProxy& operator=(const DelayProxy&) = delete;

  in_port_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) fail("getsockname");
    return ntohs(address.sin_port);
  }

  [[noreturn]] void run() {
    for (;;) {
      wait();
      for (Connection& connection : connections_) {
        for (Direction& direction : connection.directions) {
          send_what_is_due(connection, direction);
          receive(connection, direction);
        }
      }
      drop_finished();
    }
  }

 private:
  void watch(int descriptor, std::uint32_t events, Side* side) const {
    epoll_event event{};
    event.events = events;
    event.data.ptr = side;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
  }

  // Until a socket can do something, or a block is due.
  void wait() {
    std::array<epoll_event, 64> events{};
    const std::optional<timespec> timeout = time_to_wait();
    const int count =
        epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), timeout ? &*timeout : nullptr, nullptr);
    if (count < 0 && errno != EINTR) fail("epoll_pwait2");
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      const auto* side = static_cast<const Side*>(event.data.ptr);
      if (side == nullptr) {
        accept_all();
        continue;
      }
      Direction& reads = side->connection->directions[side->reads];
      Direction& writes = side->connection->directions[1 - side->reads];
      if ((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) reads.readable = true;
      if ((event.events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) writes.writable = true;
    }
  }

  std::optional<timespec> time_to_wait() const {
    std::optional<Clock::time_point> next;
    for (const Connection& connection : connections_) {
      for (const Direction& direction : connection.directions) {
        if (direction.may_read()) return timespec{};
        const auto due = direction.next_due();
        if (due && (!next || *due < *next)) next = due;
      }
    }
    if (!next) return std::nullopt;
    const auto left = std::max(std::chrono::duration_cast<std::chrono::nanoseconds>(*next - Clock::now()),
                               std::chrono::nanoseconds(0))
                          .count();
    return timespec{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
  }

  void accept_all() {
    for (;;) {
      const int client = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (client < 0) return;
      const int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (server < 0) fail("socket");
      const int on = 1;
      setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (connect(server, reinterpret_cast<const sockaddr*>(&target_), sizeof target_) != 0 && errno != EINPROGRESS) {
        close(client);
        close(server);
        continue;
      }
      Connection& connection = connections_.emplace_back();
      connection.directions[0].from = connection.directions[1].to = client;
      connection.directions[1].from = connection.directions[0].to = server;
      for (Side& side : connection.sides) {
        watch(connection.directions[side.reads].from, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &side);
      }
    }
  }

  void send_what_is_due(Connection& connection, Direction& direction) {
    const Clock::time_point now = Clock::now();
    while (direction.writable && !direction.under_way.empty() && direction.under_way.front().due <= now) {
      Block& block = direction.under_way.front();
      const ssize_t sent = send(direction.to, block.bytes.data() + block.begin, block.end - block.begin, MSG_NOSIGNAL);
      if (sent < 0) {
        direction.writable = false;
        connection.broken |= !would_wait();
        return;
      }
      block.begin += static_cast<std::size_t>(sent);
      if (block.begin < block.end) continue;
      pool_.give(std::move(block.bytes));
      direction.under_way.pop_front();
    }
    if (direction.under_way.empty() && direction.end_due && *direction.end_due <= now && !direction.ended) {
      direction.ended = true;
      shutdown(direction.to, SHUT_WR);
    }
  }

  void receive(Connection& connection, Direction& direction) {
    for (int turn = 0; turn < kBlocksATurn && direction.may_read(); ++turn) {
      std::vector<char> bytes = pool_.take();
      const ssize_t got = read(direction.from, bytes.data(), bytes.size());
      if (got > 0) {
        direction.under_way.push_back(Block{Clock::now() + delay_, std::move(bytes), 0, static_cast<std::size_t>(got)});
        continue;
      }
      pool_.give(std::move(bytes));
      if (got == 0) {
        direction.end_due = Clock::now() + delay_;
      } else {
        direction.readable = false;
        connection.broken |= !would_wait();
      }
    }
  }

  void drop_finished() {
    connections_.remove_if([this](Connection& connection) {
      if (!connection.broken && !(connection.directions[0].ended && connection.directions[1].ended)) return false;
      for (Direction& direction : connection.directions) {
        close(direction.from);
        for (Block& block : direction.under_way) pool_.give(std::move(block.bytes));
      }
      return true;
    });
  }

  const sockaddr_in target_;
  const Clock::duration delay_;
  const int listener_;
  const int epoll_;
  std::list<Connection> connections_;
  BlockPool pool_;
};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 0 && value <= 60'000
             ? std::optional(value)
             : std::nullopt;
}

}  // namespace

int main(int argc, char** argv) try {
  const auto delay = argc >= 3 ? number(argv[2]) : std::nullopt;
  const auto port = argc >= 4 ? number(argv[3]) : std::optional(0.0);
  if (!delay || !port || argc > 4) {
    std::fputs("usage: igudar_delay_proxy HOST:PORT MILLISECONDS [LISTENING PORT]\n", stderr);
    return 2;
  }
  DelayProxy proxy(argv[1],
                   std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double, std::milli>(*delay)),
                   static_cast<in_port_t>(*port));
  std::printf("%d\n", proxy.port());
  std::fflush(stdout);
  proxy.run();
} catch (const std::exception& error) {
  std::fprintf(stderr, "igudar_delay_proxy: %s\n", error.what());
  return 1;
}
