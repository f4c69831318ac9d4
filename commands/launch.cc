#include "commands/launch.h"

#include <algorithm>
#include <functional>
#include <map>

#include "eventlog/check.h"

namespace epu {
namespace {

using Steps = std::optional<NextStep>;

NextStep StepOf(const Service& service, ServiceStep step) {
  return {service.number, service.attempt, step};
}

// ---- One service. None: there is nothing more to do with it in this walk. ----

// A new attempt begins with its machine or, on another's host, with reaching it. A machine that was
// asked for in vain may be there all the same: it is ended, and another one asked for.
Steps Boot(const Launch& launch, const Service& service) {
  const bool own = HasOwnMachine(service);
  const ServiceStep first = own ? ServiceStep::kMachine : ServiceStep::kReach;
  if (!IsThere(service) || IsStranded(launch, service)) {
    return NextStep{service.number, service.attempt + 1, first};
  }
  if (own && service.state == ServiceState::kInitial) return StepOf(service, ServiceStep::kEnd);
  if (!service.reached) return StepOf(service, ServiceStep::kReach);
  if (service.state != ServiceState::kContextualized) return StepOf(service, ServiceStep::kBoot);
  if (service.verified == 0) return StepOf(service, ServiceStep::kReady);
  return std::nullopt;
}

// Before anything of a service is ended, its terminate program has its say, once an attempt. A
// machine of an earlier attempt that was left is ended first.
Steps End(const Launch& launch, const Service& service) {
  for (const auto& [attempt, machine] : service.machines) {
    if (attempt != service.attempt || service.dropped) {
      return NextStep{service.number, attempt, ServiceStep::kEnd};
    }
  }
  if (!IsThere(service)) return std::nullopt;
  const bool has_program = !service.definition.terminate.path.empty();
  const bool booted =
      service.state == ServiceState::kContextualized && !IsStranded(launch, service);
  if (has_program && booted && !service.unloaded) {
    return StepOf(service, ServiceStep::kTerminate);
  }
  return StepOf(service, ServiceStep::kEnd);
}

// Machines that are no service's current one, and one that its service never came to use.
Steps Clean(const Service& service) {
  for (const auto& [attempt, machine] : service.machines) {
    const bool current = attempt == service.attempt && !service.dropped;
    if (!current || service.state < ServiceState::kContextualized) {
      return NextStep{service.number, attempt, ServiceStep::kEnd};
    }
  }
  return std::nullopt;
}

bool FailedToEnd(const Launch& launch, const Service& service) {
  return HasFailed(launch, service) && service.failed_step == ServiceStep::kEnd;
}

Steps Repair(const Launch& launch, const Service& service) {
  if (HasFailed(launch, service)) {
    if (service.restarts >= kRestartsMax || FailedToEnd(launch, service)) return std::nullopt;
    const bool ends = IsThere(service) && !IsStranded(launch, service);
    return ends ? End(launch, service) : Boot(launch, service);
  }
  const bool booted = IsThere(service) && service.state == ServiceState::kContextualized;
  if (!booted || IsStranded(launch, service)) return Boot(launch, service);
  if (service.verified < launch.walk.begun) return StepOf(service, ServiceStep::kReady);
  return std::nullopt;
}

Steps Verify(const Launch& launch, const Service& service) {
  const bool seen = service.verified > launch.walk.begun || HasFailed(launch, service);
  if (seen) return std::nullopt;
  return StepOf(service, ServiceStep::kReady);
}

// ---- All services ----

using Next = std::function<Steps(const Service&)>;
enum class Order { kUp, kDown };
enum class Faults { kStop, kGoOn };  // At the end of a level that has failed.

struct Level {
  std::vector<NextStep> steps;
  bool busy = false;
  bool failed = false;
};

Level LookAtLevel(const Launch& launch, const std::vector<const Service*>& services,
                  const Next& next) {
  Level level;
  for (const Service* service : services) {
    const Steps step = service->under_way ? std::nullopt : next(*service);
    if (step) level.steps.push_back(*step);
    if (step || service->under_way) {
      level.busy = true;
    } else {
      level.failed |= HasFailed(launch, *service);
    }
  }
  return level;
}

// What the faults that hold up nothing are counted by: what is left of a service, not what went
// wrong on the way.
WalkAhead Look(const Launch& launch, Order order, Faults faults, const Next& next) {
  std::map<std::uint32_t, std::vector<const Service*>> levels;
  for (const auto& [number, service] : launch.services) {
    const std::uint32_t level = service.definition.level;
    levels[order == Order::kUp ? level : ~level].push_back(&service);
  }
  WalkAhead ahead;
  bool failed = false;
  for (const auto& [key, services] : levels) {
    Level level = LookAtLevel(launch, services, next);
    if (level.busy) {
      ahead.level = order == Order::kUp ? key : ~key;
      ahead.steps = std::move(level.steps);
      return ahead;
    }
    failed |= level.failed;
    if (failed && faults == Faults::kStop) break;
  }
  ahead.end = failed ? WalkEnd::kFailed : WalkEnd::kDone;
  return ahead;
}

// Of a plan as it is: dropped services are nobody's to boot.
Next Planned(Next next) {
  return [next = std::move(next)](const Service& service) {
    return service.dropped ? std::nullopt : next(service);
  };
}

Next UnlessFailed(const Launch& launch, Next next) {
  return [&launch, next = std::move(next)](const Service& service) {
    return HasFailed(launch, service) ? std::nullopt : next(service);
  };
}

Next EndUnlessFailed(const Launch& launch, Next next) {
  return [&launch, next = std::move(next)](const Service& service) {
    return FailedToEnd(launch, service) ? std::nullopt : next(service);
  };
}

// A terminate program that failed is no fault of an end that succeeded.
WalkAhead LookAtEnds(const Launch& launch, const Next& next) {
  WalkAhead ahead = Look(launch, Order::kDown, Faults::kGoOn, EndUnlessFailed(launch, next));
  if (!ahead.end) return ahead;
  const bool left = std::any_of(launch.services.begin(), launch.services.end(),
                                [&](auto& entry) { return FailedToEnd(launch, entry.second); });
  ahead.end = left ? WalkEnd::kFailed : WalkEnd::kDone;
  return ahead;
}

// First everything that was there when the walk began is ended; then all is booted.
WalkAhead LookAtReboot(const Launch& launch) {
  const Sequence begun = launch.walk.begun;
  WalkAhead ahead = LookAtEnds(launch, [&](const Service& service) -> Steps {
    const bool was_there = service.begun < begun && service.ended < begun;
    return was_there ? End(launch, service) : std::nullopt;
  });
  if (!ahead.end || *ahead.end == WalkEnd::kFailed) return ahead;
  const auto boot = [&](const Service& service) -> Steps {
    const bool failed = HasFailed(launch, service) && service.failed_step < ServiceStep::kTerminate;
    return failed ? std::nullopt : Boot(launch, service);
  };
  return Look(launch, Order::kUp, Faults::kStop, Planned(boot));
}

bool GivesUp(WalkKind kind) { return kind == WalkKind::kTerminate || kind == WalkKind::kReboot; }

bool IsOfAnEnd(ServiceStep step) { return step >= ServiceStep::kTerminate; }

}  // namespace

bool HasFailed(const Launch& launch, const Service& service) {
  return service.failed > launch.walk.begun && service.failed > service.verified;
}

WalkAhead LookAhead(const Launch& launch) {
  CHECK(launch.walk.begun != 0 && !launch.walk.end);
  const auto with = [&](auto next) {
    return [&launch, next](const Service& service) { return next(launch, service); };
  };
  switch (launch.walk.kind) {
    case WalkKind::kBoot:
      return Look(launch, Order::kUp, Faults::kStop, Planned(UnlessFailed(launch, with(&Boot))));
    case WalkKind::kVerify:
      return Look(launch, Order::kUp, Faults::kGoOn, Planned(with(&Verify)));
    case WalkKind::kRepair:
      return Look(launch, Order::kUp, Faults::kStop, Planned(with(&Repair)));
    case WalkKind::kReboot:
      return LookAtReboot(launch);
    case WalkKind::kTerminate:
      return LookAtEnds(launch, with(&End));
    case WalkKind::kClean:
      return LookAtEnds(launch, &Clean);
  }
  CHECK(!"a walk");
}

LeftSteps LookBack(const Launch& launch, WalkKind kind) {
  const Walk& before = launch.walk;
  const bool goes_on = before.begun != 0 && !before.end && before.kind == kind;
  const bool gives_up = GivesUp(kind) && !goes_on;
  LeftSteps left;
  left.first = before.kind != kind;
  for (const auto& [number, service] : launch.services) {
    if (!service.under_way) continue;
    const bool vain = gives_up && !IsOfAnEnd(service.under_way->step);
    (vain ? left.given_up : left.again)
        .push_back({number, service.under_way->attempt, service.under_way->step});
  }
  return left;
}

}  // namespace epu
