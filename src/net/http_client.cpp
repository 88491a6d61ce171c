#include "net/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <new>
#include <utility>

#include "base/error.h"
#include "base/translate.h"
#include "concurrency/guarded.h"
#include "concurrency/task_scope.h"
#include "net/http_transfer.h"

namespace igudar {

namespace {

Error stopped_error() {
  return {ErrorCode::interrupted, tr("stopped on request")};
}

}  // namespace

const std::string* HttpResponse::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const HttpHeader& h) { return h.name == name; });
  return found == headers.end() ? nullptr : &found->value;
}

// The thread that drives libcurl, and its mailbox. Everything but the mailbox and wake() is the thread's own.
class HttpClient::Engine {
 public:
  explicit Engine(HttpOptions options) : options_(std::move(options)), multi_(curl_multi_init()) {
    if (!multi_) throw std::bad_alloc();
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(options_.connections));
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(options_.connections));
  }
  ~Engine() {
    scope_.request_stop();
    wake();
    scope_.join();
  }

  std::shared_ptr<HttpTransfer> make_transfer(HttpRequest request) {
    return std::make_shared<HttpTransfer>(std::move(request), options_, sockets_);
  }

  void start(const std::shared_ptr<HttpTransfer>& transfer) {
    const bool first = mail_.with([&](Mail& mail) {
      mail.begun.push_back(transfer);
      return !std::exchange(mail.running, true);
    });
    if (first) scope_.spawn("http", [this](std::stop_token stop) { run(stop); });
    wake();
  }
  // The transfer ends soon, if it has not ended: its outcome is still to be waited for.
  void cancel(const std::shared_ptr<HttpTransfer>& transfer) {
    mail_.with([&](Mail& mail) { mail.cancelled.push_back(transfer); });
    wake();
  }

 private:
  using Transfers = std::vector<std::shared_ptr<HttpTransfer>>;
  struct Mail {
    Transfers begun;
    Transfers cancelled;
    bool running = false;
  };

  void wake() { curl_multi_wakeup(multi_.get()); }

  void run(const std::stop_token& stop) {
    constexpr int kLongestSleepMs = 1000;
    while (!stop.stop_requested()) {
      read_mail();
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      end_finished();
      curl_multi_poll(multi_.get(), nullptr, 0, kLongestSleepMs, nullptr);
    }
    read_mail();
    while (!active_.empty()) give_up(active_.back());
  }

  void read_mail() {
    Transfers begun;
    Transfers cancelled;
    mail_.with([&](Mail& mail) {
      begun.swap(mail.begun);
      cancelled.swap(mail.cancelled);
    });
    for (const auto& transfer : begun) begin(transfer);
    for (const auto& transfer : cancelled)
      if (std::find(active_.begin(), active_.end(), transfer) != active_.end()) give_up(transfer);
  }

  void begin(const std::shared_ptr<HttpTransfer>& transfer) {
    try {
      CurlEasy easy;
      if (idle_.empty()) {
        easy.reset(curl_easy_init());
        if (!easy) throw std::bad_alloc();
      } else {
        easy = std::move(idle_.back());
        idle_.pop_back();
      }
      transfer->begin(std::move(easy));
      active_.push_back(transfer);
      if (curl_multi_add_handle(multi_.get(), transfer->easy()) != CURLM_OK) throw std::bad_alloc();
    } catch (const Error& error) {
      transfer->end(error);
    } catch (const std::bad_alloc&) {
      if (!active_.empty() && active_.back() == transfer) active_.pop_back();
      transfer->end(Error(ErrorCode::failed, tr("there is not enough memory")));
    }
  }

  void end_finished() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode result = message->data.result;
      const std::shared_ptr<HttpTransfer> transfer = take_off(message->easy_handle);
      transfer->end(result);
      idle_.push_back(transfer->release());
    }
  }

  std::shared_ptr<HttpTransfer> take_off(CURL* easy) {
    curl_multi_remove_handle(multi_.get(), easy);
    const auto found =
        std::find_if(active_.begin(), active_.end(), [&](const auto& transfer) { return transfer->easy() == easy; });
    std::shared_ptr<HttpTransfer> transfer = std::move(*found);
    active_.erase(found);
    return transfer;
  }

  void give_up(const std::shared_ptr<HttpTransfer>& given_up) {
    const std::shared_ptr<HttpTransfer> transfer = take_off(given_up->easy());
    idle_.push_back(transfer->release());
    transfer->end(stopped_error());
  }

  const HttpOptions options_;
  HttpSockets sockets_;
  OwnedBy<CURLM, curl_multi_cleanup> multi_;
  Transfers active_;
  std::vector<CurlEasy> idle_;
  Guarded<Mail> mail_;
  TaskScope scope_;
};

struct HttpExchange::State {
  std::shared_ptr<HttpClient::Engine> engine;
  std::shared_ptr<HttpTransfer> transfer;
  bool ended = false;

  ~State() {
    if (ended) return;
    engine->cancel(transfer);
    (void)transfer->outcome.wait({});
  }
};

HttpExchange::HttpExchange(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpExchange::HttpExchange(HttpExchange&&) noexcept = default;
HttpExchange& HttpExchange::operator=(HttpExchange&&) noexcept = default;
HttpExchange::~HttpExchange() = default;

HttpResponse HttpExchange::wait(std::stop_token stop) {
  auto outcome = state_->transfer->outcome.wait(stop);
  if (!outcome) {
    state_->engine->cancel(state_->transfer);
    (void)state_->transfer->outcome.wait({});
    state_->ended = true;
    throw stopped_error();
  }
  state_->ended = true;
  if (*outcome) throw Error(**outcome);
  return std::move(state_->transfer->response());
}

HttpClient::HttpClient(HttpOptions options) {
  require_curl();
  engine_ = std::make_shared<Engine>(std::move(options));
}
HttpClient::~HttpClient() = default;

HttpExchange HttpClient::start(HttpRequest request) {
  auto state = std::make_unique<HttpExchange::State>();
  state->ended = true;  // nothing is under way yet
  state->engine = engine_;
  state->transfer = engine_->make_transfer(std::move(request));
  engine_->start(state->transfer);
  state->ended = false;
  return HttpExchange(std::move(state));
}

HttpResponse HttpClient::send(HttpRequest request, std::stop_token stop) {
  return start(std::move(request)).wait(std::move(stop));
}

}  // namespace igudar
