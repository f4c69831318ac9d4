#include "cli/completion.h"

#include <gtest/gtest.h>

#include "cli/sample_log_for_tests.h"

namespace epu {
namespace {

using Words = std::vector<std::string>;

TEST(Completion, OffersWhatIsThere) {
  HandmadeLog sample;
  PutSample(sample);
  const State state = sample.FoldTo(18197);
  const std::vector<VerbOptions> verbs = {
      {"history", {"--kind", "--all", "--run"}, {"--kind", "--run"}},
      {"why", {"--at", "--run"}, {"--at", "--run"}},
      {"reconfigure", {"--run"}, {"--run"}},
      {"launch boot", {"--cloud", "--run"}, {"--cloud", "--run"}},
      {"launch clean", {"--run"}, {"--run"}},
  };
  struct Case {
    Words words;
    Words expected;
  };
  const std::vector<Case> cases = {
      {{""}, {"history", "launch", "reconfigure", "why"}},
      {{"la"}, {"launch"}},
      {{"launch", ""}, {"boot", "clean"}},
      {{"launch", "b"}, {"boot"}},
      {{"launch", "boot", "--c"}, {"--cloud"}},
      {{"launch", "boot", ""}, {}},
      {{"h"}, {"history"}},
      {{"--run", "default", "wh"}, {"why"}},
      {{"history", "--a"}, {"--all"}},
      {{"history", "--kind", "de"}, {"decision", "denied", "devmode-failed"}},
      {{"history", "we"}, {"web", "web/1", "web/3", "web/4"}},
      {{"why", "crunch/1"}, {"crunch/10", "crunch/11", "crunch/12"}},
      {{"why", "crunch/q"}, {"crunch/queue"}},
      {{"why", "crunch", ""}, {}},
      {{"reconfigure", "crunch", "queuelen_h"}, {"queuelen_high_water="}},
      {{"reconfigure", "web", "pre"}, {"preserve_n="}},
      {{"nonsense"}, {}},
      {{}, {}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Complete(c.words, verbs, state, BuiltInEngines()), c.expected)
        << (c.words.empty() ? "" : c.words.back());
  }
}

TEST(Completion, HasAScriptForThreeShells) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    EXPECT_NE(CompletionScript(shell).find("epumgmt __complete --"), std::string::npos) << shell;
  }
  EXPECT_EQ(CompletionScript("csh"), "");
}

}  // namespace
}  // namespace epu
