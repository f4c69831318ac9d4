#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/strings/str_join.h>

namespace epu {

// Everything that is wrong with an order, each with the path of what it is about. A text follows
// its path directly, with its own blank or colon: "epus.web.worker.command" + ": a worker needs
// one".
class Faults {
 public:
  void Add(std::string path, std::string_view text) {
    lines_.push_back(std::move(path) + std::string(text));
  }

  std::size_t count() const { return lines_.size(); }

  // kInvalidArgument with a line for each; OK where there are none.
  absl::Status ToStatus() const {
    if (lines_.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrJoin(lines_, "\n"));
  }

 private:
  std::vector<std::string> lines_;
};

}  // namespace epu
