#pragma once
// sessionStorage of every origin that a session has seen. The engine keeps it in memory only, by view; so each document tells its content
// when it is left, and gets what an earlier session had before its own scripts run. [main-thread]

#include <webkit2/webkit2.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/support/wire.hpp"

namespace driftstack::browser_webkit {

/// One storage area. The engine parts those of frames by the site around them, so two origins name it.
struct StorageArea {
  std::string top;     ///< origin of the top document
  std::string origin;  ///< of the document itself
  std::string items;   ///< JSON: [[key, value], …]; opaque here
  static constexpr auto shape = wire::object(wire::field<&StorageArea::top>("top"), wire::field<&StorageArea::origin>("origin"),
                                             wire::field<&StorageArea::items>("items"));
};
/// Oldest first.
struct StorageAreas {
  std::vector<StorageArea> areas;
  static constexpr auto shape = wire::object(wire::field<&StorageAreas::areas>("areas"));
};

class SessionStorage {
 public:
  /// Before the first load. `content` must outlive this.
  SessionStorage(WebKitUserContentManager* content, StorageAreas kept);
  ~SessionStorage();
  SessionStorage(const SessionStorage&) = delete;
  SessionStorage& operator=(const SessionStorage&) = delete;

  /// What there is now, without that of documents that are not left yet.
  const StorageAreas& areas() const { return areas_; }

 private:
  using Place = std::pair<std::string, std::string>;  // top, origin
  struct ScriptDeleter {
    void operator()(WebKitUserScript* script) const { webkit_user_script_unref(script); }
  };
  using Script = std::unique_ptr<WebKitUserScript, ScriptDeleter>;

  static void on_message(WebKitUserContentManager*, WebKitJavascriptResult* message, gpointer self);
  void note(std::string_view text);
  void restored(const Place& place);
  Script add_script(const std::string& source);

  WebKitUserContentManager* content_;
  StorageAreas areas_;
  std::map<Place, Script> restorers_;  // of areas that no document has taken yet
};

}  // namespace driftstack::browser_webkit
