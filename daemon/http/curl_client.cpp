#include "daemon/http/curl_client.hpp"

#include <algorithm>
#include <stdexcept>

#include "daemon/http/curl_transfer.hpp"

namespace supportd::http {
namespace {

struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

void check(CURLMcode code) {
  if (code != CURLM_OK) throw std::runtime_error(std::string("libcurl: ") + curl_multi_strerror(code));
}

// Connections a lane keeps while idle, over all hosts.
constexpr long kept_connections = 16;

}  // namespace

// A curl multi, the connections it keeps warm, and its transfers. Used by one thread at a time.
class CurlClient::Lane {
 public:
  Lane(const CurlOptions& options, const time::Clock& clock)
      : options_(options), clock_(clock), multi_(curl_multi_init()) {
    if (!multi_) throw std::bad_alloc();
    check(curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kept_connections));
  }

  void run(std::span<const Request> requests, std::span<Outcome> outcomes, const std::stop_token& stop) {
    const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_.get()); });
    std::size_t next = 0;
    while (!stop.stop_requested()) {
      for (; next < requests.size() && active_.size() < options_.parallel; ++next)
        start(requests[next], outcomes[next]);
      if (active_.empty()) return;
      int running = 0;
      check(curl_multi_perform(multi_.get(), &running));
      if (!collect()) check(curl_multi_poll(multi_.get(), nullptr, 0, 1000, nullptr));
    }
    while (!active_.empty()) {
      active_.back()->interrupt();
      retire(active_.size() - 1);
    }
    for (; next < requests.size(); ++next) outcomes[next] = Error(ErrorKind::stopped, "stopped before sending");
  }

 private:
  void start(const Request& request, Outcome& outcome) {
    if (auto flaw = CurlTransfer::check(request)) {
      outcome = std::move(*flaw);
      return;
    }
    if (idle_.empty()) idle_.push_back(std::make_unique<CurlTransfer>(options_, clock_));
    idle_.back()->begin(request, outcome);
    check(curl_multi_add_handle(multi_.get(), idle_.back()->handle()));
    active_.push_back(std::move(idle_.back()));
    idle_.pop_back();
  }

  // True when any exchange ended or began anew, so that there is more to do at once.
  bool collect() {
    bool any = false;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      any = true;
      CURL* const handle = message->easy_handle;
      const CURLcode code = message->data.result;
      const auto at = std::ranges::find(active_, handle, &CurlTransfer::handle);
      check(curl_multi_remove_handle(multi_.get(), handle));
      if ((*at)->end(code)) {
        idle_.push_back(std::move(*at));
        active_.erase(at);
      } else {
        check(curl_multi_add_handle(multi_.get(), handle));
      }
    }
    return any;
  }

  void retire(std::size_t i) {
    check(curl_multi_remove_handle(multi_.get(), active_[i]->handle()));
    idle_.push_back(std::move(active_[i]));
    active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(i));
  }

  const CurlOptions& options_;
  const time::Clock& clock_;
  std::unique_ptr<CURLM, FreeMulti> multi_;
  std::vector<std::unique_ptr<CurlTransfer>> active_;
  std::vector<std::unique_ptr<CurlTransfer>> idle_;
};

CurlClient::CurlClient(CurlOptions options, const time::Clock& clock) : options_(std::move(options)), clock_(clock) {
  curl_global_init(CURL_GLOBAL_DEFAULT);  // counted by libcurl, paired in the destructor
}

CurlClient::~CurlClient() {
  idle_.clear();
  curl_global_cleanup();
}

Response CurlClient::send(const Request& request, std::stop_token stop) {
  Outcome outcome;
  exchange({&request, 1}, {&outcome, 1}, std::move(stop));
  if (auto* error = std::get_if<Error>(&outcome)) throw std::move(*error);
  return std::get<Response>(std::move(outcome));
}

std::vector<Outcome> CurlClient::send_all(const std::vector<Request>& requests, std::stop_token stop) {
  std::vector<Outcome> outcomes(requests.size());
  exchange(requests, outcomes, std::move(stop));
  return outcomes;
}

void CurlClient::exchange(std::span<const Request> requests, std::span<Outcome> outcomes, std::stop_token stop) {
  auto lane = lease();
  lane->run(requests, outcomes, stop);
  give_back(std::move(lane));
}

std::unique_ptr<CurlClient::Lane> CurlClient::lease() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<Lane>(options_, clock_);
  auto lane = std::move(idle_.back());
  idle_.pop_back();
  return lane;
}

void CurlClient::give_back(std::unique_ptr<Lane> lane) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(lane));
}

}  // namespace supportd::http
