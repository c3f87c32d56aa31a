#include "tls_channel.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdint>
#include <new>
#include <utility>

#include "driftstack/support/secret_text.hpp"

namespace driftstack::rate_limit_redis {
namespace {

std::string reason_of(const ssl_st* session) {
  if (const long verified = SSL_get_verify_result(session); verified != X509_V_OK)
    return std::string("its certificate is not accepted: ") + X509_verify_cert_error_string(verified);
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return std::string("TLS: ") + (reason != nullptr ? reason : "the connection ended");
}

void append_all(BIO* from, std::string& to) {
  char* data = nullptr;
  if (const long size = BIO_get_mem_data(from, &data); size > 0) to.append(data, static_cast<std::size_t>(size));
  (void)BIO_reset(from);
}

}  // namespace

Result<TlsTrust> TlsTrust::load(const std::string& ca_file) {
  std::shared_ptr<ssl_ctx_st> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  if (!context) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const int loaded =
      ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get()) : SSL_CTX_load_verify_file(context.get(), ca_file.c_str());
  ERR_clear_error();
  if (loaded != 1) return Error(Errc::validation_failed, "ca_file: " + ca_file + " is no readable PEM file with certificates");
  return TlsTrust(std::move(context));
}

void TlsChannel::Free::operator()(ssl_st* session) const noexcept { SSL_free(session); }

TlsChannel::TlsChannel(const TlsTrust& trust, const std::string& host, std::string& wire) : session_(SSL_new(trust.get())) {
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  if (!session_ || in == nullptr || out == nullptr) throw std::bad_alloc();
  SSL_set_bio(session_.get(), in, out);
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session_.get()), host.c_str()) != 1) {
    SSL_set1_host(session_.get(), host.c_str());
    std::string name = host;  // what the macro SSL_set_tlsext_host_name does, without its cast
    SSL_ctrl(session_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  }
  ERR_clear_error();
  SSL_set_connect_state(session_.get());
  (void)went_on(SSL_do_handshake(session_.get()), wire);
}

TlsChannel::~TlsChannel() { wipe(early_.data(), early_.size()); }

bool TlsChannel::went_on(int result, std::string& wire) {
  append_all(SSL_get_wbio(session_.get()), wire);
  if (result > 0) return true;
  const int error = SSL_get_error(session_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return true;
  problem_ = error == SSL_ERROR_ZERO_RETURN ? "it closed the connection" : reason_of(session_.get());
  ERR_clear_error();
  return false;
}

bool TlsChannel::receive(std::string_view encrypted, std::string& plain, std::string& wire) {
  ERR_clear_error();
  BIO_write(SSL_get_rbio(session_.get()), encrypted.data(), static_cast<int>(encrypted.size()));
  if (!SSL_is_init_finished(session_.get())) {
    if (!went_on(SSL_do_handshake(session_.get()), wire)) return false;
    if (!SSL_is_init_finished(session_.get())) return true;
    const std::string waiting = std::exchange(early_, {});
    if (!waiting.empty() && !send(waiting, wire)) return false;
  }
  std::array<char, 16384> part;  // a TLS record at most (RFC 8446 section 5.1)
  int got = 0;
  while ((got = SSL_read(session_.get(), part.data(), static_cast<int>(part.size()))) > 0)
    plain.append(part.data(), static_cast<std::size_t>(got));
  return went_on(got, wire);
}

bool TlsChannel::send(std::string_view plain, std::string& wire) {
  if (!SSL_is_init_finished(session_.get())) {
    early_ += plain;
    return true;
  }
  ERR_clear_error();
  return plain.empty() || went_on(SSL_write(session_.get(), plain.data(), static_cast<int>(plain.size())), wire);
}

}  // namespace driftstack::rate_limit_redis
