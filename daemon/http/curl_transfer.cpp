#include "daemon/http/curl_transfer.hpp"

#include <algorithm>

#include "daemon/http/retry_after.hpp"
#include "daemon/json.hpp"

namespace supportd::http {
namespace {

constexpr std::size_t head_limit = 256 * 1024;

constexpr std::string_view methods[] = {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"};

// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
  const auto is_token_char = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

bool breaks_lines(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos; }

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\r\n");
  if (from == text.npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

// The beginning of a foreign body, fit for one line of a message.
std::string glimpse(std::string_view body) {
  constexpr std::size_t length = 200;
  std::string text = json::valid_utf8(body.substr(0, length));
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

template <class T>
void set(CURL* easy, CURLoption option, T value) {
  if (const CURLcode code = curl_easy_setopt(easy, option, value); code != CURLE_OK) {
    throw Error(ErrorKind::config, std::string("libcurl: ") + curl_easy_strerror(code));
  }
}

long real(Millis length, double speed) {
  return std::max(1L, static_cast<long>(static_cast<double>(length.count()) / speed));
}

// Codes that only a changed setting can cure, when nothing was sent.
bool is_setting(CURLcode code) {
  return code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_LOGIN_DENIED ||
         code == CURLE_SSL_CACERT_BADFILE;
}

// Codes that say the answer was no HTTP.
bool is_nonsense(CURLcode code) {
  return code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_BAD_CONTENT_ENCODING;
}

}  // namespace

CurlTransfer::CurlTransfer(const CurlOptions& options, const time::Clock& clock)
    : options_(options), clock_(clock), easy_(curl_easy_init()) {
  if (!easy_) throw std::bad_alloc();
  set_constants();
}

void CurlTransfer::set_constants() {
  CURL* easy = easy_.get();
  set(easy, CURLOPT_PRIVATE, this);
  set(easy, CURLOPT_PREREQFUNCTION, &on_send);
  set(easy, CURLOPT_PREREQDATA, this);
  set(easy, CURLOPT_HEADERFUNCTION, &on_header);
  set(easy, CURLOPT_HEADERDATA, this);
  set(easy, CURLOPT_WRITEFUNCTION, &on_body);
  set(easy, CURLOPT_WRITEDATA, this);
  set(easy, CURLOPT_ERRORBUFFER, reason_.data());
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  // One exchange a connection: what a cut means is then plain.
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(easy, CURLOPT_PATH_AS_IS, 1L);  // what was signed is what is sent
  set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
  set(easy, CURLOPT_NOPROXY, options_.no_proxy.c_str());
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, real(options_.connect_timeout, clock_.speed()));
  if (!options_.ca_file.empty()) set(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
}

std::optional<Error> CurlTransfer::check(const Request& request) {
  if (std::ranges::find(methods, request.method) == std::end(methods)) {
    return Error(ErrorKind::config, "\"" + glimpse(request.method) + "\" is not a method this client knows");
  }
  // Libcurl would guess the scheme.
  if (!request.url.starts_with("http://") && !request.url.starts_with("https://")) {
    return Error(ErrorKind::config, request.method + ": the URL begins neither with http:// nor with https://");
  }
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return Error(ErrorKind::config, "\"" + glimpse(name) + "\" is not a header name");
    // The value may be a secret: never shown.
    if (breaks_lines(value)) return Error(ErrorKind::config, "the value of header " + name + " holds a line break");
  }
  return {};
}

void CurlTransfer::begin(const Request& request, Outcome& outcome) {
  request_ = &request;
  outcome_ = &outcome;
  began_ = clock_.steady();
  repeated_ = false;
  CURL* easy = easy_.get();
  set(easy, CURLOPT_URL, request.url.c_str());
  const bool through_socket = !request.unix_socket.empty();
  set(easy, CURLOPT_UNIX_SOCKET_PATH, through_socket ? request.unix_socket.c_str() : nullptr);
  set(easy, CURLOPT_PROXY, through_socket ? "" : options_.proxy.c_str());
  set_method();
  set_headers();
  arm(false);
}

void CurlTransfer::set_method() {
  CURL* easy = easy_.get();
  const std::string& method = request_->method;
  // Undo what the exchange before has set; in this order, since POSTFIELDS makes any request a POST.
  set(easy, CURLOPT_POSTFIELDS, nullptr);
  set(easy, CURLOPT_HTTPGET, 1L);
  set(easy, CURLOPT_CUSTOMREQUEST, nullptr);
  if (method == "HEAD") {
    set(easy, CURLOPT_NOBODY, 1L);
  } else if (!request_->body.empty() || (method != "GET" && method != "DELETE")) {
    set(easy, CURLOPT_POST, 1L);
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_->body.size()));
    set(easy, CURLOPT_POSTFIELDS, request_->body.data());
    if (method != "POST") set(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
  } else if (method != "GET") {
    set(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
  }
}

void CurlTransfer::set_headers() {
  headers_.reset();
  const auto append = [this](const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    if (!longer) throw std::bad_alloc();
    headers_.release();
    headers_.reset(longer);
  };
  append("Expect:");  // libcurl would wait for 100 Continue and send the body twice after a 417
  if (!request_->headers.has("Content-Type")) append("Content-Type:");
  for (const auto& [name, value] : request_->headers) append(value.empty() ? name + ";" : name + ": " + value);
  set(easy_.get(), CURLOPT_HTTPHEADER, headers_.get());
}

void CurlTransfer::arm(bool fresh_connection) {
  sends_ = 0;
  resend_refused_ = too_long_ = false;
  head_size_ = 0;
  response_ = Response{};
  reason_[0] = '\0';
  const auto left = std::chrono::floor<Millis>(request_->deadline - (clock_.steady() - began_));
  set(easy_.get(), CURLOPT_TIMEOUT_MS, real(left, clock_.speed()));
  set(easy_.get(), CURLOPT_FRESH_CONNECT, fresh_connection ? 1L : 0L);
}

bool CurlTransfer::was_cut(CURLcode code) const {
  return resend_refused_ || code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
         code == CURLE_PARTIAL_FILE;
}

bool CurlTransfer::end(CURLcode code) {
  if (code == CURLE_OK) {
    *outcome_ = answer();
    return true;
  }
  long connections = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_NUM_CONNECTS, &connections);
  const bool was_reused = resend_refused_ || connections == 0;
  const bool in_time = clock_.steady() - began_ < request_->deadline;
  if (request_->safe && may_have_left() && was_cut(code) && was_reused && !repeated_ && in_time) {
    repeated_ = true;
    arm(true);
    return false;
  }
  *outcome_ = failure(code);
  return true;
}

void CurlTransfer::interrupt() {
  const bool doubtful = may_have_left() && !request_->safe;
  *outcome_ = Error(doubtful ? ErrorKind::unknown_outcome : ErrorKind::stopped,
                    name() + (doubtful ? ": stopped before the answer came" : ": stopped"));
}

Outcome CurlTransfer::answer() {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  if (!request_->safe && !request_->any_status && (status == 408 || status >= 500)) {
    const std::string code = std::to_string(status);
    return Error(ErrorKind::unknown_outcome, code, name() + ": answered " + code + ": " + glimpse(response_.body),
                 retry_after(response_.headers, clock_.now()));
  }
  return std::move(response_);
}

Error CurlTransfer::failure(CURLcode code) const {
  std::string text = name() + ": ";
  if (too_long_) {
    text += "the answer is longer than " + std::to_string(request_->answer_limit) + " bytes";
  } else if (resend_refused_) {
    text += "the connection was cut before an answer";
  } else {
    text += reason_[0] != '\0' ? glimpse(reason_.data()) : curl_easy_strerror(code);
  }
  if (!may_have_left()) return Error(is_setting(code) ? ErrorKind::config : ErrorKind::unreachable, text);
  if (!request_->safe) return Error(ErrorKind::unknown_outcome, text);
  return Error(too_long_ || is_nonsense(code) ? ErrorKind::corrupt : ErrorKind::unreachable, text);
}

// Method and origin; paths and queries may hold secrets.
std::string CurlTransfer::name() const {
  const std::string& url = request_->url;
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == url.npos ? 0 : scheme + 3;
  std::string origin = url.substr(0, std::min(url.size(), url.find_first_of("/?#", host)));
  if (const auto user = origin.rfind('@'); user != origin.npos) origin.erase(host, user + 1 - host);
  return request_->method + " " + glimpse(origin);
}

// Libcurl calls this each time the request is about to leave. It sends a request again by itself when a reused
// connection turns out to be dead, whatever the method; `end` decides that here, so the second is always refused.
int CurlTransfer::on_send(void* self, char*, char*, int, int) noexcept {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  if (transfer.sends_ > 0) {
    transfer.resend_refused_ = true;
    return CURL_PREREQFUNC_ABORT;
  }
  ++transfer.sends_;
  return CURL_PREREQFUNC_OK;
}

std::size_t CurlTransfer::on_header(char* line, std::size_t, std::size_t size, void* self) noexcept {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  transfer.head_size_ += size;
  if (transfer.head_size_ > head_limit) {
    transfer.too_long_ = true;
    return 0;
  }
  const std::string_view text(line, size);
  Headers& headers = transfer.response_.headers;
  if (text.starts_with("HTTP/")) {
    headers = {};  // a new block: only the last counts (100 Continue, 103 Early Hints)
    return size;
  }
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return size;
  const std::string_view name = trimmed(text.substr(0, colon));
  // The body is handed on decoded.
  if (equal_ignoring_case(name, "Content-Encoding")) return size;
  headers.add(std::string(name), std::string(trimmed(text.substr(colon + 1))));
  return size;
}

std::size_t CurlTransfer::on_body(char* bytes, std::size_t, std::size_t size, void* self) noexcept {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  std::string& body = transfer.response_.body;
  if (size > transfer.request_->answer_limit - body.size()) {
    transfer.too_long_ = true;
    return 0;
  }
  body.append(bytes, size);
  return size;
}

}  // namespace supportd::http
