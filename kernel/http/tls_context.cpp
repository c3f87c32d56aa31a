#include "kernel/http/tls_context.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <cstring>
#include <string_view>

namespace driftstack::kernel {
namespace {

// Mozilla's "intermediate" set without the finite-field key exchanges: forward secrecy and authenticated encryption only. TLS 1.3 has no
// others.
constexpr char kCiphers12[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr std::string_view kProtocol = "http/1.1";

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using PrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Bio reader(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free); }

Error invalid(const char* what) {
  ERR_clear_error();
  return Error(Errc::validation_failed, what);
}

// Never asks: an encrypted key must fail, not wait at a terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

bool use_chain(SSL_CTX* context, std::string_view pem) {
  const Bio bio = reader(pem);
  const Certificate own(PEM_read_bio_X509_AUX(bio.get(), nullptr, &no_passphrase, nullptr), &X509_free);
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) return false;
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, &no_passphrase, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, next) != 1) {
      X509_free(next);
      return false;
    }
  }
  const auto end = ERR_peek_last_error();
  ERR_clear_error();
  return ERR_GET_REASON(end) == PEM_R_NO_START_LINE;  // the text ended; anything else is a damaged certificate
}

// HTTP/1.1 is all that is spoken here; a client that offers only other protocols is told so in the handshake.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered, unsigned offered_size, void*) {
  for (unsigned at = 0; at < offered_size; at += 1u + offered[at]) {
    if (offered[at] != kProtocol.size() || at + 1 + kProtocol.size() > offered_size) continue;
    if (std::memcmp(offered + at + 1, kProtocol.data(), kProtocol.size()) != 0) continue;
    *chosen = offered + at + 1;
    *size = static_cast<unsigned char>(kProtocol.size());
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

void TlsContext::FreeContext::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }
void TlsContext::FreeSession::operator()(ssl_st* session) const noexcept { SSL_free(session); }

Result<std::shared_ptr<const TlsContext>> TlsContext::make(const TlsIdentity& identity) {
  std::unique_ptr<ssl_ctx_st, FreeContext> owned(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = owned.get();
  if (context == nullptr) return invalid("OpenSSL made no TLS context");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Buffers are given back while a connection is idle; a partial write may continue from another address.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_alpn_select_cb(context, &choose_protocol, nullptr);
  if (SSL_CTX_set_cipher_list(context, kCiphers12) != 1) return invalid("OpenSSL lacks the TLS 1.2 ciphers");
  if (!use_chain(context, identity.certificate_chain)) return invalid("the TLS certificate chain is not valid PEM");
  const Bio bio = reader(identity.private_key);
  const PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr), &EVP_PKEY_free);
  if (!key) return invalid("the TLS key is not an unencrypted PEM private key");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    return invalid("the TLS key does not belong to the certificate");
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(owned)));
}

TlsContext::Session TlsContext::make_session(int descriptor) const noexcept {
  Session session(SSL_new(context_.get()));
  if (!session || SSL_set_fd(session.get(), descriptor) != 1) return nullptr;
  SSL_set_accept_state(session.get());
  return session;
}

}  // namespace driftstack::kernel
