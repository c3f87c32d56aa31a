#include "kernel/pipeline/docs_page.hpp"

#include <map>
#include <string_view>

#include "driftstack/support/json.hpp"
#include "driftstack/support/markup.hpp"
#include "kernel/pipeline/route_table.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--line:#8884}
body{font:16px/1.5 system-ui,"Liberation Sans",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:2.5rem;border-bottom:1px solid var(--line);text-transform:capitalize}
details{border:1px solid var(--line);border-radius:6px;margin:.4rem 0;padding:.3rem .8rem}
summary{cursor:pointer}
.m{display:inline-block;width:4.5rem;font-weight:700;font-family:ui-monospace,monospace}
code,pre{font-family:ui-monospace,"Liberation Mono",monospace;font-size:.9em}
pre{overflow-x:auto;background:#8881;padding:.6rem;border-radius:6px;white-space:pre-wrap;word-break:break-word}
table{border-collapse:collapse}td,th{text-align:left;padding:.15rem .8rem .15rem 0;vertical-align:top}
)";

std::string access_text(const Route& route) {
  if (route.authentication == Authentication::none) return "public";
  std::string text;
  for (std::size_t i = 0; i < kScopeCount; ++i)
    if (route.scopes_any && route.scopes_any->contains(static_cast<Scope>(i)))
      text += (text.empty() ? "" : " or ") + std::string(kScopeNames[i]);
  return text.empty() ? "any valid credential" : text;
}

/// The properties of a schema as table rows: name, type, what is said about it.
std::string schema_rows(const std::string& schema_text) {
  const auto schema = wire::Json::parse(schema_text);
  if (!schema) return {};
  const auto properties = schema->view().find("properties");
  if (!properties) return "<pre>" + markup_escaped(schema_text) + "</pre>";
  std::string rows = "<table><tr><th>Field</th><th>Schema</th></tr>";
  for (const auto& [name, property] : properties->members())
    rows += "<tr><td><code>" + markup_escaped(name) + "</code></td><td><code>" + markup_escaped(property.text()) + "</code></td></tr>";
  return rows + "</table>";
}

void append_operation(const Route& route, std::string& out) {
  out += "<details id=\"" + markup_escaped(route.operation_id) + "\"><summary><span class=\"m\">" + std::string(method_name(route.method)) +
         "</span> <code>" + markup_escaped(route.path) + "</code> " + markup_escaped(route.summary) + "</summary>";
  out += "<table><tr><th>Access</th><td>" + markup_escaped(access_text(route)) + "</td></tr><tr><th>Rate limit</th><td><code>" +
         markup_escaped(route.bucket) + "</code></td></tr><tr><th>Success</th><td>" + std::to_string(route.success) + "</td></tr>";
  if (route.idempotency != Idempotency::none) out += "<tr><th>Idempotency-Key</th><td>honoured</td></tr>";
  out += "</table>";
  if (!route.query_schema.empty()) out += "<h4>Query</h4>" + schema_rows(route.query_schema);
  if (!route.request_schema.empty()) out += "<h4>Body</h4>" + schema_rows(route.request_schema);
  if (!route.response_schema.empty()) out += "<h4>Answer</h4>" + schema_rows(route.response_schema);
  out += "</details>";
}

}  // namespace

std::string docs_page(const std::vector<const Route*>& routes, const std::string& version, const std::string& public_url) {
  std::map<std::string, std::vector<const Route*>> by_tag;
  for (const auto* route : routes) by_tag[route->tag.empty() ? "server" : route->tag].push_back(route);
  std::string out =
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
      "<title>Driftstack API</title><style>";
  out += kStyle;
  out += "</style></head><body><h1>Driftstack API</h1><p>Version " + markup_escaped(version) + " at <code>" + markup_escaped(public_url) +
         "</code>. The machine-readable contract is <a href=\"/openapi.json\">/openapi.json</a>. Send a key as "
         "<code>Authorization: Bearer ds_live_…</code>. Every failure is a problem document (RFC 9457).</p>";
  for (const auto& [tag, operations] : by_tag) {
    out += "<h2>" + markup_escaped(tag) + "</h2>";
    for (const auto* route : operations) append_operation(*route, out);
  }
  return out + "</body></html>";
}

}  // namespace driftstack::kernel
