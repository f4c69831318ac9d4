#pragma once

#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cli/apply_plan.h"
#include "cli/context.h"
#include "cli/what_if_run.h"
#include "commands/command.h"

// What a declaration would have done to the pools that it changes, over a time that has passed.

namespace epu {

struct PoolReview {
  std::string epu;
  Time from{};
  WhatIfAnswer answer;  // "recorded", then "this file".
};

// Of the pools that `plan` changes and whose policy of scaling is another in `apply`, over the last
// `length`, or as much as there is of the log.
absl::StatusOr<std::vector<PoolReview>> ReviewApply(Context& context, const Apply& apply,
                                                    const ApplyPlan& plan, Duration length);

std::string FormatReviews(const std::vector<PoolReview>& reviews, const Terminal& terminal,
                          Zone zone);
Json ReviewsJson(const std::vector<PoolReview>& reviews);

}  // namespace epu
