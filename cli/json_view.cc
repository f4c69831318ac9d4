#include "cli/json_view.h"

#include <fmt/format.h>

#include "cli/describe.h"
#include "commands/command.h"
#include "engines/schedule.h"
#include "eventlog/overloaded.h"

namespace epu {
namespace {

// `json`[key] = value; a duration under the name that says its unit.
void AddSetting(Json& json, const Setting& setting) {
  std::visit(Overloaded{
                 [&](Duration value) { json[setting.key + "_s"] = InSeconds(value); },
                 [&](const std::vector<UniqueInstance>& uniques) {
                   json[setting.key] = Json::object();
                   for (const UniqueInstance& unique : uniques) {
                     json[setting.key][unique.key] = VariablesJson(unique.variables);
                   }
                 },
                 [&](const TimeZone& zone) {
                   json[setting.key] = {{"name", zone.name}, {"rule", zone.rule}};
                 },
                 [&](const Schedule& schedule) {
                   json[setting.key] = Json::array();
                   for (const ScheduleEntry& entry : schedule) {
                     json[setting.key].push_back({{"days", FormatDays(entry.days)},
                                                  {"at", FormatMinute(entry.minute)},
                                                  {"count", entry.count}});
                   }
                 },
                 [&](const auto& value) { json[setting.key] = value; },
             },
             setting.value);
}

Json SettingsJson(const std::vector<Setting>& settings) {
  Json json = Json::object();
  for (const Setting& setting : settings) AddSetting(json, setting);
  return json;
}

Json SourceJson(const SensorDefinition& sensor) {
  Json json = {{"name", sensor.name}, {"every_s", InSeconds(sensor.every)}};
  std::visit(Overloaded{
                 [&](const PutSource&) { json["source"] = "put"; },
                 [&](const SpoolSource& source) {
                   json["source"] = "spool";
                   json["directory"] = source.directory;
                 },
                 [&](const ExecSource& source) {
                   json["source"] = "exec";
                   json["command"] = source.command;
                   json["timeout_s"] = InSeconds(source.timeout);
                 },
             },
             sensor.source);
  return json;
}

}  // namespace

Json ConstraintJson(const Constraint& constraint) {
  return {{"kind", ConstraintName(constraint.kind)},
          {"value", Number(constraint.value)},
          {"limit", Number(constraint.limit)},
          {"until", TimeOrNull(constraint.until)}};
}

void AddWork(Json& json, const WorkReport& report) {
  json["activity"] = ActivityName(report.activity);
  json["doing"] = TextOrNull(report.doing);
  json["metrics"] = Json::object();
  for (const Metric& metric : report.metrics) json["metrics"][metric.name] = Number(metric.value);
  json["report_error"] = TextOrNull(report.error);
  json["report_age_s"] = InSeconds(report.age);
}

namespace {

// Adds what its kind has; one function a payload, in the order of Payload.
struct FactWriter {
  Json& json;
  Names& names;
  Sequence at;  // The event's.

  void operator()(const ServerStarted& fact) const {
    json["log_id"] = fact.log_id;
    json["epoch"] = fmt::format("{:04x}", fact.epoch);
    json["host"] = fact.host;
    json["pid"] = fact.pid;
    json["path"] = fact.path;
  }
  void operator()(const ClockDiffered& fact) const {
    json["difference_s"] = InSeconds(fact.difference);
  }
  void operator()(const ActorIntroduced& fact) const {
    json["user_id"] = fact.user_id;
    json["name"] = fact.name;
  }
  void operator()(const RunLimited& fact) const { json["max_workers"] = fact.max_workers; }
  void operator()(const SiteDefined& fact) const {
    json["site"] = fact.definition.name;
    json["definition"] = DefinitionJson(fact.definition);
  }
  void operator()(const SiteAnswered& fact) const {
    json["site"] = names.Site(fact.site);
    json["answering"] = fact.answering;
    json["error"] = TextOrNull(fact.error);
  }
  void operator()(const LaunchingSwitched& fact) const {
    json["site"] = fact.site == SiteNumber{} ? Json() : Json(names.Site(fact.site));
    json["enabled"] = fact.enabled;
  }
  void operator()(const EpuDefined& fact) const {
    json["definition"] = DefinitionJson(fact.definition);
  }
  void operator()(const EpuReconfigured& fact) const {
    json["settings"] = SettingsJson(fact.settings);
  }
  void operator()(const RemovalBegun&) const {}
  void operator()(const EpuRemoved&) const {}
  void operator()(const ReadingTaken& fact) const {
    json["sensor"] = names.Sensor(fact.epu, fact.sensor);
    AddMeasure(json, fact.measure);
    json["in_progress"] = fact.in_progress ? Number(*fact.in_progress) : Json();
    json["age_s"] = InSeconds(fact.age);
    json["source"] = TextOrNull(fact.source);
  }
  void operator()(const DecisionMade& fact) const {
    json["engine"] = fact.engine;
    json["engine_version"] = fact.engine_version;
    json["launches"] = fact.launches;
    json["retirements"] = Json::array();
    for (const WorkerNumber worker : fact.retirements) {
      json["retirements"].push_back(names.Worker({fact.epu, worker}));
    }
    json["wanted"] = fact.wanted;
    json["reason"] = TextOrNull(ReasonText(fact, names, Zone::kUtc));
    json["constraints"] = Json::array();
    for (const Constraint& constraint : fact.constraints) {
      json["constraints"].push_back(ConstraintJson(constraint));
    }
    json["inputs"] = fact.inputs;
    json["policy"] = SequenceOrNull(fact.policy);
    json["cause"] = CauseName(fact.cause);
    json["size"] = fact.size;
  }
  void operator()(const EngineErrorChanged& fact) const { json["error"] = TextOrNull(fact.error); }
  void operator()(const DevModeFailed&) const {}
  void operator()(const WorkerRequested& fact) const {
    json["site"] = names.Site(fact.site);
    json["token"] = names.Token(fact.launch, at);
    json["unique_key"] = TextOrNull(fact.unique_key);
    json["policy"] = SequenceOrNull(fact.policy);
  }
  void operator()(const WorkerChanged& fact) const {
    json["from"] = StateName(fact.from);
    json["to"] = StateName(fact.to);
    json["reason"] = TextOrNull(ReasonName(fact.reason));
    json["detail"] = TextOrNull(fact.detail);
    json["machine"] = TextOrNull(fact.machine);
  }
  void operator()(const MachineChanged& fact) const {
    json["to"] = PresenceName(fact.to);
    json["machine"] = TextOrNull(fact.machine);
  }
  void operator()(const HealthChanged& fact) const {
    json["to"] = HealthName(fact.to);
    json["silence_s"] = InSeconds(fact.silence);
    json["detail"] = TextOrNull(fact.detail);
  }
  void operator()(const CommandDenied& fact) const { json["what"] = fact.what; }
  void operator()(const ScalingPaused& fact) const {
    json["out"] = fact.out;
    json["in"] = fact.in;
    json["until"] = TimeOrNull(fact.until);
  }
  void operator()(const ScalingResumed& fact) const {
    json["out"] = fact.out;
    json["in"] = fact.in;
  }
  void operator()(const WorkReported& fact) const { AddWork(json, fact.report); }
  void operator()(const DrainBegun& fact) const {
    json["reason"] = TextOrNull(ReasonName(fact.reason));
    json["until"] = FormatTime(fact.until);
  }
  void operator()(const StrangerChanged& fact) const {
    json["site"] = names.Site(fact.site);
    json["token"] = names.Token(fact.launch, at);
    json["machine"] = TextOrNull(fact.machine);
    json["to"] = FateName(fact.to);
  }
  void operator()(const DiskFilled& fact) const { json["full"] = fact.full; }
  void operator()(const ShadowDecided& fact) const {
    json["shadow"] = fact.shadow;
    json["engine"] = fact.engine;
    json["engine_version"] = fact.engine_version;
    json["basis"] = fact.basis;
    json["size"] = fact.size;
    json["wanted"] = fact.wanted;
    json["constraints"] = Json::array();
    for (const Constraint& constraint : fact.constraints) {
      json["constraints"].push_back(ConstraintJson(constraint));
    }
    json["inputs"] = fact.inputs;
    json["policy"] = SequenceOrNull(fact.policy);
    json["error"] = TextOrNull(fact.error);
  }
  void operator()(const PlanRead& fact) const {
    json["plan"] = fact.plan;
    json["globals"] = VariablesJson(fact.globals);
  }
  void operator()(const ServicePlanned& fact) const {
    json["service"] = fact.definition.name;
    json["definition"] = DefinitionJson(fact.definition);
  }
  void operator()(const ServiceDropped& fact) const {
    json["service"] = names.Service(fact.service);
  }
  void operator()(const WalkBegun& fact) const { json["walk"] = WalkName(fact.kind); }
  void operator()(const WalkEnded& fact) const {
    json["walk"] = WalkName(fact.kind);
    json["end"] = WalkEndName(fact.end);
  }
  void operator()(const StepBegun& fact) const {
    json["service"] = names.Service(fact.service);
    json["attempt"] = fact.attempt;
    json["step"] = StepName(fact.step);
    json["token"] =
        fact.step == ServiceStep::kMachine ? Json(names.Token(fact.launch, at)) : Json();
  }
  void operator()(const StepEnded& fact) const {
    json["service"] = names.Service(fact.service);
    json["attempt"] = fact.attempt;
    json["step"] = StepName(fact.step);
    json["succeeded"] = fact.succeeded;
    json["error"] = TextOrNull(fact.error);
    json["machine"] = TextOrNull(fact.machine);
    json["host"] = TextOrNull(fact.host);
    json["attributes"] = VariablesJson(fact.attributes);
  }
  void operator()(const LineHarvested& fact) const {
    json["source"] = fact.source;
    json["name"] = fact.name;
    json["key"] = fact.key;
    json["said"] = FormatTime(fact.said);
    json["extra"] = fact.extra.empty() ? Json() : Json::parse(fact.extra, nullptr, false);
    json["origin"] = fact.origin;
  }
};

}  // namespace

Json VariablesJson(const std::vector<Variable>& variables) {
  Json json = Json::object();
  for (const Variable& variable : variables) {
    json[variable.name] = variable.secret ? Json{{"secret", variable.value}} : Json(variable.value);
  }
  return json;
}

Json DefinitionJson(const ServiceDefinition& service) {
  const auto program = [](const ServiceProgram& value) {
    if (value.path.empty()) return Json();
    return Json({{"path", value.path}, {"arguments", TextOrNull(value.arguments)}});
  };
  return {{"name", service.name},
          {"level", service.level},
          {"cloud", TextOrNull(service.cloud)},
          {"driver", TextOrNull(service.driver)},
          {"hostname", TextOrNull(service.hostname)},
          {"image", TextOrNull(service.image)},
          {"allocation", TextOrNull(service.allocation)},
          {"security_groups", TextOrNull(service.security_groups)},
          {"key_name", TextOrNull(service.key_name)},
          {"ssh_user", TextOrNull(service.ssh_user)},
          {"scp_user", TextOrNull(service.scp_user)},
          {"ssh_key", TextOrNull(service.ssh_key)},
          {"local", service.local},
          {"boot_template", TextOrNull(service.boot_template)},
          {"boot", program(service.boot)},
          {"ready", program(service.ready)},
          {"terminate", program(service.terminate)},
          {"program_timeout_s", InSeconds(service.program_timeout)},
          {"attributes", VariablesJson(service.attributes)}};
}

Json TextOrNull(std::string_view text) { return text.empty() ? Json() : Json(text); }

Json TimeOrNull(const std::optional<Time>& time) { return time ? Json(FormatTime(*time)) : Json(); }

Json SequenceOrNull(Sequence sequence) { return sequence == 0 ? Json() : Json(sequence); }

Json Number(double value) {
  constexpr double kExact = 9007199254740992;  // 2^53: beyond it, doubles skip whole numbers.
  if (value < -kExact || value > kExact) return value;
  const auto whole = static_cast<std::int64_t>(value);
  return static_cast<double>(whole) == value ? Json(whole) : Json(value);
}

void AddMeasure(Json& json, const Measure& measure) {
  const auto* value = std::get_if<double>(&measure);
  const auto* broken = std::get_if<Broken>(&measure);
  json["value"] = value == nullptr ? Json() : Number(*value);
  json["absent"] = std::holds_alternative<Absent>(measure);
  json["error"] = broken == nullptr ? Json() : Json(broken->error);
}

double InSeconds(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

std::string ToLine(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json EventJson(const Event& event, Names& names) {
  const WorkerId subject = SubjectOf(event.payload);
  Json json = {{"sequence", event.sequence},
               {"time", FormatTime(event.time)},
               {"kind", KindName(event.payload)},
               {"epu", subject.epu == EpuNumber{} ? Json() : Json(names.Epu(subject.epu))}};
  if (subject.number != WorkerNumber{}) json["worker"] = names.Worker(subject);
  json["actor"] = names.Actor(event.actor);
  std::visit(FactWriter{json, names, event.sequence}, event.payload);
  if (const std::optional<Time> taken = TakenAt(event)) json["taken"] = FormatTime(*taken);
  json["command"] = event.command.client == 0 ? Json() : Json(FormatCommandId(event.command));
  json["note"] = TextOrNull(event.note);
  return json;
}

Json DefinitionJson(const EpuDefinition& definition) {
  Json sensors = Json::array();
  for (const SensorDefinition& sensor : definition.sensors) sensors.push_back(SourceJson(sensor));
  Json shadows = Json::array();
  for (const ShadowDefinition& shadow : definition.shadows) {
    shadows.push_back({{"name", shadow.name},
                       {"engine", shadow.engine},
                       {"config", SettingsJson(shadow.settings)}});
  }
  const WorkerDefinition& worker = definition.worker;
  const HealthDefinition& health = definition.health;
  return {{"name", definition.name},
          {"engine", definition.engine},
          {"config", SettingsJson(definition.settings)},
          {"worker", Json{{"site", worker.site_name},
                          {"command", worker.command},
                          {"environment", VariablesJson(worker.environment)},
                          {"stop_grace_s", InSeconds(worker.stop_grace)},
                          {"drain_timeout_s", InSeconds(worker.drain_timeout)}}},
          {"health", Json{{"monitor", health.monitor},
                          {"boot_timeout_s", InSeconds(health.boot_timeout)},
                          {"missing_timeout_s", InSeconds(health.missing_timeout)},
                          {"zombie_timeout_s", InSeconds(health.zombie_timeout)}}},
          {"sensors", std::move(sensors)},
          {"shadows", std::move(shadows)}};
}

Json DefinitionJson(const SiteDefinition& definition) {
  return {{"name", definition.name},
          {"driver", definition.driver},
          {"max_workers", definition.max_workers},
          {"credentials", TextOrNull(definition.credentials)}};
}

}  // namespace epu
