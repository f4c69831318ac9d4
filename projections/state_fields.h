#pragma once

#include <tuple>

#include "projections/state.h"

// The fields of every struct that a State is made of, each listed once: what is written of a state
// and read again (snapshot.h) is made from these lists.
//
// A field that was added to a struct does not compile here ("only 6 names provided for structured
// binding") until it is listed: put it in both lines. A struct that is new gets a function. Either
// changes the shape of a state, and with it the version of snapshots by itself; those that are
// there are not used any more.

namespace epu {

// References to all fields of a struct, in order.

inline auto FieldsOf(Broken& value) {
  auto& [error] = value;
  return std::tie(error);
}
inline auto FieldsOf(LaunchId& value) {
  auto& [epoch, request] = value;
  return std::tie(epoch, request);
}
inline auto FieldsOf(Constraint& value) {
  auto& [kind, number, limit, until] = value;
  return std::tie(kind, number, limit, until);
}

// ---- Definitions ----

inline auto FieldsOf(Variable& value) {
  auto& [name, text, secret] = value;
  return std::tie(name, text, secret);
}
inline auto FieldsOf(UniqueInstance& value) {
  auto& [key, variables] = value;
  return std::tie(key, variables);
}
inline auto FieldsOf(TimeZone& value) {
  auto& [name, rule] = value;
  return std::tie(name, rule);
}
inline auto FieldsOf(ScheduleEntry& value) {
  auto& [days, minute, count] = value;
  return std::tie(days, minute, count);
}
inline auto FieldsOf(Setting& value) {
  auto& [key, setting] = value;
  return std::tie(key, setting);
}
inline auto FieldsOf(SpoolSource& value) {
  auto& [directory] = value;
  return std::tie(directory);
}
inline auto FieldsOf(ExecSource& value) {
  auto& [command, timeout] = value;
  return std::tie(command, timeout);
}
inline auto FieldsOf(SensorDefinition& value) {
  auto& [number, name, source, every] = value;
  return std::tie(number, name, source, every);
}
inline auto FieldsOf(WorkerDefinition& value) {
  auto& [site, site_name, command, environment, stop_grace, drain_timeout] = value;
  return std::tie(site, site_name, command, environment, stop_grace, drain_timeout);
}
inline auto FieldsOf(HealthDefinition& value) {
  auto& [monitor, boot_timeout, missing_timeout, zombie_timeout] = value;
  return std::tie(monitor, boot_timeout, missing_timeout, zombie_timeout);
}
inline auto FieldsOf(ShadowDefinition& value) {
  auto& [name, engine, settings] = value;
  return std::tie(name, engine, settings);
}
inline auto FieldsOf(EpuDefinition& value) {
  auto& [name, engine, settings, worker, health, sensors, shadows] = value;
  return std::tie(name, engine, settings, worker, health, sensors, shadows);
}
inline auto FieldsOf(SiteDefinition& value) {
  auto& [name, driver, max_workers, credentials] = value;
  return std::tie(name, driver, max_workers, credentials);
}

// ---- What is known ----

inline auto FieldsOf(Reading& value) {
  auto& [sequence, recorded, age, measure, in_progress, source] = value;
  return std::tie(sequence, recorded, age, measure, in_progress, source);
}
inline auto FieldsOf(Sensor& value) {
  auto& [definition, latest] = value;
  return std::tie(definition, latest);
}
inline auto FieldsOf(Metric& value) {
  auto& [name, number] = value;
  return std::tie(name, number);
}
inline auto FieldsOf(WorkReport& value) {
  auto& [activity, doing, metrics, error, age] = value;
  return std::tie(activity, doing, metrics, error, age);
}
inline auto FieldsOf(Worker& value) {
  auto& [number, site, launch, unique_key, request, requested, policy, state, state_since,
         running_since, settled, reason, detail, health, health_since, health_event, health_detail,
         report, reported, reported_at, drain_until, drain_reason, presence, presence_since,
         machine] = value;
  return std::tie(number, site, launch, unique_key, request, requested, policy, state, state_since,
                  running_since, settled, reason, detail, health, health_since, health_event,
                  health_detail, report, reported, reported_at, drain_until, drain_reason, presence,
                  presence_since, machine);
}
inline auto FieldsOf(Hold& value) {
  auto& [event, since, until, decision] = value;
  return std::tie(event, since, until, decision);
}
inline auto FieldsOf(Shadow& value) {
  auto& [wanted, decision, basis, decided, error] = value;
  return std::tie(wanted, decision, basis, decided, error);
}
inline auto FieldsOf(BackOff& value) {
  auto& [failures, event, since, until] = value;
  return std::tie(failures, event, since, until);
}
inline auto FieldsOf(Epu& value) {
  auto& [number, definition, policy, removing, removed, next_worker, workers, sensors, wanted,
         decision, decided, scaling, scaled, held, paused_out, paused_in, back_off, removal,
         engine_error, engine_error_since, failure, dev_mode_failure, shadows] = value;
  return std::tie(number, definition, policy, removing, removed, next_worker, workers, sensors,
                  wanted, decision, decided, scaling, scaled, held, paused_out, paused_in, back_off,
                  removal, engine_error, engine_error_since, failure, dev_mode_failure, shadows);
}
inline auto FieldsOf(Site& value) {
  auto& [number, definition, policy, enabled, answering, error, answering_since] = value;
  return std::tie(number, definition, policy, enabled, answering, error, answering_since);
}
inline auto FieldsOf(Stranger& value) {
  auto& [site, machine, fate, event, since] = value;
  return std::tie(site, machine, fate, event, since);
}
inline auto FieldsOf(ServiceProgram& value) {
  auto& [path, arguments] = value;
  return std::tie(path, arguments);
}
inline auto FieldsOf(ServiceDefinition& value) {
  auto& [name, level, cloud, driver, hostname, image, allocation, security_groups, key_name,
         ssh_user, scp_user, ssh_key, local, boot_template, boot, ready, terminate, program_timeout,
         attributes] = value;
  return std::tie(name, level, cloud, driver, hostname, image, allocation, security_groups,
                  key_name, ssh_user, scp_user, ssh_key, local, boot_template, boot, ready,
                  terminate, program_timeout, attributes);
}
inline auto FieldsOf(ServiceMachine& value) {
  auto& [launch, asked, machine, host] = value;
  return std::tie(launch, asked, machine, host);
}
inline auto FieldsOf(StepUnderWay& value) {
  auto& [step, attempt, event, since] = value;
  return std::tie(step, attempt, event, since);
}
inline auto FieldsOf(Service& value) {
  auto& [number, definition, planned, dropped, attempt, begun, machines, state, state_since,
         reached, unloaded, attributes, under_way, verified, verified_at, failed, failed_step,
         error, ended, restarts] = value;
  return std::tie(number, definition, planned, dropped, attempt, begun, machines, state,
                  state_since, reached, unloaded, attributes, under_way, verified, verified_at,
                  failed, failed_step, error, ended, restarts);
}
inline auto FieldsOf(Walk& value) {
  auto& [kind, begun, since, end, ended] = value;
  return std::tie(kind, begun, since, end, ended);
}
inline auto FieldsOf(Launch& value) {
  auto& [plan, read, globals, services, walk, before_clean] = value;
  return std::tie(plan, read, globals, services, walk, before_clean);
}
inline auto FieldsOf(Actor& value) {
  auto& [number, user_id, name] = value;
  return std::tie(number, user_id, name);
}
inline auto FieldsOf(Outcome& value) {
  auto& [number, first, last] = value;
  return std::tie(number, first, last);
}
inline auto FieldsOf(Client& value) {
  auto& [heard, outcomes] = value;
  return std::tie(heard, outcomes);
}
inline auto FieldsOf(State& value) {
  auto& [log_id, epoch, host, path, server_started, requests, head, time, clock_difference,
         max_workers, limited, enabled, disk_full, actors, sites, epus, strangers, launch, clients,
         clients_swept] = value;
  return std::tie(log_id, epoch, host, path, server_started, requests, head, time, clock_difference,
                  max_workers, limited, enabled, disk_full, actors, sites, epus, strangers, launch,
                  clients, clients_swept);
}

// The same of one that is only looked at.
template <typename Struct>
auto FieldsOf(const Struct& value) {
  return std::apply([](const auto&... fields) { return std::tie(fields...); },
                    FieldsOf(const_cast<Struct&>(value)));
}

template <typename Struct>
concept HasFields = requires(Struct& value) {
  FieldsOf(value);
};

}  // namespace epu
