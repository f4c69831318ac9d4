#pragma once

#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

// What may be typed behind epud; its manual page is made of the same.

namespace epu {

struct EpudArguments {
  std::string run = "default";
  std::string log;
  std::string listen;
  std::string level = "warn";
  std::string role = "all";
  std::string anchor;
  std::string anchor_every = "1h";
  bool takes_over = false;
  bool is_copy = false;
};
void BindEpud(CLI::App& app, EpudArguments& arguments);

inline constexpr std::string_view kEpudSentence = "serves a run of elastic pools of workers";
inline constexpr std::string_view kEpudDescription =
    "Serves one run in the foreground: its log, its sites, its sensors. Stopping it ends no "
    "worker.";
inline constexpr std::string_view kEpudExamples =
    "  epud                              serve the run \"default\"\n"
    "  epud --run nightly &              another run of its own\n"
    "  epud --role controllers &         the sites in a process of their own:\n"
    "  epud --role provisioner &\n"
    "  epud --anchor /mnt/elsewhere/default.ckpt --anchor-every 15m\n"
    "  EPU_HOME=$PWD/state epud          keep everything below ./state\n";

}  // namespace epu
