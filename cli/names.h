#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "eventlog/event.h"
#include "eventlog/log.h"

// Numbers to names, without a fold: the number of an EPU, a site or an actor is the sequence of the
// event that introduced it, and a sensor's leads to it too (ids.h), so a name is one look-up in the
// log. Each is made once.

namespace epu {

// The event at `sequence`; none where there is none that can be read.
std::optional<Event> ReadEvent(const EventLog& log, Sequence sequence);

// Used by one thread.
class Names {
 public:
  // `log` outlives this.
  explicit Names(const EventLog& log) : log_(log) {}
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  // Where the log does not have the name (it is damaged there, or not a log of ours): "#17".
  const std::string& Epu(EpuNumber number);
  const std::string& Site(SiteNumber number);
  const std::string& Service(ServiceNumber number);        // Of a launch plan: "broker".
  const std::string& Actor(ActorNumber number);            // "epud" for the server itself.
  std::string Worker(WorkerId id);                         // "crunch/12"
  std::string Sensor(EpuNumber epu, SensorNumber number);  // "crunch/queue"
  const std::string& SensorAlone(SensorNumber number);     // "queue"

  // By what its site knows the machine of a launch: "k3f9-5d1e-208". `at` is an event that speaks
  // of it: a copy of a log has another id from a start of its server on (--new-identity).
  std::string Token(const LaunchId& launch, Sequence at);

  // The text that an EPU's setting `key` has by the policy that the event `policy` put into force;
  // empty where it has none. What a reconfiguration does not name, an earlier policy said.
  const std::string& TextSetting(EpuNumber epu, std::string_view key, Sequence policy);

  // The event at `sequence`; null where there is none that can be read. Valid until the next call
  // of this function, which other views make too: copy what is kept.
  const Event* At(Sequence sequence);

  // The same as a value.
  std::optional<Event> Read(Sequence sequence) const { return ReadEvent(log_, sequence); }

 private:
  const std::string& LogId(Sequence at);
  std::string FindTextSetting(EpuNumber epu, std::string_view key, Sequence policy) const;

  const EventLog& log_;
  std::map<EpuNumber, std::string> epus_;
  std::map<SiteNumber, std::string> sites_;
  std::map<ServiceNumber, std::string> services_;
  std::map<ActorNumber, std::string> actors_;
  std::map<SensorNumber, std::string> sensors_;
  std::map<std::pair<Sequence, std::string>, std::string> settings_;  // By policy and key.
  std::map<Sequence, std::string> log_ids_;  // By the event from which on it holds.
  Sequence ids_read_to_ = 0;
  std::optional<Event> event_;  // The last that was read, because neighbours ask for the same.
};

}  // namespace epu
