// verify, checkpoint and prove as they are typed, on the log of the samples.

#include "cli/verb_checkpoint.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "cli/sample_log_for_tests.h"
#include "cli/signing_keys.h"
#include "cli/typed_for_tests.h"
#include "eventlog/proof.h"

namespace epu {
namespace {

// The run of the samples with a key to sign with, and files that are kept elsewhere.
class Proofs : public testing::Test {
 protected:
  void SetUp() override {
    PutSample(sample_);
    std::filesystem::remove_all(home_);
    std::filesystem::create_directories(home_ + "/default");
    CHECK(SigningKeys(home_ + "/default/keys").Make("k3f9").ok());
  }
  Typed AtHome(const std::vector<std::string>& words) {
    return TypeOn(sample_.log(), words, home_);
  }
  std::string Put(const std::string& name, const std::string& text) {
    std::ofstream(home_ + "/" + name) << text;
    return home_ + "/" + name;
  }
  std::string Verifier() {
    const std::string line = AtHome({"checkpoint", "--public-key"}).out;
    return line.substr(0, line.size() - 1);
  }

  HandmadeLog sample_;
  const std::string home_ = testing::TempDir() + "/home";
};

TEST_F(Proofs, SayWhatTheLogIsAndVerifyItGrew) {
  const std::string note = AtHome({"checkpoint", "--at", "18180"}).out;
  EXPECT_EQ(note.rfind("epu/k3f9\n18180\n", 0), 0u) << note;
  EXPECT_NE(note.find("\ntime 2026-11-22T09:13:45.201000Z\n\n\u2014 epu/k3f9 "), std::string::npos);
  EXPECT_NE(AtHome({"verify"}).out.find("shown: sound in itself. "), std::string::npos);
  const std::string old = Put("old", note);
  const Typed grown = AtHome({"verify", "--checkpoint", old});
  EXPECT_EQ(grown.exit, Exit::kDone) << grown.err;
  EXPECT_NE(grown.out.find("shown: grown from the checkpoint of 2026-11-22 09:13:45Z (18,180 "),
            std::string::npos)
      << grown.out;
  // What a replaced key signed is still verified.
  EXPECT_EQ(AtHome({"checkpoint", "--new-key"}).exit, Exit::kDone);
  EXPECT_EQ(AtHome({"verify", "--checkpoint", old}).exit, Exit::kDone);
}

TEST_F(Proofs, ProveAnEventToWhoHasNotTheLog) {
  const std::string proof = Put("proof", AtHome({"prove", "18181"}).out);
  const MemoryLog nothing;
  const Typed proven = TypeOn(nothing, {"verify", "--proof", proof, "--key", Verifier()});
  EXPECT_EQ(proven.exit, Exit::kDone) << proven.err;
  EXPECT_EQ(proven.out.rfind("18181 is in the log epu/k3f9: decision of 2026-11-22 09:13:45Z, ", 0),
            0u)
      << proven.out;
  const std::string old = Put("old", AtHome({"checkpoint", "--at", "18190"}).out);
  const std::string by_old = AtHome({"prove", "5", "--checkpoint", old}).out;
  EXPECT_NE(by_old.find("\n\nepu/k3f9\n18190\n"), std::string::npos) << by_old;
  EXPECT_EQ(AtHome({"verify", "--proof", Put("by_old", by_old)}).exit, Exit::kDone);
}

TEST_F(Proofs, ShowThatALogOnlyGrewToWhoHasNotTheLog) {
  const std::string old = Put("old", AtHome({"checkpoint", "--at", "18180"}).out);
  const std::string growth = AtHome({"prove", "--since", old}).out;
  EXPECT_EQ(growth.rfind("old 18180\n", 0), 0u) << growth;
  const MemoryLog nothing;
  const auto verify = [&](const std::string& file, const std::string& older) {
    return TypeOn(nothing, {"verify", "--proof", file, "--checkpoint", older, "--key", Verifier()});
  };
  const Typed proven = verify(Put("growth", growth), old);
  EXPECT_EQ(proven.exit, Exit::kDone) << proven.err;
  EXPECT_EQ(proven.out.rfind("the log epu/k3f9 only grew from the checkpoint of 2026-11-22 "
                             "09:13:45Z (18,180 records) to that of ",
                             0),
            0u)
      << proven.out;
  const Typed other = verify(home_ + "/growth", Put("1", AtHome({"checkpoint", "--at", "5"}).out));
  EXPECT_EQ(other.exit, Exit::kRefused);
  EXPECT_NE(other.err.find("it does not prove that the 18197 records"), std::string::npos);
  EXPECT_EQ(TypeOn(nothing, {"verify", "--proof", home_ + "/growth"}).exit, Exit::kTyped);
  EXPECT_EQ(verify(Put("2", AtHome({"prove", "5"}).out), old).exit, Exit::kTyped);
  EXPECT_EQ(AtHome({"prove"}).exit, Exit::kTyped);
  EXPECT_EQ(AtHome({"prove", "5", "--since", old}).exit, Exit::kTyped);
}

TEST_F(Proofs, AreWrittenInTheirOwnPlaceAlone) {
  const std::string path = home_ + "/anchor";
  EXPECT_EQ(AtHome({"checkpoint", "--at", "18180", "--write", path}).out,
            path + ": epu/k3f9 of 18180 records, 2026-11-22 09:13:45Z\n");
  EXPECT_EQ(AtHome({"checkpoint", "--write", path}).exit, Exit::kDone);
  EXPECT_EQ(AtHome({"checkpoint", "--at", "18180", "--write", path}).err,
            "epumgmt: " + path +
                " is left as it is: it covers 18197 records, which is more than "
                "18180\n");
  HandmadeLog other;
  other.Put(1, At(6, 0, 0), ServerStarted{"k3f9", 1, "host", 1, "/log"});
  const Typed refused = TypeOn(other.log(), {"checkpoint", "--write", path}, home_);
  EXPECT_EQ(refused.exit, Exit::kRefused);
  EXPECT_EQ(refused.err, "epumgmt: " + path +
                             " is left as it is: it covers 18197 records, and the "
                             "log ends at 1\n");
}

TEST_F(Proofs, AreRefusedWhereTheyAreWrong) {
  const std::string note = AtHome({"checkpoint", "--at", "18180"}).out;
  const std::string proof = AtHome({"prove", "18181"}).out;
  const auto with = [](std::string text, const std::string& old, const std::string& fresh) {
    return text.replace(text.find(old), old.size(), fresh);
  };
  Proof altered = *ParseProof(proof);
  altered.record.back() ^= 1;
  const std::string stranger = FormatVerifierKey(VerifierOf(DrawSigningKey("epu/k3f9")));
  const std::string renamed = with(note.substr(0, note.find("\n\n") + 1), "k3f9", "x7ab");
  const std::string other = SignNote(renamed, DrawSigningKey("epu/x7ab"));
  const std::string of_other =
      SignNote(renamed, *SigningKeys(home_ + "/default/keys").Make("x7ab"));
  const struct {
    std::vector<std::string> words;
    Exit exit;
    std::string says;
  } cases[] = {
      {{"verify", "--checkpoint", Put("1", with(note, "18180", "18181"))},
       Exit::kRefused,
       "/1: its signature by epu/k3f9+"},
      {{"verify", "--checkpoint", Put("2", note), "--key", stranger},
       Exit::kRefused,
       "a key that is not known here; name it with --key"},
      {{"verify", "--checkpoint", Put("3", other)}, Exit::kRefused, "a key that is not known here"},
      {{"verify", "--checkpoint", Put("4", of_other)},
       Exit::kRefused,
       "the checkpoint is of another log, epu/x7ab; this one is epu/k3f9"},
      {{"verify", "--checkpoint", Put("5", "a letter\n")},
       Exit::kRefused,
       "/5: it is no signed note: "},
      {{"verify", "--checkpoint", home_ + "/none"}, Exit::kTyped, "No such file"},
      {{"verify", "--proof", Put("6", with(proof, "index 18180", "index 18181"))},
       Exit::kRefused,
       "/6: its record is not the record 18182 of the 18197"},
      {{"verify", "--proof", Put("7", FormatProof(altered))}, Exit::kRefused, "it was altered"},
      {{"verify", "--proof", Put("8", proof), "--key", stranger}, Exit::kRefused, "not known here"},
      {{"verify", "--proof", Put("9", note)}, Exit::kRefused, "/9: it is no proof: "},
      {{"verify", "--key", "nonsense"},
       Exit::kTyped,
       "--key is \"nonsense\"; it is no verifier key"},
      {{"prove", "18198"}, Exit::kTyped, "there is no event 18198; the last is 18197"},
      {{"prove", "web"}, Exit::kTyped, "\"web\" is no sequence"},
      {{"prove", "18190", "--checkpoint", Put("10", note)},
       Exit::kTyped,
       "the checkpoint covers 18180 events, and 18190 is not among them"},
      {{"checkpoint", "--at", "99999"}, Exit::kTyped, "there is no event 99999 yet"},
  };
  for (const auto& [words, exit, says] : cases) {
    const Typed typed = AtHome(words);
    EXPECT_EQ(typed.exit, exit) << says << typed.err;
    EXPECT_NE(typed.err.find(says), std::string::npos) << typed.err;
    EXPECT_EQ(std::count(typed.err.begin(), typed.err.end(), '\n'), 1) << typed.err;
    EXPECT_EQ(typed.out, "");
  }
  std::filesystem::remove_all(home_ + "/default/keys");
  const Typed keyless = AtHome({"checkpoint"});
  EXPECT_EQ(keyless.exit, Exit::kSurroundings);
  EXPECT_NE(keyless.err.find("epumgmt checkpoint --new-key"), std::string::npos) << keyless.err;
}

}  // namespace
}  // namespace epu
