#pragma once

#include <map>
#include <set>

#include "eventlog/log.h"
#include "projections/state.h"

// Which pools are to be reviewed, and when. Pure; used alike by epud, the simulator and every later
// re-execution.

namespace epu {

// When each pool was last reviewed; kept by whoever reviews, since a review that finds nothing
// leaves no event.
using Reviewed = std::map<EpuNumber, Time>;

// The pools that an event may have given a reason to act: the one it is about; after a change of
// what all share (limits, sites, launching, a start) every one.
void Touch(const State& state, const Event& event, std::set<EpuNumber>& touched);

// Whether a site may have something to do because of it.
bool ConcernsSites(const Payload& payload);

// The pools whose pulse is due at `now`, or whose back-off or pause has let go since their last
// review. A pool whose engine fails is asked ever more rarely, as long again as it has been
// failing, within kPulse and kPulseMax.
std::set<EpuNumber> Due(const State& state, const Reviewed& reviewed, Time now);

// Whether a batch of so many events takes a review more; pools that find no room are due at once in
// the next.
inline bool HasRoomForReview(std::size_t events) {
  return events + kEventsPerCommandMax <= kBatchRecordsMax;
}

inline constexpr Duration kPulse = std::chrono::seconds(5);  // The original's decision loop.
inline constexpr Duration kPulseMax = std::chrono::seconds(60);

}  // namespace epu
