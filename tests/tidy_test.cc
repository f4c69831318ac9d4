// The two rules on which replay and simulation stand: the layers, by the #include lines, and the
// purity of the core, by words that have no place in it. Each finding names the file, the line and
// what to do instead.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace epu {
namespace {

struct Source {
  std::string path;     // "commands/decide.cc"
  std::string package;  // "commands"
  std::vector<std::string> lines;
};

const std::set<std::string> kPackages = {"eventlog", "projections", "engines",
                                         "commands", "provisioner", "cli"};

std::vector<Source> Sources() {
  std::vector<Source> sources;
  for (const std::string& package : kPackages) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(package)) {
      const std::string extension = entry.path().extension();
      if (extension != ".h" && extension != ".cc") continue;
      Source source{entry.path(), package, {}};
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) source.lines.push_back(line);
      sources.push_back(std::move(source));
    }
  }
  std::sort(sources.begin(), sources.end(),
            [](const auto& left, const auto& right) { return left.path < right.path; });
  return sources;
}

// Tests, and what only tests use.
bool IsTest(const std::string& path) {
  const std::vector<std::string> marks = {"_test.", "test_program", "raw_peer", "/fake_",
                                          "/given."};
  return std::any_of(marks.begin(), marks.end(),
                     [&](const std::string& mark) { return path.find(mark) != std::string::npos; });
}

bool BeginsWithAnyOf(const std::string& text, const std::vector<std::string>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](const std::string& beginning) { return text.rfind(beginning, 0) == 0; });
}

// The path an #include line names; empty for other lines.
std::string Included(const std::string& line) {
  static const std::regex include("^#include [<\"]([^>\"]+)[>\"]");
  std::smatch match;
  return std::regex_search(line, match, include) ? match[1].str() : "";
}

std::string WithoutComment(const std::string& line) { return line.substr(0, line.find("//")); }

TEST(Tidy, FindsTheSources) {
  std::map<std::string, int> files;
  for (const Source& source : Sources()) ++files[source.package];
  for (const std::string& package : kPackages) EXPECT_GT(files[package], 3) << package;
}

TEST(Tidy, PackagesUseOnlyThoseBelowThem) {
  const std::map<std::string, std::set<std::string>> allowed = {
      {"eventlog", {}},
      {"projections", {"eventlog"}},
      {"engines", {"eventlog", "projections"}},
      {"commands", {"eventlog", "projections", "engines"}},
      {"provisioner", {"eventlog", "projections", "engines", "commands"}},
      {"cli", {"eventlog", "projections", "engines", "commands", "provisioner"}},
  };
  for (const Source& source : Sources()) {
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string included = Included(source.lines[i]);
      const std::string package = included.substr(0, included.find('/'));
      if (!kPackages.contains(package) && package != "tests") continue;
      EXPECT_TRUE(package == source.package || allowed.at(source.package).contains(package) ||
                  (package == "tests" && IsTest(source.path)) ||
                  (package == "eventlog" && IsTest(source.path)))
          << source.path << ":" << i + 1 << ": " << source.package << " may not use " << package;
    }
  }
}

TEST(Tidy, LibrariesAreUsedInTheirOwnPlacesAlone) {
  const std::vector<std::string> kCodecs = {"eventlog/codec", "eventlog/definition_codec",
                                            "eventlog/wire_values", "commands/wire",
                                            "commands/order_codec"};
  const struct {
    std::string library;              // The beginning of what is included.
    std::vector<std::string> places;  // The beginnings of the paths that may.
  } rules[] = {
      {"lmdb.h", {"eventlog/lmdb_", "cli/bench"}},
      {"zmq", {"commands/gateway", "commands/client", "cli/bench"}},
      {"capnp/", kCodecs},
      {"kj/", kCodecs},
      {"openssl/", {"eventlog/sha256", "eventlog/base64", "eventlog/note"}},
      {"xxhash.h", {"eventlog/record", "cli/prefix_hash"}},
      {"CLI/", {"cli/"}},
      {"yaml-cpp/", {"cli/yaml_"}},
      {"nlohmann/", {"cli/"}},
  };
  for (const Source& source : Sources()) {
    if (IsTest(source.path)) continue;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string included = Included(source.lines[i]);
      for (const auto& [library, places] : rules) {
        if (included.rfind(library, 0) != 0) continue;
        EXPECT_TRUE(BeginsWithAnyOf(source.path, places))
            << source.path << ":" << i + 1 << ": " << included << " has no place here";
      }
    }
  }
}

// What decides and what folds: the same arguments must give the same answer, years later.
bool IsPure(const Source& source) {
  if (IsTest(source.path)) return false;
  return BeginsWithAnyOf(source.path, {"projections/",
                                       "engines/",
                                       "commands/decide.",
                                       "commands/apply.",
                                       "commands/definition_rules.",
                                       "commands/faults.",
                                       "commands/review.",
                                       "commands/due.",
                                       "commands/health.",
                                       "commands/recorded_time.",
                                       "commands/candidate.",
                                       "commands/pool_model.",
                                       "commands/scenario_model.",
                                       "commands/what_if.",
                                       "commands/replay.",
                                       "commands/shadow.",
                                       "commands/strangers.",
                                       "commands/why_not.",
                                       "commands/bisect.",
                                       "commands/launch.",
                                       "commands/launch_orders.",
                                       "commands/service_values.",
                                       "provisioner/reconcile."});
}

TEST(Tidy, TheCoreIsPure) {
  const struct {
    std::regex word;
    const char* instead;
  } rules[] = {
      {std::regex("system_clock|steady_clock|high_resolution_clock|gettimeofday|\\btime\\("),
       "take the time as an argument"},
      {std::regex("<random>|\\brand\\(|random_device|mt19937"), "break ties by a total order"},
      {std::regex("\\bunordered_"), "use map or vector: the order would leak into decisions"},
      {std::regex("<thread>|<mutex>|<atomic>|<future>|\\bsleep"), "leave threads to the shell"},
      {std::regex("<fstream>|<iostream>|<filesystem>|<cstdio>|<unistd\\.h>|fopen|getenv"),
       "leave the outside to the shell"},
      {std::regex("<cmath>|<math\\.h>|std::(pow|exp|log|sqrt|round|ceil|floor)\\("),
       "libm differs between machines"},
      {std::regex("simulat", std::regex::icase), "the core does not know where it runs"},
  };
  int looked_at = 0;
  for (const Source& source : Sources()) {
    if (!IsPure(source)) continue;
    ++looked_at;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string line = WithoutComment(source.lines[i]);
      for (const auto& [word, instead] : rules) {
        EXPECT_FALSE(std::regex_search(line, word))
            << source.path << ":" << i + 1 << ": " << source.lines[i] << "\n  instead: " << instead;
      }
    }
  }
  EXPECT_GT(looked_at, 20);
}

TEST(Tidy, WhatItLooksForItFinds) {
  EXPECT_EQ(Included("#include <zmq.hpp>"), "zmq.hpp");
  EXPECT_EQ(Included("#include \"cli/context.h\""), "cli/context.h");
  EXPECT_EQ(Included("// #include <zmq.hpp>"), "");
  EXPECT_EQ(WithoutComment("Time now;  // not system_clock"), "Time now;  ");
}

}  // namespace
}  // namespace epu
