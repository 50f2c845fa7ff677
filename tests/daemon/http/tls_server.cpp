#include "tests/daemon/http/tls_server.hpp"

#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace supportd::http {
namespace {

void require(bool well, const char* what) {
  if (!well) throw std::runtime_error(std::string("the test's TLS server: ") + what);
}

void extend(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value), X509_EXTENSION_free);
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value);
}

}  // namespace

TlsServer::TlsServer(std::string body) : body_(std::move(body)), context_(SSL_CTX_new(TLS_server_method())) {
  certify();
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* const address = reinterpret_cast<sockaddr*>(&at);
  require(::bind(listener_, address, size) == 0 && ::listen(listener_, 8) == 0, "cannot listen");
  ::getsockname(listener_, address, &size);
  port_ = ntohs(at.sin_port);
  thread_ = std::thread([this] { serve(); });
}

TlsServer::~TlsServer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void TlsServer::certify() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509* const x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, key.get());
  X509_NAME* const name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>("a test"), -1, -1, 0);
  X509_set_issuer_name(x509, name);
  extend(x509, NID_basic_constraints, "critical,CA:TRUE");
  extend(x509, NID_subject_alt_name, "IP:127.0.0.1");
  require(X509_sign(x509, key.get(), EVP_sha256()) != 0, "cannot sign");
  require(SSL_CTX_use_certificate(context_.get(), x509) == 1, "certificate");
  require(SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1, "key");
  const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(ca_file().c_str(), "w"), BIO_free);
  require(file && PEM_write_bio_X509(file.get(), x509) == 1, "cannot write the certificate");
}

void TlsServer::serve() {
  for (;;) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    answer(connection);
    ::close(connection);
  }
}

void TlsServer::answer(int connection) {
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_.get()), SSL_free);
  SSL_set_fd(ssl.get(), connection);
  if (SSL_accept(ssl.get()) != 1) return;  // the client does not believe us
  std::string head;
  char bytes[4096];
  while (head.find("\r\n\r\n") == std::string::npos) {
    const int read = SSL_read(ssl.get(), bytes, sizeof bytes);
    if (read <= 0) return;
    head.append(bytes, static_cast<std::size_t>(read));
  }
  const std::string answer =
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(body_.size()) + "\r\n\r\n" + body_;
  SSL_write(ssl.get(), answer.data(), static_cast<int>(answer.size()));
  SSL_shutdown(ssl.get());
}

}  // namespace supportd::http
