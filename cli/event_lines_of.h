#pragma once

#include <map>
#include <string>
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
// The unique key is the event's place in the log, "k3f9-18181", so a line that is written again is
// known again.
class EventLines {
 public:
  // The lines that `event` makes; `state` is what is known with it. REQUIRES: called for each event
  // in order, from any on.
  std::vector<EventLine> Of(const State& state, const Event& event);

  // Takes note of how things are, so that only what changes from here on is said.
  void Begin(const State& state);

 private:
  std::map<EpuNumber, std::string> pool_states_;
};

}  // namespace epu
