#include "cli/verb_shadow.h"

#include <chrono>
#include <ostream>

#include <fmt/format.h>

#include "cli/describe.h"
#include "cli/json_view.h"
#include "cli/look.h"
#include "cli/terminal.h"
#include "projections/projection.h"
#include "projections/shadow_record.h"

namespace epu {
namespace {

double InHours(Duration duration) {
  return std::chrono::duration<double, std::ratio<3600>>(duration).count();
}

double ShareAgreed(const ShadowRecord& record) {
  if (record.compared == Duration::zero()) return 1;
  return static_cast<double>(record.agreed.count()) / static_cast<double>(record.compared.count());
}

std::string RemarkOf(const ShadowRecord& record) {
  if (!record.error.empty()) {
    return "does not decide: " + EscapeAndCut(record.error, kDetailShown);
  }
  if (record.first_difference == 0) return "never differed";
  return fmt::format("modelled from {} on", record.first_difference);
}

std::vector<std::string> RowOf(std::string name, const std::string& engine, const SizeRecord& size,
                               std::string agreed, std::string remark) {
  return {std::move(name),
          engine,
          size.wanted ? std::to_string(*size.wanted) : "",
          std::to_string(size.most),
          std::to_string(size.decisions),
          std::to_string(size.launches),
          fmt::format("{:.2f}", InHours(size.worker_time)),
          std::move(agreed),
          std::move(remark)};
}

// The pool stands above each shadow as it was in the time of that shadow.
std::string ShadowText(const ShadowRecords& records, const Epu& epu, const Terminal& terminal) {
  Table table{{"POLICY", "ENGINE", "WANTS", "MOST", "CHANGES", "LAUNCHES", "WORKER-HOURS", "AGREES",
               "MODEL"},
              {}};
  for (const auto& [name, record] : records.shadows) {
    table.rows.push_back(RowOf(epu.definition.name, epu.definition.engine, record.live, "", ""));
    table.rows.push_back(RowOf("  " + name, record.engine, record.own,
                               fmt::format("{:.1f}%", 100 * ShareAgreed(record)),
                               RemarkOf(record)));
  }
  return FormatTable(table, terminal);
}

Json SizeJson(const SizeRecord& record) {
  return {{"wanted", record.wanted ? Json(*record.wanted) : Json()},
          {"most", record.most},
          {"changes", record.decisions},
          {"launches", record.launches},
          {"worker_s", InSeconds(record.worker_time)}};
}

Json ShadowJson(const ShadowRecords& records) {
  Json shadows = Json::array();
  for (const auto& [name, record] : records.shadows) {
    shadows.push_back({{"name", name},
                       {"engine", record.engine},
                       {"own", SizeJson(record.own)},
                       {"live", SizeJson(record.live)},
                       {"compared_s", InSeconds(record.compared)},
                       {"agreed_s", InSeconds(record.agreed)},
                       {"modelled_from", SequenceOrNull(record.first_difference)},
                       {"failures", record.failures},
                       {"error", TextOrNull(record.error)}});
  }
  return shadows;
}

}  // namespace

void BindShadow(CLI::App& app, ShadowArguments& arguments) {
  app.add_option("epu", arguments.epu, "the EPU")->required();
  app.add_option("--from", arguments.from, "from then, included")->type_name("TIME|SEQ");
  app.add_option("--to", arguments.to, "to then, excluded")->type_name("TIME|SEQ");
}

Exit RunShadow(Context& context, const ShadowArguments& arguments) {
  const Options& options = context.GetOptions();
  const absl::StatusOr<View> view = LookAndFold(context, "");
  if (!view.ok()) return context.Fail(view.status());
  const absl::StatusOr<const Epu*> epu = RequireEpu(view->fold.state, arguments.epu);
  if (!epu.ok()) return context.Fail(epu.status());
  const absl::StatusOr<SequenceRange> range =
      ParseRange(*view, arguments.from, arguments.to, context.Now(), ZoneOf(options));
  if (!range.ok()) return context.Fail(range.status());
  Projection<ShadowRecords> fold;
  fold.state.epu = (*epu)->number;
  fold.position = range->first - 1;
  if (absl::Status status = CatchUp(*view->log, fold, range->last, &ConcernsShadows);
      !status.ok()) {
    return context.Fail(status);
  }
  if (arguments.to.empty()) GoOnTo(fold.state, view->position.time);
  if (options.json) {
    const Json answer = {{"sequence", view->position.sequence},
                         {"time", FormatTime(view->position.time)},
                         {"epu", (*epu)->definition.name},
                         {"shadows", ShadowJson(fold.state)}};
    context.Out() << ToLine(answer) << "\n";
    return Exit::kDone;
  }
  if (fold.state.shadows.empty()) {
    context.Print(fmt::format("{}: no shadow has decided{}\n", (*epu)->definition.name,
                              (*epu)->definition.shadows.empty() ? ", and none is declared" : ""));
    return Exit::kDone;
  }
  context.Print(MomentText(*view, ZoneOf(options)) +
                ShadowText(fold.state, **epu, context.GetTerminal()));
  return Exit::kDone;
}

}  // namespace epu
