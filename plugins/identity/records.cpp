#include "records.hpp"

namespace driftstack::identity {

ScopeSet to_set(const ScopeList& scopes) noexcept {
  ScopeSet set;
  for (const Scope scope : scopes) set.insert(scope);
  return set;
}

ScopeList to_list(ScopeSet scopes) {
  ScopeList list;
  for (std::size_t i = 0; i < kScopeCount; ++i) {
    if (scopes.contains(static_cast<Scope>(i))) list.push_back(static_cast<Scope>(i));
  }
  return list;
}

std::string to_text(const ScopeList& scopes) {
  std::string text;
  for (const Scope scope : scopes) {
    if (!text.empty()) text += ' ';
    text += name_of(scope);
  }
  return text;
}

ScopeList scopes_from_text(std::string_view text) {
  ScopeList scopes;
  while (!text.empty()) {
    const auto space = text.find(' ');
    if (const auto scope = scope_from_name(text.substr(0, space))) scopes.push_back(*scope);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  return scopes;
}

std::string_view status_text(AccountStatus status) noexcept {
  switch (status) {
    case AccountStatus::active:
      return "active";
    case AccountStatus::suspended:
      return "suspended";
    case AccountStatus::deleted:
      break;
  }
  return "deleted";
}

}  // namespace driftstack::identity
