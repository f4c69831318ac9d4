// The shape of what --json prints, verb by verb: every field and what it holds. Programs lean on
// it, so fields may be added and are never renamed. Held by json_shapes.txt.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/bisect_log_for_tests.h"
#include "cli/sample_log_for_tests.h"
#include "cli/signing_keys.h"
#include "cli/typed_for_tests.h"
#include "projections/every_kind_for_tests.h"

namespace epu {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kGolden[] = "cli/json_shapes.txt";

// "status.epus[].name" and what is found there: text, number, true or false, nothing (null).
using Shape = std::map<std::string, std::set<std::string>>;

void AddShape(const std::string& path, const Json& json, Shape& shape) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items()) AddShape(path + "." + key, value, shape);
    if (json.empty()) shape[path].insert("{}");
  } else if (json.is_array()) {
    for (const Json& element : json) AddShape(path + "[]", element, shape);
    if (json.empty()) shape[path].insert("[]");
  } else {
    shape[path].insert(json.is_string()    ? "text"
                       : json.is_number()  ? "number"
                       : json.is_boolean() ? "bool"
                                           : "null");
  }
}

std::string TextOf(const Shape& shape) {
  std::string text;
  for (const auto& [path, kinds] : shape) {
    std::string line = path;
    for (const std::string& kind : kinds) line += (line == path ? "  " : "|") + kind;
    text += line + "\n";
  }
  return text;
}

// Adds what a command line answers, an object a line, under `name`; of an event also its kind.
void AddAnswers(const std::string& name, const std::string& out, Shape& shape) {
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    const Json json = Json::parse(line);
    const bool event = name == "history";
    AddShape(event ? name + "/" + json.at("kind").get<std::string>() : name, json, shape);
  }
}

Shape ShapeOfEverything() {
  HandmadeLog sample;
  PutSample(sample);
  MemoryLog kinds;
  std::vector<Record> records;
  for (const Event& event : EventsOfEveryKind()) records.push_back(Encode(event));
  EXPECT_TRUE(kinds.Append(0, records, Reserve::kKeep).ok());

  const std::string home = testing::TempDir();
  const std::string worker = home + "/default/workers/crunch/12";
  std::filesystem::create_directories(worker);
  std::ofstream(worker + "/stdout") << "up\n";

  EXPECT_TRUE(SigningKeys(home + "/default/keys").Make("k3f9").ok());
  std::ofstream(home + "/old.ckpt")
      << TypeOn(sample.log(), {"checkpoint", "--at", "18180"}, home).out;
  std::ofstream(home + "/18181.tlog-proof") << TypeOn(sample.log(), {"prove", "18181"}, home).out;
  std::ofstream(home + "/growth")
      << TypeOn(sample.log(), {"prove", "--since", home + "/old.ckpt"}, home).out;

  struct Case {
    std::string name;
    std::vector<std::string> words;
  };
  const std::vector<Case> cases = {
      {"status", {"status"}},
      {"status EPU", {"status", "crunch"}},
      {"get epus", {"get", "epus"}},
      {"get workers", {"get", "workers"}},
      {"get sites", {"get", "sites"}},
      {"get sensors", {"get", "sensors"}},
      {"get strangers", {"get", "strangers"}},
      {"history", {"history", "--all"}},
      {"show", {"show", "18181"}},
      {"show SEQ SEQ", {"show", "18181", "18182"}},
      {"config", {"config"}},
      {"logs", {"logs", "crunch/12"}},
      {"engines", {"engines"}},
      {"engines NAME", {"engines", "queuelen"}},
      {"engines --at", {"engines", "--at", "18184"}},
      {"why", {"why", "crunch/12"}},
      {"why-not", {"why-not", "crunch"}},
      {"leaks", {"leaks"}},
      {"diff", {"diff", "--at", "18180", "--at", "18197"}},
      {"verify", {"verify"}},
      {"verify --checkpoint", {"verify", "--checkpoint", home + "/old.ckpt"}},
      {"verify --proof", {"verify", "--proof", home + "/18181.tlog-proof"}},
      {"checkpoint", {"checkpoint"}},
      {"checkpoint --public-key", {"checkpoint", "--public-key"}},
      {"prove", {"prove", "18181"}},
      {"prove --since", {"prove", "--since", home + "/old.ckpt"}},
      {"verify growth",
       {"verify", "--proof", home + "/growth", "--checkpoint", home + "/old.ckpt"}},
      {"version", {"version"}},
  };
  Shape shape;
  for (const Case& c : cases) {
    std::vector<std::string> words = c.words;
    words.push_back("--json");
    const Typed answer = TypeOn(sample.log(), words, home);
    EXPECT_EQ(answer.exit, Exit::kDone) << c.name << answer.err;
    AddAnswers(c.name, answer.out, shape);
  }
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"history", "--all", "--json"},
        {"status", "--json"},
        {"get", "strangers", "--json"}}) {
    const std::string name = words.front() == "get" ? "get strangers" : words.front();
    AddAnswers(name, TypeOn(kinds, words).out, shape);
  }
  // Nobody's engines made the sample's decisions, so that there is a difference to show.
  AddAnswers("replay", TypeOn(sample.log(), {"replay", "--json"}).out, shape);
  MemoryLog bisected;
  const Sequence decision = PutBisected(bisected);
  AddAnswers("bisect", TypeOn(bisected, {"bisect", std::to_string(decision), "--json"}).out, shape);
  const Typed wrong = TypeOn(sample.log(), {"status", "crunsh", "--json"});
  EXPECT_EQ(wrong.exit, Exit::kTyped);
  AddAnswers("an error", wrong.err, shape);
  return shape;
}

TEST(JsonShapes, AreWhatTheyWere) {
  const std::string found = TextOf(ShapeOfEverything());
  std::stringstream golden;
  golden << std::ifstream(kGolden).rdbuf();
  if (found == golden.str()) return;
  if (const char* outputs = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR")) {
    std::ofstream(std::string(outputs) + "/json_shapes.txt") << found;
  }
  std::set<std::string> before;
  for (std::string line; std::getline(golden, line);) before.insert(line);
  std::string difference;
  std::istringstream lines(found);
  for (std::string line; std::getline(lines, line);) {
    if (before.erase(line) == 0) difference += "+ " + line + "\n";
  }
  for (const std::string& line : before) difference += "- " + line + "\n";
  ADD_FAILURE()
      << difference
      << "A field that is gone or renamed breaks programs. For one that was added, put the "
         "file json_shapes.txt of this test's outputs in the place of "
      << kGolden << ".";
}

// Whatever a log may say is among what is held.
TEST(JsonShapes, CoverEveryKindOfEvent) {
  const Shape shape = ShapeOfEverything();
  for (const std::string_view kind : KindNames()) {
    const std::string path = "history/" + std::string(kind) + ".sequence";
    EXPECT_TRUE(shape.contains(path)) << path;
  }
}

}  // namespace
}  // namespace epu
