#include "kernel/pipeline/openapi.hpp"

#include <map>
#include <set>
#include <string_view>

#include "driftstack/problem.hpp"
#include "driftstack/support/json.hpp"
#include "kernel/pipeline/route_table.hpp"

namespace driftstack::kernel {
namespace {

std::string json_quoted(std::string_view text) {
  std::string out;
  wire::append_json_string(out, text);
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

void append_path_parameters(const Route& route, std::string& parameters) {
  std::string_view path = route.path;
  for (auto open = path.find('{'); open != std::string_view::npos; open = path.find('{', open + 1)) {
    const auto name = path.substr(open + 1, path.find('}', open) - open - 1);
    if (!parameters.empty()) parameters += ',';
    parameters += R"({"name":)" + json_quoted(name) + R"(,"in":"path","required":true,"schema":{"type":"string"}})";
  }
}

/// The properties of the query shape become query parameters.
void append_query_parameters(const Route& route, std::string& parameters) {
  if (route.query_schema.empty()) return;
  const auto schema = wire::Json::parse(route.query_schema);
  if (!schema) return;
  const auto properties = schema->view().find("properties");
  if (!properties) return;
  std::set<std::string> required;
  if (const auto list = schema->view().find("required"))
    for (const auto& item : list->elements()) required.insert(item.as_text().value_or(""));
  for (const auto& [name, property] : properties->members()) {
    if (!parameters.empty()) parameters += ',';
    parameters += R"({"name":)" + json_quoted(name) + R"(,"in":"query","required":)" + (required.contains(name) ? "true" : "false") +
                  R"(,"schema":)" + std::string(property.text()) + "}";
  }
}

void append_header_parameters(const Route& route, std::string& parameters) {
  const auto append = [&](std::string_view name, std::string_view description) {
    if (!parameters.empty()) parameters += ',';
    parameters += R"({"name":)" + json_quoted(name) + R"(,"in":"header","required":false,"description":)" + json_quoted(description) +
                  R"(,"schema":{"type":"string"}})";
  };
  if (route.idempotency != Idempotency::none) append("Idempotency-Key", "A repeat with the same key does not repeat the work.");
  if (route.team != TeamAccess::ignored && route.team != TeamAccess::not_applicable)
    append("X-Driftstack-Account", "Act for the account of a team that you belong to.");
}

std::string scope_sentence(const Route& route) {
  if (!route.scopes_any || route.scopes_any->empty()) return {};
  std::string sentence;
  for (std::size_t i = 0; i < kScopeCount; ++i) {
    if (!route.scopes_any->contains(static_cast<Scope>(i))) continue;
    sentence += sentence.empty() ? "Scope: `" : " or `";
    sentence += std::string(kScopeNames[i]) + "`";
  }
  return sentence + ".";
}

void append_operation(const Route& route, std::string& out) {
  out += "{\"operationId\":" + json_quoted(route.operation_id) + ",\"summary\":" + json_quoted(route.summary);
  if (!route.tag.empty()) out += ",\"tags\":[" + json_quoted(route.tag) + "]";
  if (const auto sentence = scope_sentence(route); !sentence.empty()) out += ",\"description\":" + json_quoted(sentence);
  if (route.deprecated) out += ",\"deprecated\":true";
  std::string parameters;
  append_path_parameters(route, parameters);
  append_query_parameters(route, parameters);
  append_header_parameters(route, parameters);
  if (!parameters.empty()) out += ",\"parameters\":[" + parameters + "]";
  if (!route.request_schema.empty()) {
    out += std::string(",\"requestBody\":{\"required\":") + (route.body == BodyKind::json ? "true" : "false") +
           ",\"content\":{\"application/json\":{\"schema\":" + route.request_schema + "}}}";
  }
  out += ",\"responses\":{\"" + std::to_string(route.success) + "\":{\"description\":\"Success\"";
  if (!route.response_schema.empty())
    out += ",\"content\":{" + json_quoted(route.response_content_type) + ":{\"schema\":" + route.response_schema + "}}";
  out += "},\"default\":{\"$ref\":\"#/components/responses/Problem\"}}";
  const bool needs_bearer = route.authentication != Authentication::none && route.authentication != Authentication::provider_signature;
  out += needs_bearer ? ",\"security\":[{\"bearer\":[]}]}" : ",\"security\":[]}";
}

constexpr std::string_view kComponents =
    R"("components":{"securitySchemes":{"bearer":{"type":"http","scheme":"bearer"}},"schemas":{"Problem":{)"
    R"("type":"object","required":["type","title","status"],"properties":{"type":{"type":"string","format":"uri"},"title":{"type":"string"},)"
    R"("status":{"type":"integer"},"detail":{"type":"string"},"instance":{"type":"string"}}}},"responses":{"Problem":{"description":)"
    R"("A problem (RFC 9457). `type` names its kind.","content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}}})";

}  // namespace

std::string openapi_document(const std::vector<const Route*>& routes, const std::string& version, const std::string& public_url) {
  std::map<std::string, std::vector<const Route*>> by_path;
  for (const auto* route : routes) by_path[route->path].push_back(route);
  std::string out = R"({"openapi":"3.1.0","info":{"title":"Driftstack","version":)" + json_quoted(version) +
                    "},\"servers\":[{\"url\":" + json_quoted(public_url) + "}],\"paths\":{";
  bool first_path = true;
  for (const auto& [path, operations] : by_path) {
    if (!std::exchange(first_path, false)) out += ',';
    out += json_quoted(path) + ":{";
    bool first_operation = true;
    for (const auto* route : operations) {
      if (!std::exchange(first_operation, false)) out += ',';
      out += json_quoted(lower(method_name(route->method))) + ":";
      append_operation(*route, out);
    }
    out += '}';
  }
  out += "},";
  out += kComponents;
  out += '}';
  return out;
}

}  // namespace driftstack::kernel
