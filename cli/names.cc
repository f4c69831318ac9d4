#include "cli/names.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "eventlog/codec.h"
#include "projections/projection.h"

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

// Calls `see` with the events of one kind that follow `after`, up to `last`, as far as the log can
// be read. Of all others it looks at the kind.
template <typename Fact, typename See>
void EachOf(const EventLog& log, Sequence after, Sequence last, See see) {
  while (after < last) {
    const ReadLimit limit{.records = std::min<std::size_t>(last - after, ReadLimit{}.records)};
    const absl::StatusOr<Sequence> seen = log.Visit(after, limit, [&](Sequence, RecordView record) {
      const absl::StatusOr<Head> head = DecodeHead(record);
      if (!head.ok() || !IsKindOf<Fact>(head->kind)) return true;
      const absl::StatusOr<Event> event = Decode(record);
      if (event.ok()) see(*event, std::get<Fact>(event->payload));
      return true;
    });
    if (!seen.ok() || *seen == after) return;
    after = *seen;
  }
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

const std::string& Names::Service(ServiceNumber number) {
  return Remembered(services_, number, [&]() -> std::string {
    const std::optional<Event> event = ReadEvent(log_, ToInteger(number));
    const auto* fact = event ? std::get_if<ServicePlanned>(&event->payload) : nullptr;
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

std::string Names::Token(const LaunchId& launch, Sequence at) {
  return fmt::format("{}-{:04x}-{}", LogId(at), launch.epoch, launch.request);
}

const std::string& Names::LogId(Sequence at) {
  EachOf<ServerStarted>(log_, ids_read_to_, at, [&](const Event& event, const ServerStarted& fact) {
    if (log_ids_.empty() || log_ids_.rbegin()->second != fact.log_id) {
      log_ids_[event.sequence] = fact.log_id;
    }
  });
  ids_read_to_ = std::max(ids_read_to_, at);
  static const std::string kUnknown = "?";
  const auto next = log_ids_.upper_bound(at);
  return next == log_ids_.begin() ? kUnknown : std::prev(next)->second;
}

const std::string& Names::TextSetting(EpuNumber epu, std::string_view key, Sequence policy) {
  const std::pair place{policy, std::string(key)};
  const auto known = settings_.find(place);
  if (known != settings_.end()) return known->second;
  return settings_.emplace(place, FindTextSetting(epu, key, policy)).first->second;
}

std::string Names::FindTextSetting(EpuNumber epu, std::string_view key, Sequence policy) const {
  std::string text;
  const auto take = [&](const std::vector<Setting>& settings) {
    for (const Setting& setting : settings) {
      const auto* value = std::get_if<std::string>(&setting.value);
      if (setting.key != key || value == nullptr) continue;
      text = *value;
      return true;
    }
    return false;
  };
  const std::optional<Event> event = Read(policy);
  if (!event) return text;
  if (const auto* defined = std::get_if<EpuDefined>(&event->payload)) {
    take(defined->definition.settings);
    return text;
  }
  const auto* changed = std::get_if<EpuReconfigured>(&event->payload);
  if (changed == nullptr || take(changed->settings)) return text;
  // What was defined last, and what was changed since.
  const Sequence before = ToInteger(epu) - 1;
  Sequence defined_at = before;
  EachOf<EpuDefined>(log_, before, policy, [&](const Event& found, const EpuDefined& fact) {
    if (fact.epu != epu) return;
    defined_at = found.sequence;
    text.clear();
    take(fact.definition.settings);
  });
  EachOf<EpuReconfigured>(log_, defined_at, policy, [&](const Event&, const EpuReconfigured& fact) {
    if (fact.epu == epu) take(fact.settings);
  });
  return text;
}

}  // namespace epu
