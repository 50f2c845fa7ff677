#include "connectors/aws/imds.hpp"

#include "connectors/aws/json_credentials.hpp"

namespace supportd::connectors::aws {
namespace {

constexpr Millis deadline{2'000};
constexpr std::size_t answer_limit = 64 * 1024;
constexpr const char* roles_path = "/latest/meta-data/iam/security-credentials/";

http::Request request_to(const std::string& url, std::string method) {
  http::Request out;
  out.method = std::move(method);
  out.url = url;
  out.safe = true;
  out.deadline = deadline;
  out.answer_limit = answer_limit;
  out.system = "aws_imds";
  out.operation = "credentials";
  return out;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find_first_of("\r\n")); }

// What may stand in a header or a path of ours.
bool is_plain(std::string_view text) {
  for (unsigned char c : text) {
    if (c <= ' ' || c >= 0x7F || c == '/' || c == '?' || c == '#') return false;
  }
  return !text.empty();
}

}  // namespace

std::string Imds::get(const std::string& path, const std::string& token, std::stop_token stop) {
  http::Request request = request_to(endpoint_ + path, "GET");
  request.headers.set("X-aws-ec2-metadata-token", token);
  const http::Response answer = direct_.send(request, stop);
  if (answer.status == 404) throw Error(ErrorKind::config, "this instance has no IAM role");
  if (answer.status != 200) {
    throw Error(ErrorKind::unreachable, "instance metadata: HTTP " + std::to_string(answer.status));
  }
  return answer.body;
}

Credentials Imds::fetch(std::stop_token stop) {
  http::Request request = request_to(endpoint_ + "/latest/api/token", "PUT");
  request.headers.set("X-aws-ec2-metadata-token-ttl-seconds", "21600");
  const http::Response answer = direct_.send(request, stop);
  if (answer.status != 200) {
    throw Error(ErrorKind::unreachable, "instance metadata gave no token: HTTP " + std::to_string(answer.status));
  }
  std::string token = first_line(answer.body);
  for (char& c : token) {
    if (static_cast<unsigned char>(c) <= ' ') throw Error(ErrorKind::corrupt, "instance metadata: a bad token");
  }
  const std::string role = first_line(get(roles_path, token, stop));
  if (!is_plain(role)) throw Error(ErrorKind::corrupt, "instance metadata: a bad role name");
  return parse_json_credentials(get(roles_path + role, token, stop), JsonCredentials::imds);
}

}  // namespace supportd::connectors::aws
