#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/event_line.h"
#include "projections/state.h"

namespace epu {

// What the original's provisioner and controllers said in their logs, of the events of ours:
//
//   provisioner  new_node         a machine of a worker runs       iaas_id, node_id, public_ip
//   provisioner  node_started     the worker is in service         iaas_id, node_id, public_ip
//   provisioner  node_terminated  it has ended                     iaas_id, node_id
//   EPU's name   de_state         the pool is in another state     state
//
// The unique key is the event's place, "k3f9-5d1e-18181": the log's id, the epoch of the server
// that recorded it, its sequence. So a line that is written again is known again, and what happened
// under the same sequence in another history of the log (a backup that was restored, and gone on
// with) has another key: epochs are drawn. Behind the key of a de_state stands "-de_state", and
// behind that its pool where one event changes many. Builds before this one left out the epoch;
// such keys are read too.
class EventLines {
 public:
  // The lines that `event` makes; `state` is what is known with it. REQUIRES: called for each event
  // in order, from any on.
  std::vector<EventLine> Of(const State& state, const Event& event);

  // Takes note of how things are, so that only what changes from here on is said.
  void Begin(const State& state);

 private:
  void AddPool(const State& state, const Event& event, const Epu& epu, std::string_view mark,
               std::vector<EventLine>& lines);

  std::map<EpuNumber, std::string> pool_states_;
  std::map<WorkerId, std::string> machines_;  // A worker that ended has left the state.
};

// What a key says of its event.
struct EventPlace {
  std::string log_id;
  std::optional<std::uint32_t> epoch;  // None in a key of an older build.
  Sequence sequence = 0;
  bool operator==(const EventPlace&) const = default;
};

// None of a key that is not of EventLines.
std::optional<EventPlace> PlaceOfKey(const std::string& key);

// The key that an older build gave the line. REQUIRES: `key` is one of this build.
std::string KeyWithoutEpoch(const std::string& key);

}  // namespace epu
