#include "actions/upload.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace driftstack::browser_webkit {
namespace {

constexpr std::chrono::milliseconds kPollInterval{20};
constexpr std::chrono::seconds kChooserPatience{5};
// The engine has the files by then; a field in a closed shadow root does not show its change event.
constexpr std::chrono::seconds kChangePatience{1};

struct Field {
  bool found = false, is_field = false, multiple = false, reachable = false, disabled = false;
  static constexpr auto shape = wire::object(wire::field<&Field::found>("found"), wire::field<&Field::is_field>("is_field"),
                                             wire::field<&Field::multiple>("multiple"), wire::field<&Field::reachable>("reachable"),
                                             wire::field<&Field::disabled>("disabled"));
};

/// Each file in a folder of its own, so that names meet neither each other nor anything else. The page may read them as long as the session
/// lives.
std::optional<std::vector<std::string>> store(const std::string& directory, const std::vector<browser::UploadFile>& files) {
  static unsigned uploads = 0;
  std::vector<std::string> paths;
  for (const browser::UploadFile& file : files) {
    const std::filesystem::path folder = std::filesystem::path(directory) / "uploads" / std::to_string(++uploads);
    const std::filesystem::path path = folder / file.name;
    if (path.parent_path() != folder || !path.has_filename()) return std::nullopt;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    std::ofstream out(path, std::ios::binary);
    out.write(file.content_base64.data.data(), static_cast<std::streamsize>(file.content_base64.data.size()));
    out.close();
    if (!out) return std::nullopt;
    paths.push_back(path.string());
  }
  return paths;
}

/// Waits for the target. What neither is a file field nor can be tapped is not there yet.
Work<Field> find_field(Page& page, Command& command, const Aim& aim) {
  SelectorQuestion question;
  question.selector = aim.selector;
  do {
    Outcome<Field> field = co_await page.world().call_in<Field>(aim.frame, command, "fileField", question, command.deadline());
    if (!field && field.failure().code == FailureCode::bad_request) co_return field;
    if (field && field->found && !field->disabled && (field->is_field || field->reachable)) co_return field;
  } while (co_await pause(command, kPollInterval));
  co_return command.gave_up("no file field that can be used matches");
}

Work<> open_chooser(Page& page, Compositor& compositor, Command& command, const Aim& aim, const Field& field) {
  if (field.reachable) {
    Outcome<Target> target = co_await locate(page, command, aim, Purpose::upload);
    if (!target) co_return std::move(target.failure());
    co_return co_await tap_at(page, compositor, command, *target);
  }
  SelectorQuestion question;
  question.selector = aim.selector;
  Outcome<Ready> opened = co_await page.world().call_in<Ready>(aim.frame, command, "openChooser", question, command.deadline());
  if (!opened) co_return std::move(opened.failure());
  co_return Done();
}

}  // namespace

Work<> upload(Page& page, Compositor& compositor, Command& command, Aim aim, std::vector<browser::UploadFile> files) {
  Outcome<Field> field = co_await find_field(page, command, aim);
  if (!field) co_return std::move(field.failure());
  const bool too_many = field->is_field && !field->multiple && files.size() > 1;
  if (too_many) co_return failure(FailureCode::bad_request, "the file field takes one file");
  std::optional<std::vector<std::string>> paths = store(page.directory(), files);
  if (!paths) co_return failure(FailureCode::bad_request, "a file cannot be stored under its name");
  const OneShot<Choosers::Taken> taken = page.choosers().expect_files(std::move(*paths));
  Outcome<> opened = co_await open_chooser(page, compositor, command, aim, *field);
  const Deadline until = SteadyClock::now() + kChooserPatience;
  page.acks().reset();
  const std::optional<Choosers::Taken> outcome = co_await taken.wait(command, until);
  page.choosers().stop_expecting();
  if (!outcome && !opened) co_return opened;
  if (!outcome) co_return command.cancelled() ? command.gave_up("") : failure(FailureCode::timeout, "the target opens no file chooser");
  if (*outcome == Choosers::Taken::field_takes_one) co_return failure(FailureCode::bad_request, "the file field takes one file");
  const Deadline changed_until = SteadyClock::now() + kChangePatience;
  co_await page.acks().seen(command, InputKind::change, 1, changed_until);
  co_return Done();
}

}  // namespace driftstack::browser_webkit
