// driftstack mail preview

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "driftstack/roles/mail_previews.hpp"
#include "kernel/cli/commands.hpp"
#include "kernel/cli/tool_core.hpp"

namespace driftstack::kernel {
namespace {

struct PreviewOptions {
  ConfigurationOptions configuration;
  std::string folder = "mail-preview";
};

bool write_file(const std::filesystem::path& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  if (file) std::cout << path.string() << '\n';
  return static_cast<bool>(file);
}

ExitCode preview_mails(const PreviewOptions& options) {
  ExitCode exit_code{};
  const auto tool = ToolCore::start(options.configuration, MailPreviews::kId, exit_code);
  if (!tool) return exit_code;
  const std::filesystem::path folder(options.folder);
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  for (const mail::Message& message : tool->core().find<MailPreviews>()->previews()) {
    const bool written = write_file(folder / (message.template_name + ".txt"), "Subject: " + message.subject + "\n\n" + message.text) &&
                         write_file(folder / (message.template_name + ".html"), message.html);
    if (written) continue;
    std::cerr << "driftstack: cannot write into " << options.folder << "; name another folder with --folder\n";
    return ExitCode::failed;
  }
  return ExitCode::ok;
}

}  // namespace

void add_mail(CLI::App& program, Run& run) {
  auto* mail = program.add_subcommand("mail", "Look at the mails that people get.");
  mail->require_subcommand(1);
  auto options = std::make_shared<PreviewOptions>();
  auto* preview = mail->add_subcommand("preview", "Write each mail as text and HTML into a folder, filled with an example.");
  add_configuration_options(*preview, options->configuration);
  preview->add_option("--folder", options->folder, "Where the files go; made when it is not there")->capture_default_str();
  preview->footer("Example:\n  driftstack mail preview --folder /tmp/mails");
  preview->callback([options, &run] { run = [options] { return preview_mails(*options); }; });
}

}  // namespace driftstack::kernel
