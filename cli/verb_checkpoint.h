#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/context.h"
#include "eventlog/ids.h"

namespace epu {

// `checkpoint`: what the log is, signed, to be kept where nobody who could alter the log can alter
// it.
struct CheckpointArguments {
  std::string at;
  std::string write;
  bool public_key = false;
  bool new_key = false;
};
void BindCheckpoint(CLI::App& app, CheckpointArguments& arguments);
Exit RunCheckpoint(Context& context, const CheckpointArguments& arguments);

// `prove`: that an event is in the log, or that the log only grew since a checkpoint, for who has
// not the log.
struct ProveArguments {
  std::string sequence;
  std::string since;
  std::string checkpoint;
};
void BindProve(CLI::App& app, ProveArguments& arguments);
Exit RunProve(Context& context, const ProveArguments& arguments);

}  // namespace epu
