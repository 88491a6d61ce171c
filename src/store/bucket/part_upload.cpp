#include "store/bucket/part_upload.h"

#include <chrono>
#include <functional>
#include <utility>

#include "base/translate.h"
#include "concurrency/deadline.h"

namespace igudar {

namespace {

constexpr std::chrono::seconds kLongestAbort{5};

// Runs `action`, and gives its error as a value.
std::optional<Error> error_from(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::failed, tr("there is not enough memory"));
  }
  return std::nullopt;
}

}  // namespace

// One part waits while all threads put one; what is being filled is the writers'.
Uploader::Uploader(std::shared_ptr<ObjectService> service, unsigned parts_at_once)
    : service_(std::move(service)), pool_("upload", parts_at_once, service_->part_size()) {}

Buffer Uploader::take_buffer() {
  return buffers_.with([&](std::vector<Buffer>& buffers) {
    if (buffers.empty()) return Buffer(service_->part_size());
    Buffer buffer = std::move(buffers.back());
    buffers.pop_back();
    return buffer;
  });
}

void Uploader::give_back(Buffer buffer) {
  buffer.clear();
  buffers_.with([&](std::vector<Buffer>& buffers) { buffers.push_back(std::move(buffer)); });
}

PartUpload::PartUpload(std::shared_ptr<Uploader> uploader, std::string key)
    : uploader_(std::move(uploader)), shared_(std::make_shared<Shared>(*uploader_, std::move(key))) {}

PartUpload::~PartUpload() {
  if (completed_ || shared_->parts.empty()) return;
  shared_->stop.request_stop();
  // Parts that are being put would stay after an abort: it comes when the last has ended. They were taken before this
  // task is, so that it cannot keep them from a thread.
  uploader_->pool().submit(
      [shared = shared_, known = tags_.size()](const std::stop_token&) {
        for (std::size_t i = known; i < shared->parts.size(); ++i) (void)shared->parts[i]->wait({});
        const std::optional<Upload> upload = shared->begun.with([](Shared::Begun& begun) { return begun.upload; });
        // Also when the program is about to end. That it fails leaves what a later run finds among the unfinished
        // uploads.
        const Deadline deadline(kLongestAbort, {});
        if (upload) (void)error_from([&] { shared->uploader.service().abort(*upload, deadline.token()); });
      },
      0, {});
}

// The lock is held while the service is asked: parts wait for the first one to have begun the upload.
Upload PartUpload::Shared::begin(const std::stop_token& stop_token) {
  return begun.with([&](Begun& state) {
    if (!state.upload) {
      state.name_taken = uploader.service().head(key, stop_token).has_value();
      state.upload = uploader.service().begin_upload(key, stop_token);
    }
    return *state.upload;
  });
}

PartUpload::PartResult PartUpload::Shared::put(unsigned number, ByteView content, const std::stop_token& stop_token) {
  PartResult result;
  result.error =
      error_from([&] { result.tag = uploader.service().put_part(begin(stop_token), number, content, stop_token); });
  return result;
}

void PartUpload::add(Buffer part, std::stop_token stop) {
  // A part that failed shows soon, and not after hours of others.
  while (tags_.size() < shared_->parts.size())
    if (auto result = shared_->parts[tags_.size()]->take_if_given())
      take(std::move(*result));
    else
      break;
  size_ += part.size();
  const auto result = std::make_shared<Part>();
  shared_->parts.push_back(result);
  const auto number = static_cast<unsigned>(shared_->parts.size());
  const std::size_t cost = part.size();
  const auto content = std::make_shared<Buffer>(std::move(part));
  const bool taken = uploader_->pool().submit(
      [shared = shared_, result, number, content](const std::stop_token& pool_stop) {
        const std::stop_callback on_stop(pool_stop, [&] { shared->stop.request_stop(); });
        PartResult put = shared->put(number, content->view(), shared->stop.get_token());
        shared->uploader.give_back(std::move(*content));
        result->set(std::move(put));
      },
      cost, stop);
  if (taken) return;
  shared_->parts.pop_back();
  uploader_->give_back(std::move(*content));
  throw Error(ErrorCode::interrupted, tr("stopped on request"));
}

void PartUpload::take(PartResult result) {
  tags_.push_back(std::move(result.tag));
  if (result.error) throw Error(*result.error);
}

void PartUpload::complete(std::stop_token stop) {
  while (tags_.size() < shared_->parts.size()) {
    auto result = shared_->parts[tags_.size()]->wait(stop);
    if (!result) throw Error(ErrorCode::interrupted, tr("stopped on request"));
    take(std::move(*result));
  }
  const Shared::Begun begun = shared_->begun.with([](const Shared::Begun& state) { return state; });
  ObjectService& service = uploader_->service();
  if (begun.name_taken)
    throw Error(ErrorCode::already_exists, trf("{} exists already in {}", shared_->key, service.location()));
  service.complete(*begun.upload, tags_, size_, std::move(stop));
  completed_ = true;
}

}  // namespace igudar
