#include "cli/names.h"

#include <utility>

#include <fmt/format.h>

#include "eventlog/codec.h"

namespace epu {
namespace {

// The name in `names`, or the one that `find` gives, remembered.
template <typename Number, typename Find>
const std::string& Remembered(std::map<Number, std::string>& names, Number number, Find find) {
  const auto known = names.find(number);
  if (known != names.end()) return known->second;
  std::string name = find();
  if (name.empty()) name = fmt::format("#{}", ToInteger(number));
  return names.emplace(number, std::move(name)).first->second;
}

}  // namespace

std::optional<Event> ReadEvent(const EventLog& log, Sequence sequence) {
  std::optional<Event> found;
  if (sequence == 0) return found;
  const absl::StatusOr<Sequence> seen =
      log.Visit(sequence - 1, ReadLimit{.records = 1}, [&](Sequence, RecordView record) {
        absl::StatusOr<Event> event = Decode(record);
        if (event.ok()) found = *std::move(event);
        return false;
      });
  if (!seen.ok()) return std::nullopt;
  return found;
}

const Event* Names::At(Sequence sequence) {
  if (!event_ || event_->sequence != sequence) event_ = ReadEvent(log_, sequence);
  return event_ ? &*event_ : nullptr;
}

const std::string& Names::Epu(EpuNumber number) {
  return Remembered(epus_, number, [&]() -> std::string {
    const std::optional<Event> event = ReadEvent(log_, ToInteger(number));
    const auto* fact = event ? std::get_if<EpuDefined>(&event->payload) : nullptr;
    return fact == nullptr ? "" : fact->definition.name;
  });
}

const std::string& Names::Site(SiteNumber number) {
  return Remembered(sites_, number, [&]() -> std::string {
    const std::optional<Event> event = ReadEvent(log_, ToInteger(number));
    const auto* fact = event ? std::get_if<SiteDefined>(&event->payload) : nullptr;
    return fact == nullptr ? "" : fact->definition.name;
  });
}

const std::string& Names::Actor(ActorNumber number) {
  return Remembered(actors_, number, [&]() -> std::string {
    if (number == kServer) return "epud";
    const std::optional<Event> event = ReadEvent(log_, ToInteger(number));
    const auto* fact = event ? std::get_if<ActorIntroduced>(&event->payload) : nullptr;
    return fact == nullptr ? "" : fact->name;
  });
}

std::string Names::Worker(WorkerId id) {
  return fmt::format("{}/{}", Epu(id.epu), ToInteger(id.number));
}

const std::string& Names::SensorAlone(SensorNumber number) {
  return Remembered(sensors_, number, [&]() -> std::string {
    const std::optional<Event> event = ReadEvent(log_, ToInteger(number) / kSensorsMax);
    const auto* fact = event ? std::get_if<EpuDefined>(&event->payload) : nullptr;
    if (fact == nullptr) return "";
    for (const SensorDefinition& sensor : fact->definition.sensors) {
      if (sensor.number == number) return sensor.name;
    }
    return "";
  });
}

std::string Names::Sensor(EpuNumber epu, SensorNumber number) {
  return fmt::format("{}/{}", Epu(epu), SensorAlone(number));
}

std::string Names::Token(const LaunchId& launch) {
  return fmt::format("{}-{:04x}-{}", LogId(), launch.epoch, launch.request);
}

const std::string& Names::LogId() {
  if (log_id_.empty()) {
    const std::optional<Event> event = ReadEvent(log_, 1);
    const auto* fact = event ? std::get_if<ServerStarted>(&event->payload) : nullptr;
    log_id_ = fact == nullptr ? "?" : fact->log_id;
  }
  return log_id_;
}

}  // namespace epu
