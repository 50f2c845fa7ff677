// One exchange on one libcurl easy handle: what is asked of libcurl, and what its answer means (rule 1).
// Not thread-safe; stays where it was made, since libcurl holds its address.
#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>
#include <optional>

#include "daemon/http/curl_client.hpp"

namespace supportd::http {

class CurlTransfer {
 public:
  CurlTransfer(const CurlOptions& options, const time::Clock& clock);
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  // What makes it impossible to send, if anything does.
  static std::optional<Error> check(const Request& request);

  // `request` and `outcome` must outlive the exchange.
  void begin(const Request& request, Outcome& outcome);
  // Libcurl is done with the handle. False: arm it again, the exchange begins anew on a fresh connection.
  bool end(CURLcode code);
  // The caller gave up; the handle was taken from libcurl.
  void interrupt();

  CURL* handle() const { return easy_.get(); }

 private:
  struct Free {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  void set_constants();
  void set_method();
  void set_headers();
  void arm(bool fresh_connection);
  bool may_have_left() const { return sends_ > 0; }
  bool was_cut(CURLcode code) const;
  Error failure(CURLcode code) const;
  Outcome answer();
  std::string name() const;

  static int on_send(void* self, char*, char*, int, int) noexcept;
  static std::size_t on_header(char* line, std::size_t, std::size_t size, void* self) noexcept;
  static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* self) noexcept;

  const CurlOptions& options_;
  const time::Clock& clock_;
  std::unique_ptr<CURL, Free> easy_;

  const Request* request_ = nullptr;
  Outcome* outcome_ = nullptr;
  std::unique_ptr<curl_slist, Free> headers_;
  std::chrono::nanoseconds began_{};
  bool repeated_ = false;

  // Of the attempt under way.
  int sends_ = 0;
  bool resend_refused_ = false;
  bool too_long_ = false;
  std::size_t head_size_ = 0;
  Response response_;
  std::array<char, CURL_ERROR_SIZE> reason_{};
};

}  // namespace supportd::http
