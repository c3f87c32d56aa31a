#include "kernel/pipeline/route_table.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace driftstack::kernel {
namespace {

std::string describe(std::string_view plugin, const Route& route) {
  std::string text("plugin ");
  text.append(plugin).append(": route ").append(method_name(route.method)).append(" ").append(route.path).append(": ");
  return text;
}

/// What a route leaves out or combines wrongly; empty when it is complete.
std::string fault_of_declaration(const Route& route, const std::function<bool(std::string_view)>& knows_bucket) {
  const bool has_account = route.authentication == Authentication::bearer || route.authentication == Authentication::web_session ||
                           route.authentication == Authentication::bearer_or_ticket || route.authentication == Authentication::staff;
  if (route.authentication == Authentication::undeclared) return "declares no authentication";
  if (!route.scopes_any) return "declares no scopes (an empty set means any valid credential)";
  if (route.team == TeamAccess::undeclared) return "declares no team access";
  if (route.bucket.empty()) return "declares no rate-limit bucket";
  if (has_account == (route.team == TeamAccess::not_applicable)) return "has a team access that does not fit its authentication";
  if (!has_account && !route.scopes_any->empty()) return "has scopes but no account behind it";
  if ((route.authentication == Authentication::staff) != route.scopes_any->contains(Scope::driftstack_internal_admin))
    return "must need the staff scope exactly when its authentication is staff";
  if (has_account == (route.bucket == "none" || route.bucket.starts_with("ip:")))
    return "has a bucket that does not fit its authentication (accounts draw on account buckets, public routes on ip: buckets)";
  if (route.bucket != "none" && !knows_bucket(route.bucket))
    return "names the bucket \"" + route.bucket + "\", which the rate limiter does not have";
  if (route.idempotency != Idempotency::none && (route.method != Method::post || !has_account))
    return "declares idempotency but is no POST with an account";
  if (route.websocket && (route.method != Method::get || route.body != BodyKind::none))
    return "opens a WebSocket but is no GET without a body";
  if (route.step_up && !has_account) return "needs a fresh second factor but has no account behind it";
  if (route.handler == nullptr) return "has no handler";
  if (route.operation_id.empty()) return "has no operation id";
  return {};
}

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  std::size_t begin = 1;
  while (begin <= path.size()) {
    auto end = path.find('/', begin);
    if (end == std::string_view::npos) end = path.size();
    segments.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  if (path == "/") segments.clear();
  return segments;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.find_first_of("{}", 1) == segment.size() - 1;
}

}  // namespace

std::string_view method_name(Method method) noexcept {
  constexpr std::string_view kNames[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  return kNames[static_cast<std::size_t>(method)];
}

Result<> RouteTable::mount(std::string_view plugin, const Route& route) {
  if (auto fault = fault_of_declaration(route, knows_bucket_); !fault.empty()) return Error(Errc::misuse, describe(plugin, route) + fault);
  if (route.path.empty() || route.path.front() != '/') return Error(Errc::misuse, describe(plugin, route) + "must start with a slash");
  Node* node = &root_;
  std::size_t parameters = 0;
  for (const auto segment : split(route.path)) {
    if (segment.empty() || (segment.find_first_of("{}") != std::string_view::npos && !is_parameter(segment)))
      return Error(Errc::misuse, describe(plugin, route) + "has a malformed segment; a parameter fills one whole segment, like {id}");
    if (is_parameter(segment)) {
      if (++parameters > kMostParameters) return Error(Errc::misuse, describe(plugin, route) + "has more than 4 parameters");
      if (!node->parameter) node->parameter = std::make_unique<Node>();
      node = node->parameter.get();
      continue;
    }
    auto child = std::find_if(node->children.begin(), node->children.end(), [&](const auto& entry) { return entry.first == segment; });
    if (child == node->children.end()) {
      node->children.emplace_back(std::string(segment), std::make_unique<Node>());
      child = std::prev(node->children.end());
    }
    node = child->second.get();
  }
  const auto index = static_cast<std::size_t>(route.method);
  if (node->routes[index]) return Error(Errc::misuse, describe(plugin, route) + "is mounted by plugin " + node->owners[index] + " already");
  node->routes[index] = &route;
  node->owners[index] = std::string(plugin);
  for (const auto segment : split(route.path))
    if (is_parameter(segment)) node->names[index].emplace_back(segment.substr(1, segment.size() - 2));
  return Done();
}

RouteTable::Match RouteTable::find(Method method, std::string_view path) const noexcept {
  Match match;
  const Node* node = &root_;
  std::size_t begin = 1;
  while (begin <= path.size() && path.size() > 1) {
    auto end = path.find('/', begin);
    if (end == std::string_view::npos) end = path.size();
    const auto segment = path.substr(begin, end - begin);
    const Node* next = nullptr;
    for (const auto& [name, child] : node->children) {
      if (name == segment) {
        next = child.get();
        break;
      }
    }
    if (!next && node->parameter && !segment.empty()) {
      next = node->parameter.get();
      match.segments[match.parameters++] = segment;
    }
    if (!next) return {};
    node = next;
    begin = end + 1;
  }
  match.path_exists = node->has_route();
  auto index = static_cast<std::size_t>(method);
  if (!node->routes[index] && method == Method::head) index = static_cast<std::size_t>(Method::get);
  match.route = node->routes[index];
  match.names = node->names[index];
  return match;
}

void RouteTable::collect(const Node& node, std::vector<const Route*>& out) {
  for (const auto* route : node.routes)
    if (route) out.push_back(route);
  for (const auto& [name, child] : node.children) collect(*child, out);
  if (node.parameter) collect(*node.parameter, out);
}

std::vector<const Route*> RouteTable::routes() const {
  std::vector<const Route*> all;
  collect(root_, all);
  std::sort(all.begin(), all.end(),
            [](const Route* a, const Route* b) { return std::tie(a->path, a->method) < std::tie(b->path, b->method); });
  return all;
}

}  // namespace driftstack::kernel
