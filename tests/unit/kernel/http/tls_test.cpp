#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <memory>

#include "test_client.hpp"
#include "test_server.hpp"

using namespace driftstack::kernel;
using namespace std::chrono_literals;

namespace {

template <class T, auto Free>
struct Freed {
  void operator()(T* object) const noexcept { Free(object); }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Freed<T, Free>>;

template <class Write>
std::string pem(Write write) {
  const Owned<BIO, &BIO_free> bio(BIO_new(BIO_s_mem()));
  REQUIRE(write(bio.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

// A self-signed certificate for `name`, valid for an hour.
TlsIdentity make_identity(const char* name) {
  const Owned<EVP_PKEY, &EVP_PKEY_free> key(EVP_EC_gen("P-256"));
  const Owned<X509, &X509_free> certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  X509_set_pubkey(certificate.get(), key.get());
  REQUIRE(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  TlsIdentity identity;
  identity.certificate_chain = pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); });
  identity.private_key = pem([&](BIO* bio) { return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  return identity;
}

class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, int version, const std::string& alpn = {}) : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_security_level(context_.get(), 0);  // so that TLS 1.1 is refused by the server, not by us
    SSL_CTX_set_min_proto_version(context_.get(), version);
    SSL_CTX_set_max_proto_version(context_.get(), version);
    if (!alpn.empty())
      SSL_CTX_set_alpn_protos(context_.get(), reinterpret_cast<const unsigned char*>(alpn.data()), static_cast<unsigned>(alpn.size()));
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    session_.reset(SSL_new(context_.get()));
    SSL_set_fd(session_.get(), socket_);
    connected_ = SSL_connect(session_.get()) == 1;
    ERR_clear_error();
  }
  ~TlsClient() { ::close(socket_); }

  bool connected() const { return connected_; }
  std::string common_name() const {
    const Owned<X509, &X509_free> certificate(SSL_get1_peer_certificate(session_.get()));
    char text[100] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, text, sizeof text);
    return text;
  }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(session_.get(), &name, &size);
    return std::string(reinterpret_cast<const char*>(name), size);
  }
  void send(const std::string& text) { REQUIRE(SSL_write(session_.get(), text.data(), static_cast<int>(text.size())) > 0); }
  std::string rest() {
    std::string all;
    char room[16384];
    for (int size = 0; (size = SSL_read(session_.get(), room, sizeof room)) > 0;) all.append(room, static_cast<std::size_t>(size));
    return all;
  }

 private:
  Owned<SSL_CTX, &SSL_CTX_free> context_;
  Owned<SSL, &SSL_free> session_;
  int socket_ = -1;
  bool connected_ = false;
};

ServerOptions tls_options(const char* name) {
  ServerOptions options = quick_options();
  options.tls = make_identity(name);
  return options;
}

const std::string kTwo =
    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

}  // namespace

TEST_CASE("TLS 1.2 and 1.3 carry requests and large answers, TLS 1.1 is refused") {
  TestServer server(tls_options("one.example"));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server.port(), version);
    REQUIRE(client.connected());
    client.send(kTwo);
    const std::string all = client.rest();
    CHECK(all.find("POST /echo abc") != std::string::npos);
    CHECK(all.size() > TestHandler::kBigSize);
    CHECK(all.substr(all.size() - TestHandler::kBigSize) == std::string(TestHandler::kBigSize, 'b'));
  }
  CHECK_FALSE(TlsClient(server.port(), TLS1_1_VERSION).connected());
}

TEST_CASE("a client that offers HTTP/1.1 is confirmed, one that offers only others is refused") {
  TestServer server(tls_options("one.example"));
  using namespace std::string_literals;
  TlsClient both(server.port(), TLS1_3_VERSION, "\x02h2\x08http/1.1"s);
  CHECK(both.connected());
  CHECK(both.protocol() == "http/1.1");
  CHECK_FALSE(TlsClient(server.port(), TLS1_3_VERSION, "\x02h2"s).connected());
}

TEST_CASE("a reload presents the new certificate to new connections and keeps the open ones") {
  TestServer server(tls_options("one.example"));
  TlsClient before(server.port(), TLS1_3_VERSION);
  CHECK(before.common_name() == "one.example");
  REQUIRE(server.server->reload(tls_options("two.example")));
  CHECK(TlsClient(server.port(), TLS1_3_VERSION).common_name() == "two.example");
  before.send("GET /close HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(before.rest().find("closing") != std::string::npos);
}

TEST_CASE("a certificate or key that does not fit is refused and the old one stays") {
  TestServer server(tls_options("one.example"));
  const TlsIdentity good = make_identity("a"), other = make_identity("b");
  for (const TlsIdentity& bad :
       {TlsIdentity{good.certificate_chain, other.private_key}, TlsIdentity{"no PEM", good.private_key},
        TlsIdentity{good.certificate_chain, "no PEM"}, TlsIdentity{"", ""},
        TlsIdentity{good.certificate_chain + "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n", good.private_key}}) {
    ServerOptions options = quick_options();
    options.tls = bad;
    const auto reloaded = server.server->reload(options);
    REQUIRE_FALSE(reloaded);
    CHECK(reloaded.error().detail.find("PRIVATE") == std::string::npos);
  }
  CHECK(TlsClient(server.port(), TLS1_3_VERSION).common_name() == "one.example");
}

TEST_CASE("a client that does not finish its handshake in time is let go") {
  ServerOptions options = tls_options("one.example");
  options.head_timeout = 100ms;
  TestServer server(options);
  TestClient silent(server.port());
  CHECK(silent.ended());
  TestClient garbage(server.port());
  garbage.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  garbage.rest();  // an alert, then the end
}
