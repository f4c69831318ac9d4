// docs/engines.md writes an engine; this holds it to what is compiled. A block of code there names
// the file it is of: "```cpp tests/example_engine/backlog.cc".

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/config_file.h"
#include "tests/example_engine/backlog.h"

namespace epu {
namespace {

constexpr char kDocument[] = "docs/engines.md";

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The blocks of the document by what stands behind their fence: "cpp tests/…/backlog.h".
std::map<std::string, std::vector<std::string>> Blocks() {
  std::map<std::string, std::vector<std::string>> blocks;
  std::ifstream document(kDocument);
  std::string* block = nullptr;
  for (std::string line; std::getline(document, line);) {
    if (!line.starts_with("```")) {
      if (block != nullptr) *block += line + "\n";
    } else if (block != nullptr) {
      block = nullptr;
    } else {
      block = &blocks[line.substr(3)].emplace_back();
    }
  }
  EXPECT_EQ(block, nullptr) << "the last block has no end";
  return blocks;
}

TEST(Document, ShowsTheWholeOfEachFileInItsOrder) {
  const auto blocks = Blocks();
  for (const std::string name : {"backlog.h", "backlog.cc", "backlog_test.cc"}) {
    const std::string path = "tests/example_engine/" + name;
    const auto shown = blocks.find("cpp " + path);
    ASSERT_NE(shown, blocks.end()) << path;
    std::string text;
    for (const std::string& block : shown->second) text += (text.empty() ? "" : "\n") + block;
    EXPECT_EQ(text, TextOf(path)) << kDocument << " shows another " << path;
  }
}

TEST(Document, ShowsTheTargets) {
  const auto blocks = Blocks();
  const std::string path = "tests/example_engine/BUILD.bazel";
  const auto shown = blocks.find("python " + path);
  ASSERT_NE(shown, blocks.end());
  for (const std::string& block : shown->second) {
    EXPECT_NE(TextOf(path).find(block), std::string::npos) << block;
  }
}

TEST(Document, ShowsAConfigurationThatIsAccepted) {
  const auto blocks = Blocks();
  const auto shown = blocks.find("yaml");
  ASSERT_NE(shown, blocks.end());
  EngineCatalog catalog = BuiltInEngines();
  catalog.push_back({"backlog", 1, "", BacklogKeys(), MakeBacklog()});
  for (const std::string& block : shown->second) {
    const ParsedConfig parsed = ParseConfig(block, catalog, {});
    EXPECT_EQ(parsed.apply.epus.size(), 1u);
    for (const ConfigFault& fault : parsed.faults) ADD_FAILURE() << FormatFault("yaml", fault);
  }
}

}  // namespace
}  // namespace epu
