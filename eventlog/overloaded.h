#pragma once

namespace epu {

// One visitor out of several lambdas: std::visit(Overloaded{[](double) {…}, [](const Absent&) {…}},
// measure).
template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

}  // namespace epu
