#include "eventlog/definition_codec.h"

#include <string>
#include <variant>

#include "eventlog/overloaded.h"
#include "eventlog/wire_values.h"

namespace epu {
namespace {

// ---- Writing ----

void WriteValue(const Value& value, wire::Setting::Builder builder) {
  std::visit(Overloaded{
                 [&](std::int64_t integer) { builder.setInteger(integer); },
                 [&](double number) { builder.setNumber(number); },
                 [&](bool flag) { builder.setFlag(flag); },
                 [&](const std::string& text) { builder.setText(ToText(text)); },
                 [&](Duration duration) { builder.setDuration(duration.count()); },
                 [&](const std::vector<UniqueInstance>& uniques) {
                   auto list = builder.initUniques(static_cast<unsigned>(uniques.size()));
                   for (unsigned i = 0; i < list.size(); ++i) {
                     list[i].setKey(ToText(uniques[i].key));
                     const auto& variables = uniques[i].variables;
                     EncodeVariables(
                         variables, list[i].initVariables(static_cast<unsigned>(variables.size())));
                   }
                 },
                 [&](const TimeZone& zone) {
                   auto part = builder.initZone();
                   part.setName(ToText(zone.name));
                   part.setRule(ToText(zone.rule));
                 },
                 [&](const Schedule& schedule) {
                   auto list = builder.initSchedule(static_cast<unsigned>(schedule.size()));
                   for (unsigned i = 0; i < list.size(); ++i) {
                     list[i].setDays(schedule[i].days);
                     list[i].setMinute(schedule[i].minute);
                     list[i].setCount(schedule[i].count);
                   }
                 },
             },
             value);
}

void WriteSensor(const SensorDefinition& sensor, wire::SensorDefinition::Builder builder) {
  builder.setNumber(ToInteger(sensor.number));
  builder.setName(ToText(sensor.name));
  builder.setEvery(sensor.every.count());
  std::visit(Overloaded{
                 [&](const PutSource&) { builder.setPut(); },
                 [&](const SpoolSource& spool) { builder.setSpool(ToText(spool.directory)); },
                 [&](const ExecSource& exec) {
                   auto group = builder.initExec();
                   group.setTimeout(exec.timeout.count());
                   WriteTexts(exec.command,
                              group.initCommand(static_cast<unsigned>(exec.command.size())));
                 },
             },
             sensor.source);
}

// ---- Reading ----

Value ReadValue(wire::Setting::Reader reader) {
  switch (reader.which()) {
    case wire::Setting::INTEGER:
      return reader.getInteger();
    case wire::Setting::NUMBER:
      return reader.getNumber();
    case wire::Setting::FLAG:
      return reader.getFlag();
    case wire::Setting::TEXT:
      return ReadText(reader.getText());
    case wire::Setting::DURATION:
      return Duration(reader.getDuration());
    case wire::Setting::UNIQUES: {
      std::vector<UniqueInstance> uniques;
      for (const auto unique : reader.getUniques()) {
        uniques.push_back({ReadText(unique.getKey()), DecodeVariables(unique.getVariables())});
      }
      return uniques;
    }
    case wire::Setting::ZONE:
      return TimeZone{ReadText(reader.getZone().getName()), ReadText(reader.getZone().getRule())};
    case wire::Setting::SCHEDULE: {
      Schedule schedule;
      for (const auto entry : reader.getSchedule()) {
        schedule.push_back({entry.getDays(), entry.getMinute(), entry.getCount()});
      }
      return schedule;
    }
  }
  ThrowUnknown("setting", static_cast<unsigned>(reader.which()));
}

SensorDefinition ReadSensor(wire::SensorDefinition::Reader reader) {
  SensorDefinition sensor;
  sensor.number = SensorNumber{reader.getNumber()};
  sensor.name = ReadText(reader.getName());
  sensor.every = Duration(reader.getEvery());
  switch (reader.which()) {
    case wire::SensorDefinition::PUT:
      return sensor;
    case wire::SensorDefinition::SPOOL:
      sensor.source = SpoolSource{ReadText(reader.getSpool())};
      return sensor;
    case wire::SensorDefinition::EXEC:
      sensor.source = ExecSource{ReadTexts(reader.getExec().getCommand()),
                                 Duration(reader.getExec().getTimeout())};
      return sensor;
  }
  ThrowUnknown("sensor source", static_cast<unsigned>(reader.which()));
}

}  // namespace

void EncodeDefinition(const EpuDefinition& definition, wire::EpuDefinition::Builder builder) {
  builder.setName(ToText(definition.name));
  builder.setEngine(ToText(definition.engine));
  EncodeSettings(definition.settings,
                 builder.initSettings(static_cast<unsigned>(definition.settings.size())));
  const WorkerDefinition& worker = definition.worker;
  builder.setSite(ToInteger(worker.site));
  builder.setSiteName(ToText(worker.site_name));
  WriteTexts(worker.command, builder.initCommand(static_cast<unsigned>(worker.command.size())));
  EncodeVariables(worker.environment,
                  builder.initEnvironment(static_cast<unsigned>(worker.environment.size())));
  builder.setStopGrace(worker.stop_grace.count());
  builder.setDrainTimeout(worker.drain_timeout.count());
  builder.setMonitor(definition.health.monitor);
  builder.setBootTimeout(definition.health.boot_timeout.count());
  builder.setMissingTimeout(definition.health.missing_timeout.count());
  builder.setZombieTimeout(definition.health.zombie_timeout.count());
  auto sensors = builder.initSensors(static_cast<unsigned>(definition.sensors.size()));
  for (unsigned i = 0; i < sensors.size(); ++i) WriteSensor(definition.sensors[i], sensors[i]);
  if (definition.shadows.empty()) return;
  auto shadows = builder.initShadows(static_cast<unsigned>(definition.shadows.size()));
  for (unsigned i = 0; i < shadows.size(); ++i) {
    const ShadowDefinition& shadow = definition.shadows[i];
    shadows[i].setName(ToText(shadow.name));
    shadows[i].setEngine(ToText(shadow.engine));
    EncodeSettings(shadow.settings,
                   shadows[i].initSettings(static_cast<unsigned>(shadow.settings.size())));
  }
}

void EncodeDefinition(const SiteDefinition& definition, wire::SiteDefinition::Builder builder) {
  builder.setName(ToText(definition.name));
  builder.setDriver(ToText(definition.driver));
  builder.setMaxWorkers(definition.max_workers);
  SetText(definition.credentials, [&](auto text) { builder.setCredentials(text); });
}

void EncodeSettings(const std::vector<Setting>& settings,
                    capnp::List<wire::Setting>::Builder builder) {
  for (unsigned i = 0; i < builder.size(); ++i) {
    builder[i].setKey(ToText(settings[i].key));
    WriteValue(settings[i].value, builder[i]);
  }
}

void EncodeVariables(const std::vector<Variable>& variables,
                     capnp::List<wire::Variable>::Builder builder) {
  for (unsigned i = 0; i < builder.size(); ++i) {
    builder[i].setName(ToText(variables[i].name));
    builder[i].setValue(ToText(variables[i].value));
    builder[i].setSecret(variables[i].secret);
  }
}

EpuDefinition DecodeDefinition(wire::EpuDefinition::Reader reader) {
  EpuDefinition definition;
  definition.name = ReadText(reader.getName());
  definition.engine = ReadText(reader.getEngine());
  definition.settings = DecodeSettings(reader.getSettings());
  definition.worker = {SiteNumber{reader.getSite()},    ReadText(reader.getSiteName()),
                       ReadTexts(reader.getCommand()),  DecodeVariables(reader.getEnvironment()),
                       Duration(reader.getStopGrace()), Duration(reader.getDrainTimeout())};
  definition.health = {reader.getMonitor(), Duration(reader.getBootTimeout()),
                       Duration(reader.getMissingTimeout()), Duration(reader.getZombieTimeout())};
  for (const auto sensor : reader.getSensors()) definition.sensors.push_back(ReadSensor(sensor));
  for (const auto shadow : reader.getShadows()) {
    definition.shadows.push_back({ReadText(shadow.getName()), ReadText(shadow.getEngine()),
                                  DecodeSettings(shadow.getSettings())});
  }
  return definition;
}

SiteDefinition DecodeDefinition(wire::SiteDefinition::Reader reader) {
  return {ReadText(reader.getName()), ReadText(reader.getDriver()), reader.getMaxWorkers(),
          ReadText(reader.getCredentials())};
}

std::vector<Setting> DecodeSettings(capnp::List<wire::Setting>::Reader reader) {
  std::vector<Setting> settings;
  settings.reserve(reader.size());
  for (const auto setting : reader) {
    settings.push_back({ReadText(setting.getKey()), ReadValue(setting)});
  }
  return settings;
}

std::vector<Variable> DecodeVariables(capnp::List<wire::Variable>::Reader reader) {
  std::vector<Variable> variables;
  variables.reserve(reader.size());
  for (const auto variable : reader) {
    variables.push_back(
        {ReadText(variable.getName()), ReadText(variable.getValue()), variable.getSecret()});
  }
  return variables;
}

}  // namespace epu
