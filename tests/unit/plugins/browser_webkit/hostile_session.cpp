// A session process that does what the name of its directory says. Every mode is something that a broken or hostile process could do.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <string>
#include <string_view>

#include "escape_attempts.hpp"
#include "protocol/frames.hpp"

namespace {

constexpr int kControl = 3;

void send_text(std::string_view bytes, int descriptor = -1) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  if (descriptor >= 0) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* item = CMSG_FIRSTHDR(&header);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(item), &descriptor, sizeof(int));
  }
  sendmsg(kControl, &header, MSG_NOSIGNAL);
}

void send_frame(std::string_view body, int descriptor = -1) {
  send_text(*driftstack::browser_webkit::protocol::encode_frame(body), descriptor);
}

int memory_with(std::string_view text) {
  const int descriptor = memfd_create("x", 0);
  if (write(descriptor, text.data(), text.size()) < 0) _exit(1);
  return descriptor;
}

int sealed_with(std::string_view text) {
  const int descriptor = memfd_create("x", MFD_ALLOW_SEALING);
  if (write(descriptor, text.data(), text.size()) < 0) _exit(1);
  fcntl(descriptor, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK);
  return descriptor;
}

/// Mode `escape-PORT`.
void try_to_escape(const std::string& directory, std::string_view mode) {
  const auto port = static_cast<std::uint16_t>(std::stoi(std::string(mode.substr(mode.find('-') + 1))));
  std::string list;
  for (const std::string& name : driftstack::browser_webkit::test::escape(port, directory + "/../secret", directory)) {
    list += (list.empty() ? "\"" : ",\"") + name + "\"";
  }
  send_frame(R"({"id":1,"result":{"reached":[)" + list + "]}}");
}

void act(std::string_view mode, std::string_view received) {
  constexpr std::string_view kWithBytes = R"({"id":1,"result":{},"attachment_bytes":5})";
  if (mode == "answer") return send_frame(R"({"id":1,"result":{"a":1}})");
  if (mode == "refuse") return send_frame(R"({"id":1,"error":{"code":"load_failed","message":"no","load_error":"tls"}})");
  if (mode == "bytes") return send_frame(kWithBytes, memory_with("12345"));
  if (mode == "short-bytes") return send_frame(kWithBytes, memory_with("123"));
  if (mode == "no-bytes") return send_frame(kWithBytes);
  if (mode == "huge-bytes") return send_frame(R"({"id":1,"result":{},"attachment_bytes":99999999999})", memory_with("x"));
  if (mode == "device-bytes") return send_frame(kWithBytes, open("/dev/zero", O_RDONLY));
  if (mode == "pipe-bytes") {
    int ends[2];
    if (pipe(ends) != 0) _exit(1);
    return send_frame(kWithBytes, ends[0]);
  }
  if (mode == "descriptor-flood") {
    send_text(std::string_view("\0\0\x10", 3));  // of a frame that never becomes whole
    for (int i = 0; i < 50; ++i) send_text("x", memory_with("x"));
  }
  if (mode == "state") return send_frame(kWithBytes, sealed_with("12345"));
  if (mode == "soft-state") return send_frame(kWithBytes, memory_with("12345"));
  if (mode == "other-state") return send_frame(kWithBytes, sealed_with("123456"));
  if (mode == "pipe-state") {
    int ends[2];
    if (pipe(ends) != 0) _exit(1);
    return send_frame(kWithBytes, ends[0]);
  }
  if (mode == "late-answer") {
    if (received.find("save_state") == std::string_view::npos) return;  // the one that cancels the first
    send_frame(kWithBytes, memory_with("12345"));
    return send_frame(R"({"id":2,"result":{},"attachment_bytes":5})", sealed_with("54321"));
  }
  if (mode == "wrong-id") return send_frame(R"({"id":2,"result":{}})");
  if (mode == "twice") return send_frame(R"({"id":1,"result":{}})"), send_frame(R"({"id":1,"result":{}})");
  if (mode == "no-json") return send_frame("{");
  if (mode == "empty") return send_frame("{}");
  if (mode == "too-long") return send_text("\xff\xff\xff\xff");
  if (mode == "gone") return send_frame(R"({"event":"gone","reason":"because"})");
  if (mode == "exit") _exit(0);
  if (mode == "words") {
    if (write(STDERR_FILENO, "last words\n", 11) < 0) _exit(1);
    _exit(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string_view path(argv[1]);
  const std::string_view mode = path.substr(path.rfind('/') + 1);
  if (mode == "family") {
    if (fork() == 0) {
      setsid();
      for (;;) pause();
    }
  }
  std::array<char, 4096> buffer;
  for (ssize_t got = 0; (got = read(kControl, buffer.data(), buffer.size())) > 0;) {
    if (mode.starts_with("escape-")) {
      try_to_escape(argv[1], mode);
    } else {
      act(mode, std::string_view(buffer.data(), static_cast<std::size_t>(got)));
    }
  }
  for (;;) pause();  // a closed socket does not end a hostile process
}
