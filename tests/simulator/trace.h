#pragma once

#include <cstddef>
#include <cstdio>
#include <deque>
#include <string>
#include <utility>

#include "eventlog/event.h"

namespace epu::sim {

// What is told of a run while it goes: nothing, its last lines, or everything.
class Trace {
 public:
  enum class Telling { kNothing, kLast, kEverything };
  explicit Trace(Telling telling) : telling_(telling) {}
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // Whether a line is worth being made.
  bool on() const { return telling_ != Telling::kNothing; }

  void Say(std::string line) {
    if (telling_ == Telling::kEverything) std::printf("%s\n", line.c_str());
    if (telling_ != Telling::kLast) return;
    last_.push_back(std::move(line));
    if (last_.size() > kLastMax) last_.pop_front();
  }

  const std::deque<std::string>& last() const { return last_; }

 private:
  static constexpr std::size_t kLastMax = 80;

  const Telling telling_;
  std::deque<std::string> last_;
};

// `event` on a line.
std::string Describe(const Event& event);

}  // namespace epu::sim
