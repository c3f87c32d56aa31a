// driftstack key create | list | revoke

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "driftstack/roles/key_administration.hpp"
#include "driftstack/support/public_id.hpp"
#include "driftstack/support/timestamp.hpp"
#include "kernel/cli/commands.hpp"
#include "kernel/cli/tool_core.hpp"
#include "kernel/config/json_text.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::chrono::seconds kLimit{60};

struct KeyOptions {
  ConfigurationOptions configuration;
  bool json = false;
  std::string account, name, id, expires_at;
  std::vector<std::string> scopes;
  bool staff = false;
};

std::string time_json(const std::optional<std::int64_t>& micros) {
  return micros ? json_string(Timestamp::from_micros(*micros).to_text()) : std::string("null");
}

std::string scope_list(const ScopeSet& scopes, std::string_view separator, bool with_quotes) {
  std::string text;
  for (std::size_t i = 0; i < kScopeCount; ++i) {
    if (!scopes.contains(static_cast<Scope>(i))) continue;
    if (!text.empty()) text += separator;
    text += with_quotes ? json_string(kScopeNames[i]) : std::string(kScopeNames[i]);
  }
  return text;
}

std::string key_json(const KeyRecord& key, const std::string& plaintext) {
  std::string text = "{\"id\":" + json_string(PublicId<"key">(key.id).to_text()) +
                     ",\"account_id\":" + json_string(PublicId<"acc">(key.account).to_text()) + ",\"name\":" + json_string(key.name) +
                     ",\"key_prefix\":" + json_string(key.key_prefix) + ",\"scopes\":[" + scope_list(key.scopes, ",", true) +
                     "],\"created_at\":" + time_json(key.created_at) + ",\"last_used_at\":" + time_json(key.last_used_at) +
                     ",\"expires_at\":" + time_json(key.expires_at) + ",\"revoked_at\":" + time_json(key.revoked_at);
  if (!plaintext.empty()) text += ",\"plaintext\":" + json_string(plaintext);
  return text + "}";
}

ExitCode report(const Error& error) {
  std::cerr << "driftstack: " << error.detail << '\n';
  return ExitCode::failed;
}

/// The account option as an id; nothing when it was not given.
Result<std::optional<Uuid>> account_of(const KeyOptions& options) {
  if (options.account.empty()) return std::optional<Uuid>();
  const auto id = PublicId<"acc">::from_text(options.account);
  if (!id) return Error(Errc::bad_request, "--account needs an id such as acc_3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11");
  return std::optional<Uuid>(id->uuid());
}

Result<KeySpec> spec_of(const KeyOptions& options) {
  ScopeSet scopes;
  for (const auto& name : options.scopes) {
    const auto scope = scope_from_name(name);
    if (!scope) return Error(Errc::bad_request, "there is no scope \"" + name + "\"; scopes are listed in driftstack key create --help");
    scopes.insert(*scope);
  }
  if (options.staff != scopes.empty()) return Error(Errc::bad_request, "give either --scopes or --staff");
  auto account = account_of(options);
  if (!account) return std::move(account).error();
  KeySpec spec(options.name, scopes);
  spec.account = *account;
  spec.staff = options.staff;
  if (!options.expires_at.empty()) {
    const auto time = Timestamp::from_text(options.expires_at);
    if (!time) return Error(Errc::bad_request, "--expires-at needs " + std::string(Timestamp::kExpected));
    spec.expires_at = time->micros();
  }
  return spec;
}

ExitCode create_key(const KeyOptions& options) {
  auto spec = spec_of(options);
  if (!spec) {
    report(spec.error());
    return ExitCode::usage;
  }
  ExitCode exit_code{};
  const auto tool = ToolCore::start(options.configuration, KeyAdministration::kId, exit_code);
  if (!tool) return exit_code;
  auto* keys = tool->core().find<KeyAdministration>();
  auto made = tool->core().run<CreatedKey>([&](const Call& call) { return keys->create_key(call, *spec); }, kLimit);
  if (!made) return report(made.error());
  if (options.json) {
    std::cout << key_json(made->record, made->plaintext) << '\n';
  } else {
    std::cout << made->plaintext << '\n';
    std::cerr << "Key " << PublicId<"key">(made->record.id).to_text() << " (" << scope_list(made->record.scopes, ", ", false)
              << "). It is shown this once; store it now.\n";
  }
  return ExitCode::ok;
}

ExitCode list_keys(const KeyOptions& options) {
  auto account = account_of(options);
  if (!account) {
    report(account.error());
    return ExitCode::usage;
  }
  ExitCode exit_code{};
  const auto tool = ToolCore::start(options.configuration, KeyAdministration::kId, exit_code);
  if (!tool) return exit_code;
  auto* keys = tool->core().find<KeyAdministration>();
  auto listed = tool->core().run<std::vector<KeyRecord>>([&](const Call& call) { return keys->list_keys(call, *account); }, kLimit);
  if (!listed) return report(listed.error());
  if (options.json) {
    std::string out = "{\"keys\":[";
    for (std::size_t i = 0; i < listed->size(); ++i) out += (i > 0 ? "," : "") + key_json((*listed)[i], std::string());
    std::cout << out << "]}\n";
    return ExitCode::ok;
  }
  for (const auto& key : *listed)
    std::cout << PublicId<"key">(key.id).to_text() << "  " << key.key_prefix << "…  " << (key.revoked_at ? "revoked" : "active ") << "  "
              << scope_list(key.scopes, ",", false) << "  " << key.name << '\n';
  return ExitCode::ok;
}

ExitCode revoke_key(const KeyOptions& options) {
  const auto id = PublicId<"key">::from_text(options.id);
  if (!id) {
    report(Error(Errc::bad_request, "the key id must look like key_3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11"));
    return ExitCode::usage;
  }
  ExitCode exit_code{};
  const auto tool = ToolCore::start(options.configuration, KeyAdministration::kId, exit_code);
  if (!tool) return exit_code;
  auto* keys = tool->core().find<KeyAdministration>();
  auto revoked = tool->core().run<Done>([&](const Call& call) { return keys->revoke_key(call, id->uuid()); }, kLimit);
  if (!revoked) return report(revoked.error());
  if (options.json) {
    std::cout << "{\"id\":" << json_string(options.id) << ",\"revoked\":true}\n";
  } else {
    std::cout << options.id << " is revoked.\n";
  }
  return ExitCode::ok;
}

std::string scope_help() {
  std::string text = "Scopes: ";
  for (std::size_t i = 0; i < kScopeCount; ++i) {
    const auto scope = static_cast<Scope>(i);
    if (scope == Scope::admin || scope == Scope::driftstack_internal_admin) continue;
    text += (i > 0 ? " " : "") + std::string(name_of(scope));
  }
  return text;
}

}  // namespace

void add_key(CLI::App& program, Run& run) {
  auto* key = program.add_subcommand("key", "Make, list and revoke API keys on this machine; works beside a running server.");
  key->require_subcommand(1);
  auto options = std::make_shared<KeyOptions>();

  auto* create = key->add_subcommand("create", "Make a key. Its plaintext is printed once.");
  add_configuration_options(*create, options->configuration);
  create->add_option("--name", options->name, "What the key is for, 1 to 120 characters")->required();
  create->add_option("--scopes", options->scopes, "Comma-separated scopes")->delimiter(',');
  create->add_flag("--staff", options->staff, "A staff key: /v1/admin only, reachable in no other way");
  create->add_option("--account", options->account, "Account id; default: the first account");
  create->add_option("--expires-at", options->expires_at, "End of the key, ISO 8601 with offset");
  create->add_flag("--json", options->json, "Print JSON");
  create->footer(scope_help() + "\nExample:\n  driftstack key create --name ci --scopes read:sessions,write:sessions");
  create->callback([options, &run] { run = [options] { return create_key(*options); }; });

  auto* list = key->add_subcommand("list", "List keys, newest first; never their plaintext.");
  add_configuration_options(*list, options->configuration);
  list->add_option("--account", options->account, "Only this account's keys");
  list->add_flag("--json", options->json, "Print JSON");
  list->footer("Example:\n  driftstack key list --json");
  list->callback([options, &run] { run = [options] { return list_keys(*options); }; });

  auto* revoke = key->add_subcommand("revoke", "Revoke a key for ever; a running server refuses it within a second.");
  add_configuration_options(*revoke, options->configuration);
  revoke->add_option("id", options->id, "The key's id, key_…")->required();
  revoke->add_flag("--json", options->json, "Print JSON");
  revoke->footer("Example:\n  driftstack key revoke key_3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11");
  revoke->callback([options, &run] { run = [options] { return revoke_key(*options); }; });
}

}  // namespace driftstack::kernel
