#include "view/viewer_page.hpp"

#include <fstream>
#include <iterator>
#include <utility>

namespace driftstack::sessions {
namespace {

constexpr const char* kHtml = "text/html; charset=utf-8";
constexpr const char* kScript = "text/javascript; charset=utf-8";
constexpr const char* kStyle = "text/css; charset=utf-8";

// Its own files and the WebSocket of this server; pictures are drawn, not loaded. Nobody frames it: clicks on it are clicks in a session.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors "
    "'none'";

Result<std::string> content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (text.empty()) return Error(Errc::unavailable, "sessions: the file " + path + " of the package is missing");
  return text;
}

Response answer(const std::string& text, const char* type) {
  Response response(200, text);
  response.content_type = type;
  response.headers.emplace_back("Content-Security-Policy", kPolicy);
  response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  return response;
}

}  // namespace

Result<> ViewerPage::load(const std::string& package_directory) {
  const std::pair<const char*, std::string*> files[] = {{"viewer.html", &page_}, {"viewer.js", &script_}, {"viewer.css", &style_}};
  for (const auto& [name, text] : files) {
    auto content = content_of(package_directory + "/" + name);
    if (!content) return std::move(content).error();
    *text = *std::move(content);
  }
  return Done();
}

void ViewerPage::declare(Routes& routes) {
  routes.get("/view", "get_viewer", "The page on which a person looks at a session; what it needs stands behind # in its address.")
      .open()
      .content_type(kHtml)
      .to<&ViewerPage::page>(*this);
  routes.get("/view/viewer.js", "get_viewer_script", "Part of the viewer.").open().content_type(kScript).to<&ViewerPage::script>(*this);
  routes.get("/view/viewer.css", "get_viewer_style", "Part of the viewer.").open().content_type(kStyle).to<&ViewerPage::style>(*this);
}

AsyncResult<Response> ViewerPage::page(const Call&, const Request&) { co_return answer(page_, kHtml); }
AsyncResult<Response> ViewerPage::script(const Call&, const Request&) { co_return answer(script_, kScript); }
AsyncResult<Response> ViewerPage::style(const Call&, const Request&) { co_return answer(style_, kStyle); }

}  // namespace driftstack::sessions
