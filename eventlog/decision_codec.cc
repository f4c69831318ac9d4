#include "eventlog/decision_codec.h"

#include "eventlog/wire_values.h"

namespace epu {
namespace {

template <typename Initialise, typename Values, typename Write>
void WriteList(const Values& values, Initialise initialise, Write write) {
  if (values.empty()) return;
  auto list = initialise(static_cast<unsigned>(values.size()));
  for (unsigned i = 0; i < list.size(); ++i) write(list, i, values[i]);
}

// What a decision was made from and by: of one that was made and of a shadow's.
void WriteGrounds(const auto& decision, auto& builder) {
  WriteList(
      decision.inputs, [&](unsigned size) { return builder.initInputs(size); },
      [](auto& list, unsigned i, Sequence input) { list.set(i, input); });
  WriteList(
      decision.constraints, [&](unsigned size) { return builder.initConstraints(size); },
      [](auto& list, unsigned i, const Constraint& constraint) {
        list[i].setKind(static_cast<std::uint16_t>(constraint.kind));
        list[i].setValue(constraint.value);
        list[i].setLimit(constraint.limit);
        list[i].setHasUntil(constraint.until.has_value());
        if (constraint.until) list[i].setUntil(constraint.until->time_since_epoch().count());
      });
}

void ReadGrounds(const auto& reader, auto& decision) {
  for (const auto input : reader.getInputs()) decision.inputs.push_back(input);
  for (const auto constraint : reader.getConstraints()) {
    decision.constraints.push_back(
        {ReadCode(constraint.getKind(), ConstraintKind::kReporting, "constraint"),
         constraint.getValue(), constraint.getLimit(),
         ReadOptionalTime(constraint.getHasUntil(), constraint.getUntil())});
  }
}

}  // namespace

void EncodeDecision(const ShadowDecided& fact, wire::ShadowDecided::Builder builder) {
  builder.setShadow(ToText(fact.shadow));
  builder.setEngine(ToText(fact.engine));
  builder.setEngineVersion(fact.engine_version);
  builder.setBasis(fact.basis);
  builder.setSize(fact.size);
  builder.setWanted(fact.wanted);
  builder.setPolicy(fact.policy);
  SetText(fact.error, [&](auto text) { builder.setError(text); });
  WriteGrounds(fact, builder);
}

void EncodeDecision(const DecisionMade& decision, wire::DecisionMade::Builder builder) {
  builder.setCause(static_cast<std::uint16_t>(decision.cause));
  builder.setEngine(ToText(decision.engine));
  builder.setEngineVersion(decision.engine_version);
  builder.setSize(decision.size);
  builder.setWanted(decision.wanted);
  builder.setLaunches(decision.launches);
  builder.setPolicy(decision.policy);
  WriteList(
      decision.retirements, [&](unsigned size) { return builder.initRetirements(size); },
      [](auto& list, unsigned i, WorkerNumber worker) { list.set(i, ToInteger(worker)); });
  WriteGrounds(decision, builder);
}

ShadowDecided DecodeDecision(EpuNumber epu, wire::ShadowDecided::Reader reader) {
  ShadowDecided fact;
  fact.epu = epu;
  fact.shadow = ReadText(reader.getShadow());
  fact.engine = ReadText(reader.getEngine());
  fact.engine_version = reader.getEngineVersion();
  fact.basis = reader.getBasis();
  fact.size = reader.getSize();
  fact.wanted = reader.getWanted();
  fact.policy = reader.getPolicy();
  if (reader.hasError()) fact.error = ReadText(reader.getError());
  ReadGrounds(reader, fact);
  return fact;
}

DecisionMade DecodeDecision(EpuNumber epu, wire::DecisionMade::Reader reader) {
  DecisionMade decision;
  decision.epu = epu;
  decision.cause = ReadCode(reader.getCause(), DecisionCause::kScaling, "decision cause");
  decision.engine = ReadText(reader.getEngine());
  decision.engine_version = reader.getEngineVersion();
  decision.size = reader.getSize();
  decision.wanted = reader.getWanted();
  decision.launches = reader.getLaunches();
  decision.policy = reader.getPolicy();
  for (const auto worker : reader.getRetirements()) {
    decision.retirements.push_back(WorkerNumber{worker});
  }
  ReadGrounds(reader, decision);
  return decision;
}

}  // namespace epu
