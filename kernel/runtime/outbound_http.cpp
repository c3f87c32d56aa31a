#include "kernel/runtime/outbound_http.hpp"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>

#include "driftstack/support/public_address.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::size_t kHeaderLimit = 64 * 1024;               // bytes of response headers, as curl's own limit for one of them is 100 KiB
constexpr std::chrono::milliseconds kConnectTimeout{10'000};  // security.md 57: ten seconds for a whole webhook attempt

struct CurlFree {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, CurlFree>;
using HeaderList = std::unique_ptr<curl_slist, CurlFree>;

// One transfer, as curl's callbacks see it.
struct Transfer {
  const Call& call;
  const bool listed;
  const std::size_t limit;
  OutboundResponse response;
  std::size_t header_bytes = 0;
  bool refused_address = false;
  bool too_large = false;
};

bool is_token(std::string_view text) {
  constexpr std::string_view kSymbols = "!#$%&'*+-.^_`|~";  // RFC 9110 section 5.6.2
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kSymbols.find(c) != std::string_view::npos;
  });
}

bool is_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; });
}

std::array<std::uint8_t, 16> address_bytes(const sockaddr& address) {
  std::array<std::uint8_t, 16> bytes{};
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 six;
    std::memcpy(&six, &address, sizeof six);
    std::memcpy(bytes.data(), &six.sin6_addr, bytes.size());
  } else {
    sockaddr_in four;
    std::memcpy(&four, &address, sizeof four);
    bytes[10] = bytes[11] = 0xFF;
    std::memcpy(&bytes[12], &four.sin_addr, 4);
  }
  return bytes;
}

curl_socket_t open_socket(void* client, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(client);
  const bool known = address->family == AF_INET || address->family == AF_INET6;
  // One refused address refuses the call: a name that resolves to inside and outside at once is an attack or a mistake.
  if (transfer.refused_address || (!transfer.listed && (!known || !is_public_address(address_bytes(address->addr))))) {
    transfer.refused_address = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* client) {
  auto& transfer = *static_cast<Transfer*>(client);
  if (transfer.response.body.size() + size * count > transfer.limit) {
    transfer.too_large = true;
    return 0;
  }
  transfer.response.body.append(data, size * count);
  return size * count;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* client) {
  auto& transfer = *static_cast<Transfer*>(client);
  std::string_view line(data, size * count);
  transfer.header_bytes += line.size();
  if (transfer.header_bytes > kHeaderLimit) {
    transfer.too_large = true;
    return 0;
  }
  if (line.starts_with("HTTP/")) transfer.response.headers.clear();  // the head after an interim answer
  const auto colon = line.find(':');
  if (colon != std::string_view::npos && !line.starts_with("HTTP/")) {
    const std::string_view value = line.substr(colon + 1);
    const auto first = value.find_first_not_of(" \t"), last = value.find_last_not_of(" \t\r\n");
    transfer.response.headers.emplace_back(std::string(line.substr(0, colon)), first == std::string_view::npos || last < first
                                                                                   ? std::string()
                                                                                   : std::string(value.substr(first, last - first + 1)));
  }
  return size * count;
}

int check_cancelled(void* client, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& call = static_cast<Transfer*>(client)->call;
  return call.cancelled() ? 1 : 0;
}

void set_fixed_options(CURL* handle) {
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");  // an empty text switches environment proxies off
  curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "driftstack");
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &take_header);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &check_cancelled);
}

void set_body(CURL* handle, const OutboundRequest& request) {
  if (request.method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    return;
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

HeaderList header_list(const OutboundRequest& request) {
  HeaderList list(curl_slist_append(nullptr, "Expect:"));  // no waiting for 100 Continue
  const bool typed = std::any_of(request.headers.begin(), request.headers.end(),
                                 [](const Header& header) { return curl_strequal(header.name.c_str(), "content-type") != 0; });
  if (!typed && list) list.reset(curl_slist_append(list.release(), "Content-Type:"));  // curl would claim a form
  for (const Header& header : request.headers) {
    const std::string line = header.value.empty() ? header.name + ";" : header.name + ": " + header.value;
    if (list) list.reset(curl_slist_append(list.release(), line.c_str()));
  }
  return list;
}

Error failure(CURLcode code, const Transfer& transfer) {
  if (transfer.refused_address) return Error(Errc::forbidden, "the host resolves to an address that is not public");
  if (transfer.too_large) return Error(Errc::payload_too_large, "the answer is larger than " + std::to_string(transfer.limit) + " bytes");
  if (code == CURLE_ABORTED_BY_CALLBACK) return Error(Errc::cancelled, "the call was cancelled");
  if (code == CURLE_OPERATION_TIMEDOUT) return Error(Errc::timeout, "the call took too long");
  return Error(Errc::unreachable, curl_easy_strerror(code));
}

Result<OutboundResponse> perform(CURL* handle, const Call& call, const OutboundRequest& request, EgressTarget target) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(call.deadline() - Call::Clock::now());
  if (left.count() <= 0) return Error(Errc::timeout, "the call took too long");
  Transfer transfer{call, target.listed, request.response_limit, {}};
  curl_easy_reset(handle);  // keeps connections
  set_fixed_options(handle);
  set_body(handle, request);
  const HeaderList headers = header_list(request);
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, target.listed ? "http,https" : "https");
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(left, kConnectTimeout).count()));
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
  const CURLcode code = curl_easy_perform(handle);
  if (code != CURLE_OK) return failure(code, transfer);
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  return std::move(transfer.response);
}

Result<> check_message(const OutboundRequest& request) {
  if (!is_token(request.method)) return Error(Errc::misuse, "the method of an outbound request is no token");
  for (const Header& header : request.headers)
    if (!is_token(header.name) || !is_value(header.value)) return Error(Errc::misuse, "a header of an outbound request is malformed");
  return Done();
}

}  // namespace

// Handles that wait for their next transfer with their connections.
struct CurlOutboundHttp::Handles {
  Handle take() {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        Handle handle = std::move(idle.back());
        idle.pop_back();
        return handle;
      }
    }
    return Handle(curl_easy_init());
  }
  void give(Handle handle) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(handle));
  }
  std::mutex mutex;
  std::vector<Handle> idle;
};

CurlOutboundHttp::CurlOutboundHttp(Scheduler& scheduler, EgressPolicy policy)
    : scheduler_(scheduler), policy_(std::move(policy)), handles_(std::make_unique<Handles>()) {
  curl_global_init(CURL_GLOBAL_DEFAULT);  // counted by curl; one per object
}

CurlOutboundHttp::~CurlOutboundHttp() {
  handles_.reset();
  curl_global_cleanup();
}

AsyncResult<OutboundResponse> CurlOutboundHttp::send(const Call& call, OutboundRequest request) {
  auto sound = check_message(request);
  if (!sound) co_return std::move(sound).error();
  auto target = check_egress(policy_, request.url);
  if (!target) co_return std::move(target).error();
  const IoThread home = scheduler_.current_io_thread();
  co_await on_workers(scheduler_);
  Result<OutboundResponse> result = Error(Errc::internal, "libcurl gave no handle");
  if (Handle handle = handles_->take()) {
    result = perform(handle.get(), call, request, *target);
    handles_->give(std::move(handle));
  }
  if (home != kNoIoThread) co_await on_io(scheduler_, home);
  co_return result;
}

}  // namespace driftstack::kernel
