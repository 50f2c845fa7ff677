#include "tests/fakes/net.hpp"

namespace supportd::fakes {
namespace {

// A cut or a timeout: a safe request may simply be made again, of any other the outcome is not known.
Error broken(const http::Request& request, const std::string& what) {
  const ErrorKind kind = request.safe ? ErrorKind::unreachable : ErrorKind::unknown_outcome;
  return Error(kind, request.method + " " + request.url + ": " + what);
}

http::Response checked(const http::Request& request, http::Response response) {
  if (response.body.size() > request.answer_limit)
    throw Error(ErrorKind::corrupt,
                request.url + ": the answer is longer than " + std::to_string(request.answer_limit) + " bytes");
  const bool doubtful = response.status == 408 || response.status >= 500;
  if (doubtful && !request.safe) throw broken(request, "HTTP " + std::to_string(response.status));
  return response;
}

}  // namespace

http::Response Net::send(const http::Request& request, std::stop_token stop) {
  if (stop.stop_requested()) throw Error(ErrorKind::stopped, "stopped before " + request.url);
  clock_.seam(time::Seam::call);
  try {
    http::Response response = exchange(request, stop);
    clock_.seam(time::Seam::call);
    return response;
  } catch (const Error&) {
    clock_.seam(time::Seam::call);
    throw;
  }
}

http::Response Net::exchange(const http::Request& request, std::stop_token stop) {
  const std::string host = split_url(request.url).authority;
  const auto found = vendors_.find(host);
  if (found == vendors_.end()) throw Error(ErrorKind::unreachable, "no such host: " + host);
  Vendor& vendor = *found->second;
  const auto real = [&] { return vendor.answer(request, clock_.now()); };
  const auto fails = [&](int status) { return checked(request, vendor.failure(status, clock_.now())); };

  switch (faults_.decide(request, host, clock_.now())) {
    case Fault::none: return checked(request, real());
    case Fault::refuse_connect: throw Error(ErrorKind::unreachable, host + ": connection refused");
    case Fault::storm_429: return fails(429);
    case Fault::error_500: return fails(500);
    case Fault::error_503: return fails(503);
    case Fault::effect_then_500: real(); return fails(500);
    case Fault::cut_before: throw broken(request, "the connection was cut");
    case Fault::cut_after: real(); throw broken(request, "the connection was cut before an answer");
    case Fault::slow: {
      http::Response response = real();
      const Millis late{faults_.draw(static_cast<std::uint64_t>(2 * request.deadline.count())) + 1};
      pass(std::min(late, request.deadline), stop);
      if (late >= request.deadline) throw broken(request, "no answer within " + time::to_text(request.deadline));
      return checked(request, std::move(response));
    }
    case Fault::half_page: {
      http::Response response = real();
      response.body.resize(response.body.size() / 2);
      return checked(request, std::move(response));
    }
    case Fault::not_json: {
      http::Response response = real();
      response.headers.set("Content-Type", "text/html");
      response.body = "<html><head><title>Proxy</title></head><body>one moment</body></html>";
      return checked(request, std::move(response));
    }
  }
  throw Error(ErrorKind::corrupt, "a fault that does not exist");
}

void Net::pass(Millis length, std::stop_token stop) {
  std::mutex mutex;
  time::Bell bell;
  const std::stop_callback on_stop(stop, [&] {
    std::lock_guard lock(mutex);
    clock_.ring(bell);
  });
  const Instant until = clock_.now() + length;
  std::unique_lock lock(mutex);
  while (clock_.now() < until) {
    if (stop.stop_requested()) throw Error(ErrorKind::stopped, "stopped while waiting for an answer");
    clock_.wait(lock, bell, until);
  }
}

}  // namespace supportd::fakes
