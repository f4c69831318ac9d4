#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "commands/clock.h"
#include "commands/command.h"
#include "commands/decide.h"
#include "engines/catalog.h"
#include "projections/state.h"

// Tests of the write side, given / when / then, at times that the test sets. What is given goes
// through the production Decide, ToEvents and Evolve, so no state is met that could not come about.
//
//   given  Given given;
//          given.Pool("web", "npreserving", "preserve_n=2").Review("web").Runs("web", 1);
//          given.Later(10s).Says("web", 1, Health::kProcessError);
//   when   given.Review("web").last()
//   then   "repair 2>2 +1 -1: unhealthy 1; 1 to TERMINATING UNHEALTHY; request 3"

namespace epu {

// When a Given begins.
inline constexpr Time kGivenStart{std::chrono::sys_days{std::chrono::November / 22 / 2026} +
                                  std::chrono::hours(9)};

// Stands still but where a test moves it, and goes on by a microsecond whenever it is asked: no two
// batches have one time.
class StillClock final : public Clock {
 public:
  Time Now() override { return now += Duration(1); }
  Time now = kGivenStart;
};

// A definition as an operator writes it, "key=value key=value", for the site "here". Any engine but
// npreserving has a sensor "queue".
EpuDefinition DefinitionOf(const EngineCatalog& catalog, std::string_view name,
                           std::string_view engine, std::string_view settings);

// A server that has just started on an empty log, with a site "here" of 10,000 workers; so many may
// the run have.
class Given {
 public:
  explicit Given(EngineCatalog catalog = BuiltInEngines());

  // ---- Given: each must be accepted, and ends the process otherwise ----

  Given& Later(Duration passed);
  Given& Order(epu::Order order);  // By an operator, with a command id of its own.
  Given& Fact(Payload payload);    // An event without a command.
  Given& Pool(std::string_view name, std::string_view engine, std::string_view settings);
  Given& Review(std::string_view pool);
  Given& Reads(std::string_view pool, double queue, double in_progress = 0);
  // What a site and an agent report of a worker.
  Given& Runs(std::string_view pool, std::uint32_t worker);   // Its machine is listed, it is heard.
  Given& Fails(std::string_view pool, std::uint32_t worker);  // The site refused it.
  Given& Gone(std::string_view pool, std::uint32_t worker);   // It ended, and no machine is there.
  Given& Reports(std::string_view pool, std::uint32_t worker, WorkerState to);
  Given& Says(std::string_view pool, std::uint32_t worker, Health health);
  Given& Does(std::string_view pool, std::uint32_t worker, Activity activity);
  Given& Measures(std::string_view pool, std::uint32_t worker, std::string_view metric,
                  double value);

  // ---- When: what it would come to; nothing happens ----

  absl::StatusOr<std::vector<Payload>> Decided(const epu::Order& order) const;
  std::string Would(const epu::Order& order) const;  // As Lines, or the refusal.
  std::string WouldReview(std::string_view pool) const;

  // ---- Then ----

  // What the last Order, Review or report led to; empty for nothing.
  std::string last() const { return Lines(last_); }
  const std::vector<Payload>& last_payloads() const { return last_; }
  // A line for each of `payloads`, separated by "; ".
  std::string Lines(const std::vector<Payload>& payloads) const;

  const State& state() const { return state_; }
  const std::vector<Event>& events() const { return events_; }  // All of them, from the first.
  const Epu& pool(std::string_view name) const;
  WorkerId worker(std::string_view pool, std::uint32_t number) const;
  Time now() const { return now_; }
  const EngineCatalog& catalog() const { return catalog_; }

  // Decides and records `command`, or tells the refusal.
  absl::StatusOr<std::vector<Payload>> Send(const Command& command);

 private:
  void Record(Event event);

  EngineCatalog catalog_;
  State state_;
  std::vector<Event> events_;
  Time now_ = kGivenStart;
  std::uint64_t sent_ = 0;  // Commands of the operator.
  std::vector<Payload> last_;
};

}  // namespace epu
