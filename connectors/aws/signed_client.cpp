#include "connectors/aws/signed_client.hpp"

namespace supportd::connectors::aws {
namespace {

// Date has whole seconds and AWS tolerates five minutes: less is not why it refused.
constexpr std::chrono::minutes smallest_skew{1};

}  // namespace

bool SignedClient::corrected(const http::Response& answer, Millis skew_used) {
  const auto date = answer.headers.get("Date");
  if (!date) return false;
  const auto server = time::parse_http_date(*date);
  if (server.has_error()) return false;
  const Millis skew = *server - clock_.now();
  if (std::chrono::abs(skew - skew_used) < smallest_skew) return false;
  endpoint_.set_skew(skew);
  return true;
}

http::Response SignedClient::exchange(const http::Request& request, std::stop_token stop) {
  try {
    return client_.send(request, stop);
  } catch (const Error& error) {
    // An answer too long to read says nothing about whether the write happened.
    if (error.kind() != ErrorKind::corrupt || request.safe) throw;
    throw Error(ErrorKind::unknown_outcome, error.what());
  }
}

http::Response SignedClient::send(http::Request request, std::stop_token stop) {
  request.url = endpoint_.url().ends_with('/') ? endpoint_.url() : endpoint_.url() + "/";
  const http::Headers plain = request.headers;
  bool keys_renewed = false, clock_corrected = false;
  for (;;) {
    const Credentials keys = credentials_.get(stop);
    const Millis skew = endpoint_.skew();
    request.headers = plain;
    sign(request, keys, endpoint_.scope(), clock_.now() + skew);
    http::Response answer = exchange(request, stop);
    if (answer.status >= 200 && answer.status < 300) return answer;
    const ServiceError error = parse_error_(answer);
    const Remedy cure = remedy(error);
    if (cure == Remedy::fresh_credentials && !keys_renewed) {
      keys_renewed = true;
      credentials_.expire(keys);
      continue;
    }
    if (cure == Remedy::corrected_clock && !clock_corrected && corrected(answer, skew)) {
      clock_corrected = true;
      continue;
    }
    throw to_error(error, answer, request.safe, request.operation, clock_.now());
  }
}

}  // namespace supportd::connectors::aws
