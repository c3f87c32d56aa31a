// A server that is about to be killed: starts the plugin with one busy session, says so on stdout, and waits.

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "driftstack/roles/browser_backend.hpp"
#include "driftstack/testing/plugin_fixture.hpp"
#include "page_server.hpp"

int main(int argc, char** argv) {
  using namespace driftstack;
  if (argc != 2) return 2;
  browser_test::PageServer pages;
  pages.page("/", "<script>setInterval(() => { for (let i = 0; i < 1e8; ++i); }, 0)</script>");
  testing::PluginFixture plugin(
      argv[1], {{"egress_allow", std::vector<std::string>{pages.host_and_port()}}, {"warm_sessions", 0}, {"sandbox", "off"}});
  if (!plugin.configure() || !plugin.start()) return 1;
  auto* backend = plugin.provide<browser::Backend>();
  const std::unique_ptr<Call> call = plugin.host().call();
  browser::Start start;
  start.session_id = "ses_orphan";
  start.archetype = "webkit_desktop_1280";
  browser::Navigate navigate;
  navigate.session_id = start.session_id;
  if (!testing::run(plugin.host(), backend->start(*call, std::move(start)))) return 1;
  navigate.url = pages.url("/");
  if (!testing::run(plugin.host(), backend->navigate(*call, navigate))) return 1;
  if (write(STDOUT_FILENO, "r", 1) != 1) return 1;
  pause();
}
