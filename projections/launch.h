#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventlog/event.h"

// What is known of a launch: the services of the base system, their machines, and how far the
// launcher has come with them. A part of State; a run that no plan was read for has none.

namespace epu {

// A machine that was asked for and is not proven gone.
struct ServiceMachine {
  LaunchId launch;
  Time asked{};
  std::string machine;  // As the site calls it; empty while that is not known,
  std::string host;     // as is where it is reached.
  bool operator==(const ServiceMachine&) const = default;
};

// A step that was begun and not ended: by the launcher that runs, or by one that was killed, and
// then the next one makes it again.
struct StepUnderWay {
  ServiceStep step{};
  std::uint32_t attempt = 0;
  Sequence event = 0;  // The StepBegun,
  Time since{};        // and its time.
  bool operator==(const StepUnderWay&) const = default;
};

struct Service {
  ServiceNumber number{};
  ServiceDefinition definition;
  Sequence planned = 0;  // The event that put it into force.
  bool dropped = false;  // The plan lacks it by now.

  // Counts its machines from 1; on a host that is not its own, its boots. 0: it was never begun.
  std::uint32_t attempt = 0;
  Sequence begun = 0;                                // The step that began this attempt.
  std::map<std::uint32_t, ServiceMachine> machines;  // By attempt. The last is its current one.
  ServiceState state = ServiceState::kInitial;
  Time state_since{};
  bool reached = false;   // Its host takes programs.
  bool unloaded = false;  // Its terminate program was run on this attempt, whatever came of it.
  std::vector<Variable> attributes;  // What the boot program of this attempt said.
  std::optional<StepUnderWay> under_way;

  // The last that was found of it: verified, or failed in some step. 0: nothing yet.
  Sequence verified = 0;
  Time verified_at{};
  Sequence failed = 0;
  ServiceStep failed_step{};
  std::string error;           // Of that failure; empty again once it was verified.
  Sequence ended = 0;          // The last time that its end succeeded.
  std::uint32_t restarts = 0;  // In this walk.
  bool operator==(const Service&) const = default;
};

struct Walk {
  WalkKind kind{};
  Sequence begun = 0;
  Time since{};
  std::optional<WalkEnd> end;  // None while it goes on, or its launcher was killed.
  Time ended{};
  bool operator==(const Walk&) const = default;
};

struct Launch {
  std::string plan;   // Path of its top file; empty: there is no launch.
  Sequence read = 0;  // The last PlanRead.
  std::vector<Variable> globals;
  std::map<ServiceNumber, Service> services;  // Dropped ones as long as they have a machine.
  Walk walk;                                  // The last; begun is 0 before the first.
  Walk
      before_clean;  // What was the last before a clean, and is again when the clean is at its end.
  bool operator==(const Launch&) const = default;
};

// ---- How events change it ----

void Evolve(Launch& launch, const Event& event, const PlanRead& fact);
void Evolve(Launch& launch, const Event& event, const ServicePlanned& fact);
void Evolve(Launch& launch, const Event& event, const ServiceDropped& fact);
void Evolve(Launch& launch, const Event& event, const WalkBegun& fact);
void Evolve(Launch& launch, const Event& event, const WalkEnded& fact);
void Evolve(Launch& launch, const Event& event, const StepBegun& fact);
void Evolve(Launch& launch, const Event& event, const StepEnded& fact);

// ---- Looking things up: null where there is none ----

const Service* FindService(const Launch& launch, std::string_view name);  // Dropped ones are not.
const ServiceMachine* CurrentMachine(const Service& service);

// Whether it is given a machine of its own.
bool HasOwnMachine(const Service& service);

// Whether something of it may run: it was begun, and is not ended.
bool IsThere(const Service& service);

// Whether a failure is the last that became of it: it was neither verified nor ended since.
bool IsFailed(const Service& service);

// The service on whose own machine this one runs: itself, or the one that its hostname refers to
// ("${base.hostname}"). Null where it is on a host that is nobody's here.
const Service* HostOf(const Launch& launch, const Service& service);

// Whether the machine that it was booted on, another service's, was replaced since.
bool IsStranded(const Launch& launch, const Service& service);

// The value of an attribute, as references name it: hostname, instance_id, what the boot program
// said, then what the deps files say, then the fields of its definition ("image", "bootpgm", …).
const Variable* FindVariable(const std::vector<Variable>& variables, std::string_view name);
std::optional<Variable> FindAttribute(const Service& service, std::string_view name);

}  // namespace epu
