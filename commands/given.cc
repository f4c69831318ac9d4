#include "commands/given.h"

#include <sstream>
#include <utility>

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include "eventlog/check.h"
#include "eventlog/overloaded.h"
#include "projections/evolve.h"

namespace epu {
namespace {

constexpr std::uint64_t kOperator = 0x0b5e;  // The client of all that is given.
const Author kAuthor{1000, "olga"};

const Key* FindKey(std::span<const Key> keys, std::string_view name) {
  for (const Key& key : keys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

std::string Line(const Constraint& constraint) {
  std::string line = fmt::format("{} {:g}", ConstraintName(constraint.kind), constraint.value);
  if (constraint.limit != 0) line += fmt::format("/{:g}", constraint.limit);
  if (constraint.until) line += " until +" + FormatDuration(*constraint.until - kGivenStart);
  return line;
}

std::string Line(const DecisionMade& fact) {
  std::vector<std::string> reasons;
  for (const Constraint& constraint : fact.constraints) reasons.push_back(Line(constraint));
  return fmt::format("{} {}>{} +{} -{}: {}", CauseName(fact.cause), fact.size, fact.wanted,
                     fact.launches, fact.retirements.size(), absl::StrJoin(reasons, ", "));
}

std::string Line(const WorkerChanged& fact) {
  std::string line =
      fmt::format("{} to {}", ToInteger(fact.worker), StateName(fact.to).substr(sizeof("700")));
  if (fact.reason != Reason::kNone) line += fmt::format(" {}", ReasonName(fact.reason));
  return line;
}

std::string Line(const Payload& payload) {
  return std::visit(
      Overloaded{
          [](const DecisionMade& fact) { return Line(fact); },
          [](const WorkerChanged& fact) { return Line(fact); },
          [](const WorkerRequested& fact) {
            return fmt::format("request {}{}{}", ToInteger(fact.worker),
                               fact.unique_key.empty() ? "" : " as ", fact.unique_key);
          },
          [](const EngineErrorChanged& fact) {
            return fact.error.empty() ? "engine decides" : "engine error: " + fact.error;
          },
          [](const DevModeFailed& fact) {
            return fmt::format("devmode failed {}", ToInteger(fact.worker));
          },
          [](const MachineChanged& fact) {
            return fmt::format("machine of {} {}", ToInteger(fact.worker), PresenceName(fact.to));
          },
          [](const HealthChanged& fact) {
            return fmt::format("{} is {}", ToInteger(fact.worker), HealthName(fact.to));
          },
          [](const ScalingPaused& fact) {
            std::string line =
                fmt::format("pause{}{}", fact.out ? " out" : "", fact.in ? " in" : "");
            if (fact.until) line += " until +" + FormatDuration(*fact.until - kGivenStart);
            return line;
          },
          [](const ScalingResumed& fact) {
            return fmt::format("resume{}{}", fact.out ? " out" : "", fact.in ? " in" : "");
          },
          [](const WorkReported& fact) {
            return fmt::format("{} says {}{}{}", ToInteger(fact.worker),
                               ActivityName(fact.report.activity),
                               fact.report.doing.empty() ? "" : " ", fact.report.doing);
          },
          [](const DrainBegun& fact) {
            return fmt::format("drain {} {} until +{}", ToInteger(fact.worker),
                               ReasonName(fact.reason), FormatDuration(fact.until - kGivenStart));
          },
          [](const ShadowDecided& fact) {
            return fmt::format("shadow {} {}>{}", fact.shadow, fact.size, fact.wanted);
          },
          [](const StrangerChanged& fact) {
            return fmt::format("stranger {:x}-{} {}", fact.launch.epoch, fact.launch.request,
                               FateName(fact.to));
          },
          [&](const auto&) { return std::string(KindName(payload)); },
      },
      payload);
}

}  // namespace

EpuDefinition DefinitionOf(const EngineCatalog& catalog, std::string_view name,
                           std::string_view engine, std::string_view settings) {
  EpuDefinition definition;
  definition.name = name;
  definition.engine = engine;
  const EngineEntry* entry = FindEngine(catalog, engine);
  CHECK(entry != nullptr);
  std::istringstream parts{std::string(settings)};
  for (std::string part; parts >> part;) {
    const std::size_t equals = part.find('=');
    const Key* key = FindKey(entry->keys, std::string_view(part).substr(0, equals));
    CHECK(key != nullptr);
    const absl::StatusOr<Value> value = ParseValue(*key, std::string_view(part).substr(equals + 1));
    CHECK(value.ok());
    definition.settings.push_back({std::string(key->name), *value});
  }
  definition.worker.site_name = "here";
  definition.worker.command = {"/bin/work"};
  definition.worker.stop_grace = std::chrono::seconds(10);
  definition.worker.drain_timeout = std::chrono::seconds(60);
  definition.health = {true, std::chrono::seconds(300), std::chrono::seconds(120),
                       std::chrono::seconds(120)};
  if (engine != "npreserving") definition.sensors.push_back({{}, "queue", PutSource{}, {}});
  return definition;
}

Given::Given(EngineCatalog catalog) : catalog_(std::move(catalog)) {
  CHECK(Send({{}, {}, "", StartServer{{"k3f9", 0x5d1e, "host", 77, "/srv/log"}}}).ok());
  Order(Apply{10'000, {{"here", "process", 10'000, ""}}, {}});
}

Given& Given::Later(Duration passed) {
  now_ += passed;
  return *this;
}

absl::StatusOr<std::vector<Payload>> Given::Send(const Command& command) {
  absl::StatusOr<std::vector<Payload>> payloads = Decide(state_, command, now_, catalog_);
  if (!payloads.ok()) return payloads;
  for (Event& event : ToEvents(state_, command, *payloads, now_)) Record(std::move(event));
  last_ = *payloads;
  return payloads;
}

void Given::Record(Event event) {
  Evolve(state_, event);
  events_.push_back(std::move(event));
}

Given& Given::Order(epu::Order order) {
  const absl::StatusOr<std::vector<Payload>> sent =
      Send({{kOperator, ++sent_}, kAuthor, "", std::move(order)});
  if (!sent.ok()) fmt::print(stderr, "given, and refused: {}\n", sent.status().ToString());
  CHECK(sent.ok());
  return *this;
}

Given& Given::Fact(Payload payload) {
  Record({state_.head + 1, now_, kServer, {}, {}, "", std::move(payload)});
  return *this;
}

Given& Given::Pool(std::string_view name, std::string_view engine, std::string_view settings) {
  return Order(Apply{{}, {}, {DefinitionOf(catalog_, name, engine, settings)}});
}

Given& Given::Review(std::string_view pool) {
  CHECK(Send({{}, {}, "", epu::Review{this->pool(pool).number}}).ok());
  return *this;
}

Given& Given::Reads(std::string_view pool, double queue, double in_progress) {
  return Order(PutReading{std::string(pool), "queue", queue, in_progress, {}, ""});
}

Given& Given::Reports(std::string_view pool, std::uint32_t worker, WorkerState to) {
  CHECK(Send({{}, {}, "", ReportWorker{this->worker(pool, worker), to, {}, "", ""}}).ok());
  return *this;
}

Given& Given::Runs(std::string_view pool, std::uint32_t worker) {
  Reports(pool, worker, WorkerState::kPending).Reports(pool, worker, WorkerState::kStarted);
  CHECK(
      Send({{}, {}, "", ReportMachine{this->worker(pool, worker), Presence::kListed, "pid"}}).ok());
  Reports(pool, worker, WorkerState::kRunning);
  return Says(pool, worker, Health::kOk);
}

Given& Given::Fails(std::string_view pool, std::uint32_t worker) {
  Reports(pool, worker, WorkerState::kPending);
  CHECK(Send({{}, {}, "", ReportMachine{this->worker(pool, worker), Presence::kGone, ""}}).ok());
  return Reports(pool, worker, WorkerState::kFailed);
}

Given& Given::Gone(std::string_view pool, std::uint32_t worker) {
  const WorkerId id = this->worker(pool, worker);
  Reports(pool, worker, WorkerState::kTerminated);
  CHECK(Send({{}, {}, "", ReportMachine{id, Presence::kGone, ""}}).ok());
  return *this;
}

Given& Given::Says(std::string_view pool, std::uint32_t worker, Health health) {
  CHECK(Send({{}, {}, "", ReportHealth{this->worker(pool, worker), health, {}, ""}}).ok());
  return *this;
}

absl::StatusOr<std::vector<Payload>> Given::Decided(const epu::Order& order) const {
  return Decide(state_, {{kOperator, sent_ + 1}, kAuthor, "", order}, now_, catalog_);
}

std::string Given::Would(const epu::Order& order) const {
  const absl::StatusOr<std::vector<Payload>> decided = Decided(order);
  return decided.ok() ? Lines(*decided) : std::string(decided.status().message());
}

std::string Given::WouldReview(std::string_view pool) const {
  return Would(epu::Review{this->pool(pool).number});
}

std::string Given::Lines(const std::vector<Payload>& payloads) const {
  std::vector<std::string> lines;
  for (const Payload& payload : payloads) lines.push_back(Line(payload));
  return absl::StrJoin(lines, "; ");
}

Given& Given::Does(std::string_view pool, std::uint32_t worker, Activity activity) {
  return Order(ReportWork{this->worker(pool, worker), {activity, "", {}, "", {}}});
}

Given& Given::Measures(std::string_view pool, std::uint32_t worker, std::string_view metric,
                       double value) {
  WorkReport report;
  report.metrics.push_back({std::string(metric), value});
  return Order(ReportWork{this->worker(pool, worker), std::move(report)});
}

const Epu& Given::pool(std::string_view name) const {
  const Epu* epu = FindEpu(state_, name);
  CHECK(epu != nullptr);
  return *epu;
}

WorkerId Given::worker(std::string_view pool, std::uint32_t number) const {
  return {this->pool(pool).number, WorkerNumber{number}};
}

}  // namespace epu
