// driftstack audit verify

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "driftstack/roles/audit_verification.hpp"
#include "driftstack/support/json.hpp"
#include "driftstack/support/public_id.hpp"
#include "kernel/cli/commands.hpp"
#include "kernel/cli/tool_core.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::chrono::hours kLimit{6};  // a walk over every entry of every account

struct AuditOptions {
  ConfigurationOptions configuration;
  bool json = false;
};

ExitCode verify_audit_log(const AuditOptions& options) {
  ExitCode exit_code{};
  const auto tool = ToolCore::start(options.configuration, AuditVerification::kId, exit_code);
  if (!tool) return exit_code;
  auto* audit = tool->core().find<AuditVerification>();
  auto verdict = tool->core().run<AuditVerdict>([audit](const Call& call) { return audit->verify(call); }, kLimit);
  if (!verdict) {
    std::cerr << "driftstack: " << verdict.error().detail << '\n';
    return ExitCode::failed;
  }
  const auto& broken = verdict->first_break;
  if (options.json) {
    std::string out = "{\"ok\":" + std::string(broken ? "false" : "true") + ",\"accounts\":" + std::to_string(verdict->accounts) +
                      ",\"entries\":" + std::to_string(verdict->entries);
    if (broken) {
      out += ",\"account_id\":\"" + PublicId<"acc">(broken->account).to_text() + "\",\"position\":" + std::to_string(broken->position) +
             ",\"detail\":";
      wire::append_json_string(out, broken->detail);
    }
    std::cout << out << "}\n";
  } else if (broken) {
    std::cout << "BROKEN: account " << PublicId<"acc">(broken->account).to_text() << ", entry " << broken->position << ": "
              << broken->detail << '\n';
  } else {
    std::cout << "The audit log is whole: " << verdict->entries << " entries of " << verdict->accounts << " accounts.\n";
  }
  return broken ? ExitCode::failed : ExitCode::ok;
}

}  // namespace

void add_audit(CLI::App& program, Run& run) {
  auto* audit = program.add_subcommand("audit", "Prove the audit log.");
  audit->require_subcommand(1);
  auto options = std::make_shared<AuditOptions>();
  auto* verify =
      audit->add_subcommand("verify", "Walk every hash chain and name the first entry that was edited, removed, moved or added.");
  add_configuration_options(*verify, options->configuration);
  verify->add_flag("--json", options->json, "Print JSON");
  verify->footer("Example:\n  driftstack audit verify --config /etc/driftstack/driftstack.toml");
  verify->callback([options, &run] { run = [options] { return verify_audit_log(*options); }; });
}

}  // namespace driftstack::kernel
