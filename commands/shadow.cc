#include "commands/shadow.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "commands/definition_rules.h"
#include "projections/pool.h"

namespace epu {
namespace {

const Shadow* FindShadow(const Epu& epu, const std::string& name) {
  const auto found = epu.shadows.find(name);
  return found == epu.shadows.end() ? nullptr : &found->second;
}

// Brings the pool to `size`, at once and without a machine.
void Resize(Epu& pool, std::uint32_t size) {
  std::size_t valid = CountValid(pool);
  for (const WorkerNumber victim : VictimOrder(pool)) {
    if (valid <= size) break;
    pool.workers.erase(victim);
    --valid;
  }
  for (; valid < size; ++valid) {
    Worker worker;
    worker.number = pool.next_worker;
    worker.state = WorkerState::kRunning;
    worker.health = Health::kOk;
    pool.next_worker = WorkerNumber{ToInteger(worker.number) + 1};
    pool.workers.emplace(worker.number, std::move(worker));
  }
}

// An engine is not to throw. A shadow is what is on trial, so that is told apart from the end of
// the program.
absl::StatusOr<Decision> Ask(const EngineEntry& engine, const Epu& pool, Time now) {
  try {
    return engine.engine->Decide(pool, now);
  } catch (const std::exception& fault) {
    return absl::InternalError(fmt::format("it threw: {}", fault.what()));
  } catch (...) {
    return absl::InternalError("it threw");
  }
}

std::optional<std::string> Obstacle(const EngineEntry* engine, const ShadowDefinition& shadow) {
  if (engine == nullptr) return fmt::format("this build has no engine \"{}\"", shadow.engine);
  for (const Key& key : engine->keys) {
    const bool has = std::any_of(shadow.settings.begin(), shadow.settings.end(),
                                 [&](const Setting& setting) { return setting.key == key.name; });
    if (!has) return fmt::format("it has no {}, which this build needs; configure it", key.name);
  }
  return std::nullopt;
}

void Cap(const Epu& pool, Decision& decision) {
  const auto most = static_cast<std::uint32_t>(IntegerOf(pool.definition, "max_instances"));
  if (decision.wanted <= most) return;
  decision.constraints.push_back({ConstraintKind::kMaxInstances,
                                  static_cast<double>(decision.wanted), static_cast<double>(most),
                                  std::nullopt});
  decision.wanted = most;
}

}  // namespace

Epu ImaginePool(const Epu& epu, const ShadowDefinition& shadow) {
  Epu pool = epu;
  pool.definition = UnderShadow(std::move(pool.definition), shadow);
  const Shadow* const known = FindShadow(epu, shadow.name);
  if (known == nullptr || !known->wanted) {  // It has changed nothing yet.
    pool.scaling = 0;
    pool.scaled = Time{};
    return pool;
  }
  if (epu.wanted != known->wanted) Resize(pool, *known->wanted);
  pool.wanted = known->wanted;
  pool.decision = pool.scaling = known->basis;
  pool.decided = pool.scaled = known->decided;
  return pool;
}

std::optional<ShadowDecided> DecideShadow(const State& state, const Epu& epu,
                                          const ShadowDefinition& shadow, Time now,
                                          const EngineCatalog& catalog) {
  if (epu.removed || epu.removing) return std::nullopt;
  const Shadow* const known = FindShadow(epu, shadow.name);
  const EngineEntry* const engine = FindEngine(catalog, shadow.engine);
  ShadowDecided fact;
  fact.epu = epu.number;
  fact.shadow = shadow.name;
  fact.engine = shadow.engine;
  fact.basis = state.head;
  fact.policy = epu.policy;
  const Epu pool = ImaginePool(epu, shadow);
  fact.size = fact.wanted = pool.wanted.value_or(0);
  const auto fails = [&](std::string error) -> std::optional<ShadowDecided> {
    fact.error = CutText(error.empty() ? "it failed" : error);
    if (known != nullptr && known->error == fact.error) return std::nullopt;
    return std::move(fact);
  };
  if (std::optional<std::string> obstacle = Obstacle(engine, shadow)) {
    return fails(*std::move(obstacle));
  }
  fact.engine_version = engine->version;
  absl::StatusOr<Decision> decision = Ask(*engine, pool, now);
  if (!decision.ok()) return fails(std::string(decision.status().message()));
  Cap(pool, *decision);
  const bool is_first = known == nullptr || !known->wanted;
  const bool recovers = known != nullptr && !known->error.empty();
  if (!is_first && !recovers && decision->wanted == fact.size) return std::nullopt;
  fact.wanted = decision->wanted;
  fact.constraints = std::move(decision->constraints);
  fact.inputs = std::move(decision->inputs);
  return fact;
}

}  // namespace epu
