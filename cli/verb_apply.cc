#include "cli/verb_apply.h"

#include <cerrno>
#include <fstream>
#include <istream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/apply_plan.h"
#include "cli/change.h"
#include "cli/config_file.h"
#include "engines/catalog.h"

namespace epu {
namespace {

// At most one byte more than a file may have, which ParseConfig then refuses.
std::string ReadAll(std::istream& input) {
  std::string text(kConfigBytesMax + 1, '\0');
  input.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(input.gcount()));
  return text;
}

absl::StatusOr<std::string> ReadFile(Context& context, const std::string& name) {
  if (name == "-") return ReadAll(context.In());
  errno = 0;
  std::ifstream file(name, std::ios::binary);
  std::string text;
  if (file) text = ReadAll(file);
  if (!file.is_open() || file.bad() || (text.empty() && errno != 0)) {
    const int error = errno;
    const std::string message =
        fmt::format("cannot read {}: {}", name, std::generic_category().message(error));
    return error == ENOENT ? absl::NotFoundError(message) : absl::UnavailableError(message);
  }
  return text;
}

Exit FailByFaults(Context& context, const std::string& file,
                  const std::vector<ConfigFault>& faults) {
  std::vector<Complaint> complaints;
  for (const ConfigFault& fault : faults) {
    complaints.push_back(
        {FaultMessage(fault), file, fault.mark.line, fault.mark.column, fault.path});
  }
  const Exit exit = context.Fail(Exit::kFile, complaints);
  if (!context.GetOptions().json) {
    context.Note(fmt::format("nothing was changed ({} error{})", faults.size(),
                             faults.size() == 1 ? "" : "s"));
  }
  return exit;
}

// A refusal of the declaration as a whole, each of its lines with its place in the file.
Exit FailByStatus(Context& context, const std::string& file, const ParsedConfig& config,
                  const absl::Status& status) {
  if (!absl::IsInvalidArgument(status)) return context.Fail(status);
  std::vector<ConfigFault> faults;
  const std::string message(status.message());
  for (std::size_t begin = 0; begin < message.size();) {
    const std::size_t end = std::min(message.find('\n', begin), message.size());
    faults.push_back(LocateFault(message.substr(begin, end - begin), config.marks));
    begin = end + 1;
  }
  return FailByFaults(context, file, faults);
}

Json PlanJson(const ApplyPlan& plan, const State& state) {
  Json json = {{"at", state.head},
               {"changes_anything", plan.changes_anything},
               {"ends", CountEnding(plan)},
               {"items", Json::array()}};
  for (const PlanItem& item : plan.items) {
    const char* mark = item.mark == PlanMark::kAdd      ? "add"
                       : item.mark == PlanMark::kChange ? "change"
                       : item.mark == PlanMark::kKept   ? "kept"
                                                        : "unchanged";
    Json entry = {{"kind", item.kind},       {"name", TextOrNull(item.name)}, {"change", mark},
                  {"fields", Json::array()}, {"launches", item.launches},     {"ends", item.ends}};
    for (const FieldChange& change : item.changes) {
      const auto hand = item.overrides.find(change.key);
      entry["fields"].push_back(
          {{"key", change.key},
           {"before", change.before},
           {"after", change.after},
           {"overrides", hand == item.overrides.end() ? Json() : Json(hand->second)}});
    }
    json["items"].push_back(std::move(entry));
  }
  return json;
}

// Shows a plan that is not carried out.
Exit ShowPlan(Context& context, const ApplyArguments& arguments, const ApplyPlan& plan,
              const State& state) {
  if (context.GetOptions().json) context.Print(ToLine(PlanJson(plan, state)) + "\n");
  if (!arguments.check || !plan.changes_anything) return Exit::kDone;
  return context.Fail(Exit::kRefused,
                      fmt::format("the run differs from {}; apply without --check changes it",
                                  arguments.file == "-" ? "stdin" : arguments.file));
}

std::string EmptyingText(const ApplyPlan& plan) {
  return fmt::format("Empties {} and ends {} workers in all.",
                     fmt::format("{}", fmt::join(EmptiedPools(plan), ", ")), CountEnding(plan));
}

Exit SendPlan(Context& context, const ApplyArguments& arguments, const ParsedConfig& config,
              const ApplyPlan& plan, const State& state) {
  if (!EmptiedPools(plan).empty()) {
    if (const std::optional<Exit> exit = Confirm(context, EmptyingText(plan))) return *exit;
  }
  CommandSender sender(context, {"apply", arguments.file});
  const absl::StatusOr<Answer> answer = sender.Send(config.apply, arguments.file);
  if (!answer.ok()) {
    const std::string file = arguments.file == "-" ? "stdin" : arguments.file;
    return FailByStatus(context, file, config, answer.status());
  }
  return Finish(context, *answer, "", PlanJson(plan, state));
}

}  // namespace

void BindApply(CLI::App& app, ApplyArguments& arguments) {
  app.add_option("file", arguments.file, "a configuration file, or - for standard input")
      ->required();
  app.add_flag("--dry-run", arguments.dry_run, "show what would change, and change nothing");
  app.add_flag("--check", arguments.check, "change nothing; exit 4 where the run differs");
}

Exit RunApply(Context& context, const ApplyArguments& arguments) {
  const bool sends = !arguments.dry_run && !arguments.check;
  const std::string file = arguments.file == "-" ? "stdin" : arguments.file;
  const absl::StatusOr<std::string> text = ReadFile(context, arguments.file);
  if (!text.ok()) return context.Fail(text.status());
  if (sends) {
    if (const absl::Status status = AwaitServer(context); !status.ok()) return context.Fail(status);
  }
  const absl::StatusOr<ConfigView> view = ReadView(context);
  if (!view.ok()) return context.Fail(view.status());

  const EngineCatalog catalog = BuiltInEngines();
  std::set<std::string> sites;
  for (const auto& [number, site] : view->state.sites) sites.insert(site.definition.name);
  const ParsedConfig config = ParseConfig(*text, catalog, sites);
  if (!config.faults.empty()) return FailByFaults(context, file, config.faults);
  const absl::StatusOr<ApplyPlan> plan = PlanApply(*view, config.apply, context.Now(), catalog);
  if (!plan.ok()) return FailByStatus(context, file, config, plan.status());

  const Options& options = context.GetOptions();
  if (!options.json && !options.quiet) {
    context.Print(fmt::format("run {} ({}) at {}\n{}{}", options.run, view->state.log_id,
                              view->state.head, FormatPlan(*plan), FormatSum(*plan)));
    context.Out().flush();
  }
  if (!sends) return ShowPlan(context, arguments, *plan, view->state);
  return SendPlan(context, arguments, config, *plan, view->state);
}

}  // namespace epu
