#pragma once

#include <compare>
#include <cstdint>
#include <type_traits>

// The numbers by which events refer to things. A name is said once, in the event that introduces
// it, and that event's sequence is the thing's number ever after: whoever holds a number finds its
// name with one look-up in the log.

namespace epu {

// 1, 2, 3, … without gaps, given inside the commit; 0 stands before the first event.
using Sequence = std::uint64_t;

enum class ActorNumber : Sequence {};  // Who caused an event; kServer is epud itself.
enum class SiteNumber : Sequence {};   // An IaaS site.
enum class EpuNumber : Sequence {};    // An elastic pool of workers.

enum class ServiceNumber : Sequence {};  // A service of a launch plan.

// A sensor of one EPU. An EPU's definition introduces several at once, so the number is kSensorsMax
// times the sequence of the definition that introduced the sensor, plus the sensor's place in it.
enum class SensorNumber : Sequence {};
inline constexpr std::uint64_t kSensorsMax = 64;

// Counts the workers of one EPU from 1; never used twice in a log, not even after the EPU was
// removed and defined anew.
enum class WorkerNumber : std::uint32_t {};

inline constexpr ActorNumber kServer{0};

// The plain number behind any of the above.
template <typename Number>
constexpr std::underlying_type_t<Number> ToInteger(Number number) {
  return static_cast<std::underlying_type_t<Number>>(number);
}

// One worker: "crunch/12" is {the number of crunch, 12}.
struct WorkerId {
  EpuNumber epu{};
  WorkerNumber number{};
  auto operator<=>(const WorkerId&) const = default;
};

// A command, as numbered by its sender: a process draws `client` once at random and counts from 1.
// Client 0 is the server itself, whose commands are never repeated and therefore not remembered.
struct CommandId {
  std::uint64_t client = 0;
  std::uint64_t number = 0;
  auto operator<=>(const CommandId&) const = default;
};

// A launch: the `request`-th made in `epoch`, an epoch being one start of a server. The log's id
// before it makes the token by which a site knows the machine: "k3f9-5d1e-208".
struct LaunchId {
  std::uint32_t epoch = 0;
  std::uint64_t request = 0;
  auto operator<=>(const LaunchId&) const = default;
};

// Where an event stands among the events of its command: the `index`-th (from 0) of `count`.
struct Place {
  std::uint16_t index = 0;
  std::uint16_t count = 1;
  auto operator<=>(const Place&) const = default;
};

}  // namespace epu
