#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "projections/state.h"

// The lists of `get`, and what narrows each: names, and options. One table says which options a
// list has and which states its things can be in; refusals and completion follow it. Pure.

namespace epu {

struct ListKind {
  std::string_view name;                  // "workers"
  std::vector<std::string_view> options;  // That narrow it, without names: "--epu".
  std::vector<std::string_view> states;   // Of --state: "600-RUNNING", "STABLE".
};
std::span<const ListKind> ListKinds();

// What was typed; empty where it was not.
struct ListFilter {
  std::vector<std::string> names;
  std::string epu;
  std::string site;
  std::string state;
  std::string health;
};

// What is wrong with a filter of that list, in one line; empty where nothing is. An empty list
// would hide a slip.
std::string FilterFault(const State& state, std::string_view list, const ListFilter& filter);

// Whether `typed`, of --state or --health, is empty or means `name`: in any case, and "600-RUNNING"
// also as "600" or "RUNNING".
bool IsMeant(std::string_view typed, std::string_view name);

}  // namespace epu
