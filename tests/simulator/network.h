#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "eventlog/time.h"
#include "tests/simulator/faults.h"
#include "tests/simulator/random.h"

namespace epu::sim {

// Messages under way. Each takes some milliseconds; one that is late takes up to kLateMax and is
// overtaken by others. One may be lost, or arrive twice, the second time late.
template <typename Message>
class Network {
 public:
  // Short enough that fewer commands of a client are accepted meanwhile than a State remembers.
  static constexpr Duration kLateMax = std::chrono::seconds(10);

  // Both outlive this. `lost` is the fault by which a message is lost here.
  Network(Random& random, Faults& faults, Fault lost)
      : random_(random), faults_(faults), lost_(lost) {}
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  void Send(Message message, Time now) {
    if (faults_.Fires(lost_)) return;
    if (faults_.Fires(Fault::kMessageDoubled)) Lay(message, now, kLateMax);
    const bool late = faults_.Fires(Fault::kMessageLate);
    Lay(std::move(message), now, late ? kLateMax : kUsual);
  }

  // Takes out what has arrived by `now`, in the order of arrival.
  std::vector<Message> TakeArrived(Time now) {
    const auto rest = std::stable_partition(under_way_.begin(), under_way_.end(),
                                            [&](const auto& one) { return one.arrives <= now; });
    std::stable_sort(under_way_.begin(), rest, [](const auto& left, const auto& right) {
      return left.arrives < right.arrives;
    });
    std::vector<Message> arrived;
    for (auto one = under_way_.begin(); one != rest; ++one) {
      arrived.push_back(std::move(one->message));
    }
    under_way_.erase(under_way_.begin(), rest);
    return arrived;
  }

 private:
  static constexpr Duration kUsual = std::chrono::milliseconds(20);

  struct OneUnderWay {
    Time arrives{};
    Message message;
  };

  void Lay(Message message, Time now, Duration most) {
    under_way_.push_back({now + random_.Between(Duration::zero(), most), std::move(message)});
  }

  Random& random_;
  Faults& faults_;
  const Fault lost_;
  std::vector<OneUnderWay> under_way_;
};

}  // namespace epu::sim
