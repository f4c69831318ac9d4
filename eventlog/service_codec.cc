#include "eventlog/service_codec.h"

#include "eventlog/definition_codec.h"
#include "eventlog/wire_values.h"

namespace epu {
namespace {

// As ReadCode, of an enumeration that counts from 1.
template <typename Code>
Code ReadCodeFromOne(std::uint16_t value, Code last, const char* what) {
  if (value == 0) ThrowUnknown(what, value);
  return ReadCode(value, last, what);
}

ServiceStep ReadStep(std::uint16_t value) {
  return ReadCodeFromOne(value, ServiceStep::kEnd, "step of a service");
}

void WriteProgram(const ServiceProgram& program, wire::ServiceProgram::Builder builder) {
  SetText(program.path, [&](auto text) { builder.setPath(text); });
  SetText(program.arguments, [&](auto text) { builder.setArguments(text); });
}

ServiceProgram ReadProgram(wire::ServiceProgram::Reader reader) {
  return {ReadText(reader.getPath()), ReadText(reader.getArguments())};
}

void WriteDefinition(const ServiceDefinition& service, wire::ServiceDefinition::Builder builder) {
  builder.setName(ToText(service.name));
  builder.setLevel(service.level);
  SetText(service.cloud, [&](auto text) { builder.setCloud(text); });
  SetText(service.driver, [&](auto text) { builder.setDriver(text); });
  SetText(service.hostname, [&](auto text) { builder.setHostname(text); });
  SetText(service.image, [&](auto text) { builder.setImage(text); });
  SetText(service.allocation, [&](auto text) { builder.setAllocation(text); });
  SetText(service.security_groups, [&](auto text) { builder.setSecurityGroups(text); });
  SetText(service.key_name, [&](auto text) { builder.setKeyName(text); });
  SetText(service.ssh_user, [&](auto text) { builder.setSshUser(text); });
  SetText(service.scp_user, [&](auto text) { builder.setScpUser(text); });
  SetText(service.ssh_key, [&](auto text) { builder.setSshKey(text); });
  builder.setLocal(service.local);
  SetText(service.boot_template, [&](auto text) { builder.setBootTemplate(text); });
  WriteProgram(service.boot, builder.initBoot());
  WriteProgram(service.ready, builder.initReady());
  WriteProgram(service.terminate, builder.initTerminate());
  builder.setProgramTimeout(service.program_timeout.count());
  EncodeVariables(service.attributes,
                  builder.initAttributes(static_cast<unsigned>(service.attributes.size())));
}

ServiceDefinition ReadDefinition(wire::ServiceDefinition::Reader reader) {
  ServiceDefinition service;
  service.name = ReadText(reader.getName());
  service.level = reader.getLevel();
  service.cloud = ReadText(reader.getCloud());
  service.driver = ReadText(reader.getDriver());
  service.hostname = ReadText(reader.getHostname());
  service.image = ReadText(reader.getImage());
  service.allocation = ReadText(reader.getAllocation());
  service.security_groups = ReadText(reader.getSecurityGroups());
  service.key_name = ReadText(reader.getKeyName());
  service.ssh_user = ReadText(reader.getSshUser());
  service.scp_user = ReadText(reader.getScpUser());
  service.ssh_key = ReadText(reader.getSshKey());
  service.local = reader.getLocal();
  service.boot_template = ReadText(reader.getBootTemplate());
  service.boot = ReadProgram(reader.getBoot());
  service.ready = ReadProgram(reader.getReady());
  service.terminate = ReadProgram(reader.getTerminate());
  service.program_timeout = Duration(reader.getProgramTimeout());
  service.attributes = DecodeVariables(reader.getAttributes());
  return service;
}

}  // namespace

void EncodeFact(const PlanRead& fact, wire::PlanRead::Builder builder) {
  builder.setPlan(ToText(fact.plan));
  EncodeVariables(fact.globals, builder.initGlobals(static_cast<unsigned>(fact.globals.size())));
}

void EncodeFact(const ServicePlanned& fact, wire::ServicePlanned::Builder builder) {
  builder.setService(ToInteger(fact.service));
  WriteDefinition(fact.definition, builder.initDefinition());
}

void EncodeFact(const StepBegun& fact, wire::StepBegun::Builder builder) {
  builder.setService(ToInteger(fact.service));
  builder.setAttempt(fact.attempt);
  builder.setStep(static_cast<std::uint16_t>(fact.step));
  builder.setEpoch(fact.launch.epoch);
  builder.setRequest(fact.launch.request);
}

void EncodeFact(const StepEnded& fact, wire::StepEnded::Builder builder) {
  builder.setService(ToInteger(fact.service));
  builder.setAttempt(fact.attempt);
  builder.setStep(static_cast<std::uint16_t>(fact.step));
  builder.setSucceeded(fact.succeeded);
  SetText(fact.error, [&](auto text) { builder.setError(text); });
  SetText(fact.machine, [&](auto text) { builder.setMachine(text); });
  SetText(fact.host, [&](auto text) { builder.setHost(text); });
  const auto attributes = static_cast<unsigned>(fact.attributes.size());
  if (attributes > 0) EncodeVariables(fact.attributes, builder.initAttributes(attributes));
}

void EncodeFact(const LineHarvested& fact, wire::LineHarvested::Builder builder) {
  builder.setSource(ToText(fact.source));
  builder.setName(ToText(fact.name));
  builder.setKey(ToText(fact.key));
  builder.setSaid(fact.said.time_since_epoch().count());
  SetText(fact.extra, [&](auto text) { builder.setExtra(text); });
  SetText(fact.origin, [&](auto text) { builder.setOrigin(text); });
}

PlanRead DecodeFact(wire::PlanRead::Reader reader) {
  return {ReadText(reader.getPlan()), DecodeVariables(reader.getGlobals())};
}

ServicePlanned DecodeFact(wire::ServicePlanned::Reader reader) {
  return {ServiceNumber{reader.getService()}, ReadDefinition(reader.getDefinition())};
}

StepBegun DecodeFact(wire::StepBegun::Reader reader) {
  return {ServiceNumber{reader.getService()},
          reader.getAttempt(),
          ReadStep(reader.getStep()),
          {reader.getEpoch(), reader.getRequest()}};
}

StepEnded DecodeFact(wire::StepEnded::Reader reader) {
  return {ServiceNumber{reader.getService()}, reader.getAttempt(),
          ReadStep(reader.getStep()),         reader.getSucceeded(),
          ReadText(reader.getError()),        ReadText(reader.getMachine()),
          ReadText(reader.getHost()),         DecodeVariables(reader.getAttributes())};
}

LineHarvested DecodeFact(wire::LineHarvested::Reader reader) {
  return {ReadText(reader.getSource()), ReadText(reader.getName()),
          ReadText(reader.getKey()),    Time(Duration(reader.getSaid())),
          ReadText(reader.getExtra()),  ReadText(reader.getOrigin())};
}

WalkKind ReadWalkKind(std::uint16_t value) {
  return ReadCodeFromOne(value, WalkKind::kClean, "walk");
}

WalkEnd ReadWalkEnd(std::uint16_t value) {
  return ReadCodeFromOne(value, WalkEnd::kInterrupted, "end of a walk");
}

}  // namespace epu
