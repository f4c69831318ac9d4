#include "cli/bench.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <ostream>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cli/bench_audit.h"
#include "cli/bench_commands.h"
#include "cli/bench_harvest.h"
#include "cli/bench_log.h"
#include "cli/bench_looks.h"
#include "cli/bench_rest.h"
#include "cli/bench_setting.h"
#include "cli/bench_table.h"

namespace epu {
namespace {

struct BenchArguments {
  bool quick = false;
  std::string only;
  std::string directory;
};

struct Measurement {
  std::string_view name;
  BenchRows (*measure)(const BenchSetting&);
};
constexpr std::array<Measurement, 10> kMeasurements = {{{"latency", &MeasureLatency},
                                                        {"throughput", &MeasureThroughput},
                                                        {"decision", &MeasureDecision},
                                                        {"fold", &MeasureFold},
                                                        {"history", &MeasureHistory},
                                                        {"status", &MeasureStatus},
                                                        {"idle", &MeasureIdle},
                                                        {"ready", &MeasureReady},
                                                        {"harvest", &MeasureHarvest},
                                                        {"audit", &MeasureAudit}}};

std::string MeasurementNames() {
  std::string names;
  for (const Measurement& one : kMeasurements) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", one.name);
  }
  return names;
}

void BindBench(CLI::App& app, BenchArguments& arguments) {
  app.add_flag("--quick", arguments.quick, "some seconds instead of a minute; noisier");
  app.add_option("--only", arguments.only, "one of: " + MeasurementNames())->type_name("NAME");
  app.add_option("--directory", arguments.directory,
                 "on the disk that is to be measured (EPU_HOME if it exists, else /tmp)")
      ->type_name("DIR");
}

// Where runs are kept is where the disk matters.
std::string DirectoryFor(const BenchArguments& arguments) {
  if (!arguments.directory.empty()) return arguments.directory;
  std::error_code error;
  const std::string home = HomeDirectory();
  return std::filesystem::is_directory(home, error) ? home : "/tmp";
}

// What is being done, on a line of its own, for who waits before a terminal.
class ProgressLine {
 public:
  explicit ProgressLine(Context& context)
      : context_(context), shows_(context.AsksQuestions() && !context.GetOptions().quiet) {}
  ~ProgressLine() { Show(""); }

  void Show(std::string_view text) {
    if (!shows_) return;
    context_.Err() << "\r\x1b[K" << text << (text.empty() ? "" : " …") << std::flush;
  }

 private:
  Context& context_;
  const bool shows_;
};

BenchRows MeasureAll(const BenchSetting& setting, std::string_view only) {
  std::vector<BenchRow> rows;
  for (const auto& [name, measure] : kMeasurements) {
    if (!only.empty() && name != only) continue;
    BenchRows measured = measure(setting);
    if (!measured.ok()) {
      return absl::Status(measured.status().code(),
                          fmt::format("{}: {}", name, std::string(measured.status().message())));
    }
    std::move(measured->begin(), measured->end(), std::back_inserter(rows));
  }
  return rows;
}

Exit RunBench(Context& context, const BenchArguments& arguments) {
  const bool known =
      std::any_of(kMeasurements.begin(), kMeasurements.end(),
                  [&](const Measurement& one) { return one.name == arguments.only; });
  if (!arguments.only.empty() && !known) {
    return context.Fail(Exit::kTyped, fmt::format("--only is \"{}\"; one of: {}", arguments.only,
                                                  MeasurementNames()));
  }
  const std::string audited = context.GetOptions().log.empty() ? "" : context.Paths().log;
  if (arguments.only == "audit" && audited.empty()) {
    return context.Fail(Exit::kTyped, "--only audit measures on a log that is given: --log DIR");
  }
  const StopSignals signals;
  const auto directory = BenchDirectory::Make(DirectoryFor(arguments));
  if (!directory.ok()) return context.Fail(directory.status());
  std::error_code error;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", error);
  ProgressLine line(context);
  const BenchSetting setting{(*directory)->path(),
                             std::filesystem::path(program).parent_path().string(), audited,
                             arguments.quick, [&](std::string_view text) { line.Show(text); }};
  const BenchRows rows = MeasureAll(setting, arguments.only);
  line.Show("");
  if (absl::IsCancelled(rows.status())) return Exit::kInterrupted;
  if (!rows.ok()) return context.Fail(rows.status());
  const std::string parent = std::filesystem::path(setting.directory).parent_path().string();
  if (context.GetOptions().json) {
    const Json answer = {
        {"directory", parent}, {"quick", arguments.quick}, {"measurements", RowsJson(*rows)}};
    context.Out() << ToLine(answer) << "\n";
  } else {
    context.Print(FormatRows(*rows, context.GetTerminal()) + fmt::format("in {}\n", parent));
  }
  return Exit::kDone;
}

}  // namespace

void AddBenchVerb(Verbs& verbs) {
  verbs.Add<BenchArguments>({"bench", VerbGroup::kTools,
                             "what this machine reaches, beside minimal loops over the same bytes",
                             "  epumgmt bench\n  epumgmt bench --quick --only latency\n"
                             "  epumgmt bench --directory /mnt/disk --json\n"
                             "  epumgmt bench --only audit --log /mnt/copy\n"},
                            &BindBench, &RunBench);
}

}  // namespace epu
