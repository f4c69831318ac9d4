#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config_reader.h"
#include "commands/command.h"
#include "engines/catalog.h"
#include "projections/state.h"

// What people may order, as JSON: one object with one member, by the name of the order. Values are
// written as in a configuration file, a duration with its unit. One table says what each order has;
// reading, refusals and `submit --schema` follow it.

namespace epu {

struct OrderMember {
  std::string_view name;
  std::string_view value;      // "text", "a whole number", …
  std::string_view otherwise;  // What it is where it is left out; empty where it is due.
  std::string_view sentence;
};

struct OrderShape {
  std::string_view name;
  std::string_view sentence;
  std::vector<OrderMember> members;
  std::string_view example;  // Whole: {"pause": …}
};

// Every order of people, as commands/command.h has them. Orders of sites, agents and the server are
// none of theirs.
std::span<const OrderShape> OrderShapes();

struct ParsedOrder {
  std::optional<Order> order;             // None where there are faults.
  std::string name;                       // Its shape's.
  std::vector<ConfigFault> faults;        // Everything that is wrong, in the order of the text.
  std::map<std::string, YamlMark> marks;  // As ParsedConfig has them.
};

// Names and engines are looked up in `state`, which is what is known now; Decide judges again.
ParsedOrder ParseOrder(std::string_view text, const State& state, const EngineCatalog& catalog);

}  // namespace epu
