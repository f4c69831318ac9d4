#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/context.h"

// `test DIR`: a policy over recorded incidents (slices), held to what is expected of it.

namespace epu {

struct TestArguments {
  std::string directory;
  std::string engine;
  std::vector<std::string> settings;  // "key=value"
};

void BindTest(CLI::App& app, TestArguments& arguments);
Exit RunTest(Context& context, const TestArguments& arguments);

// Beside the slices: what is expected of a policy on them.
inline constexpr char kExpectationsFile[] = "expectations.yaml";
inline constexpr char kSliceEnding[] = ".slice";

}  // namespace epu
