#include "state/session_storage.hpp"

#include <algorithm>
#include <utility>

#include "page/isolated_world.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr const char* kHandler = "driftstackStorage";
// The engine's own limit is 5 MiB for each origin; a page could make areas without end. Those that were left longest ago go first.
constexpr std::size_t kMostAreas = 200;
constexpr std::size_t kMostBytes = std::size_t{16} << 20;

// Both run in every frame before anything of its page. Documents without an origin of their own (about:, data:, blob:) have nothing to
// keep.
constexpr std::string_view kPrelude = R"js('use strict';
(() => {
  if (location.protocol !== 'http:' && location.protocol !== 'https:') return;
  let storage;
  try { storage = window.sessionStorage; } catch { return; }
  const around = location.ancestorOrigins;
  const place = {top: around.length ? around[around.length - 1] : location.origin, origin: location.origin};
  const send = (message) => window.webkit.messageHandlers.driftstackStorage.postMessage(JSON.stringify(message));
)js";

// Pages write until their last handler: ours for pagehide is the first to run, the one for unload comes after all of pagehide.
constexpr std::string_view kKeep = R"js(
  let told;
  const tell = () => {
    const all = [];
    for (let i = 0; i < storage.length; ++i) all.push([storage.key(i), storage.getItem(storage.key(i))]);
    const items = JSON.stringify(all);
    if (items !== told) send({...place, items});
    told = items;
  };
  addEventListener('pagehide', tell);
  addEventListener('unload', tell);
})();
)js";

// Told at once: the script is gone before another document of this place can begin, so what its page clears stays cleared.
constexpr std::string_view kRestore = R"js(
  if (place.top !== kept.top || place.origin !== kept.origin) return;
  if (storage.length === 0) for (const [key, value] of JSON.parse(kept.items)) storage.setItem(key, value);
  send(place);
})();
)js";

struct Told {
  std::string top, origin;
  std::optional<std::string> items;  ///< absent: the area was restored
  static constexpr auto shape =
      wire::object(wire::field<&Told::top>("top"), wire::field<&Told::origin>("origin"), wire::field<&Told::items>("items"));
};

std::size_t bytes_of(const StorageArea& area) { return area.top.size() + area.origin.size() + area.items.size(); }

void drop_oldest_beyond_bounds(std::vector<StorageArea>& areas) {
  std::size_t bytes = 0;
  for (const StorageArea& area : areas) bytes += bytes_of(area);
  while (areas.size() > kMostAreas || bytes > kMostBytes) {
    bytes -= bytes_of(areas.front());
    areas.erase(areas.begin());
  }
}

}  // namespace

SessionStorage::SessionStorage(WebKitUserContentManager* content, StorageAreas kept) : content_(content), areas_(std::move(kept)) {
  drop_oldest_beyond_bounds(areas_.areas);
  g_signal_connect(content_, (std::string("script-message-received::") + kHandler).c_str(), G_CALLBACK(on_message), this);
  webkit_user_content_manager_register_script_message_handler_in_world(content_, kHandler, kWorldName);
  add_script(std::string(kPrelude) + std::string(kKeep));
  for (const StorageArea& area : areas_.areas) {
    const std::string source = std::string(kPrelude) + "  const kept = " + wire::to_text(area) + ";" + std::string(kRestore);
    restorers_[Place(area.top, area.origin)] = add_script(source);
  }
}

SessionStorage::~SessionStorage() { g_signal_handlers_disconnect_by_data(content_, this); }

SessionStorage::Script SessionStorage::add_script(const std::string& source) {
  Script script(webkit_user_script_new_for_world(source.c_str(), WEBKIT_USER_CONTENT_INJECT_ALL_FRAMES,
                                                 WEBKIT_USER_SCRIPT_INJECT_AT_DOCUMENT_START, kWorldName, nullptr, nullptr));
  webkit_user_content_manager_add_script(content_, script.get());
  return script;
}

void SessionStorage::on_message(WebKitUserContentManager*, WebKitJavascriptResult* message, gpointer data) {
  char* text = jsc_value_to_string(webkit_javascript_result_get_js_value(message));
  static_cast<SessionStorage*>(data)->note(text);
  g_free(text);
}

void SessionStorage::note(std::string_view text) {
  Told told;
  wire::Issues issues;
  if (wire::read(text, told, issues) != wire::Outcome::ok) return;
  const Place place(told.top, told.origin);
  restored(place);
  if (!told.items) return;
  std::erase_if(areas_.areas, [&](const StorageArea& area) { return area.top == told.top && area.origin == told.origin; });
  if (*told.items == "[]") return;
  StorageArea& area = areas_.areas.emplace_back();
  area.top = std::move(told.top);
  area.origin = std::move(told.origin);
  area.items = std::move(*told.items);
  drop_oldest_beyond_bounds(areas_.areas);
}

void SessionStorage::restored(const Place& place) {
  const auto at = restorers_.find(place);
  if (at == restorers_.end()) return;
  webkit_user_content_manager_remove_script(content_, at->second.get());
  restorers_.erase(at);
}

}  // namespace driftstack::browser_webkit
