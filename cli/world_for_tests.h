#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "cli/apply_plan.h"
#include "cli/config_file.h"
#include "commands/decide.h"
#include "commands/review.h"
#include "engines/catalog.h"
#include "eventlog/codec.h"
#include "eventlog/memory_log.h"

namespace epu {

// A run without a server: what is ordered is decided, reviewed and recorded at once, as the writer
// does it, and machines come and go as the test says.
class World {
 public:
  World() {
    state().log_id = "k3f9";
    Do(StartServer{{"k3f9", 0x5d1e, "host", 1, "/log"}});
  }

  const EventLog& log() const { return log_; }
  const ConfigView& view() const { return view_; }
  Time now() const { return now_; }
  const EngineCatalog& catalog() const { return catalog_; }
  void Pass(Duration duration) { now_ += duration; }

  // Decides and records, as `ops`. Refusals fail the test.
  void Do(Order order, std::string note = "") {
    const Command command{{7, ++commands_}, Author{1000, "ops"}, std::move(note), std::move(order)};
    const auto payloads = Decide(view_.state, command, now_, catalog_);
    ASSERT_TRUE(payloads.ok()) << payloads.status();
    Record(command, *payloads);
    Review();
  }

  // The same, where it is not refused.
  bool Try(const Order& order) {
    const Command command{{7, commands_ + 1}, Author{1000, "ops"}, "", order};
    if (!Decide(view_.state, command, now_, catalog_).ok()) return false;
    Do(order);
    return true;
  }

  void Apply(std::string_view text) {
    const ParsedConfig config = ParseConfig(text, catalog_, {"local"});
    ASSERT_TRUE(config.faults.empty()) << FormatFault("file", config.faults[0]);
    Do(config.apply);
  }

  // Every requested worker runs and is well.
  void RunAll() {
    for (const auto& [number, epu] : std::map(view_.state.epus)) {
      for (const auto& [worker, facts] : epu.workers) {
        if (facts.state >= WorkerState::kRunning) continue;
        DoAsServer(ReportWorker{{number, worker}, WorkerState::kPending, {}, "", ""});
        DoAsServer(ReportMachine{{number, worker}, Presence::kOpened, ""});
        DoAsServer(ReportWorker{{number, worker}, WorkerState::kStarted, {}, "", "pid 7"});
        DoAsServer(ReportMachine{{number, worker}, Presence::kListed, "pid 7"});
        DoAsServer(ReportWorker{{number, worker}, WorkerState::kRunning, {}, "", ""});
        DoAsServer(ReportHealth{{number, worker}, Health::kOk, {}, ""});
      }
    }
  }

  // The first worker of every pool is refused by its site.
  void FailAll() {
    for (const auto& [number, epu] : std::map(view_.state.epus)) {
      if (!epu.workers.empty() && !epu.removing) FailFirst(epu.definition.name);
    }
  }

  // The first worker of a pool is refused by its site.
  void FailFirst(std::string_view pool) {
    const Epu* epu = FindEpu(view_.state, pool);
    ASSERT_TRUE(epu != nullptr && !epu->workers.empty());
    const WorkerId worker{epu->number, epu->workers.begin()->first};
    DoAsServer(ReportWorker{worker, WorkerState::kPending, {}, "", ""});
    DoAsServer(ReportMachine{worker, Presence::kGone, ""});
    DoAsServer(ReportWorker{worker, WorkerState::kFailed, Reason::kIaasProblem, "no", ""});
    Review();
  }

  // Every worker being ended is gone.
  void EndAll() {
    for (const auto& [number, epu] : std::map(view_.state.epus)) {
      for (const auto& [worker, facts] : epu.workers) {
        if (facts.state != WorkerState::kTerminating) continue;
        DoAsServer(ReportWorker{{number, worker}, WorkerState::kTerminated, {}, "", ""});
        DoAsServer(ReportMachine{{number, worker}, Presence::kUnlisted, ""});
        DoAsServer(ReportMachine{{number, worker}, Presence::kGone, ""});
      }
    }
    Review();
  }

  void Review() {
    for (const auto& [number, epu] : std::map(view_.state.epus)) {
      DoAsServer(epu::Review{number});
    }
  }

 private:
  State& state() { return view_.state; }

  void DoAsServer(Order order) {
    const Command command{{}, std::nullopt, "", std::move(order)};
    const auto payloads = Decide(view_.state, command, now_, catalog_);
    ASSERT_TRUE(payloads.ok()) << payloads.status();
    Record(command, *payloads);
  }

  void Record(const Command& command, const std::vector<Payload>& payloads) {
    for (const Event& event : ToEvents(view_.state, command, payloads, now_)) {
      const epu::Record record = Encode(event);
      ASSERT_TRUE(log_.Append(event.sequence - 1, std::span(&record, 1), Reserve::kKeep).ok());
      Evolve(view_, event);
    }
  }

  const EngineCatalog catalog_ = BuiltInEngines();
  MemoryLog log_;
  ConfigView view_;
  Time now_ = Time(std::chrono::hours(480'000));
  std::uint64_t commands_ = 0;
};

}  // namespace epu
