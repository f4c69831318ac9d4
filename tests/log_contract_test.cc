#include "tests/log_contract.h"

#include <memory>
#include <string>

#include "eventlog/lmdb_log.h"
#include "eventlog/memory_log.h"

namespace epu {
namespace {

constexpr MemoryRoom kRoomy{std::size_t{1} << 30, 0};
constexpr MemoryRoom kSmall{std::size_t{1} << 20, std::size_t{256} << 10};

class MemoryLogUnderTest final : public LogUnderTest {
 public:
  explicit MemoryLogUnderTest(MemoryRoom room) : log_(room) {}

  EventLog& log() override { return log_; }
  void Damage(Sequence sequence, std::size_t bit) override { log_.TEST_FlipBit(sequence, bit); }
  void MakeRoom() override { log_.SetRoom(kRoomy); }

 private:
  MemoryLog log_;
};

constexpr LmdbOptions kRoomyMap{.map_bytes = std::size_t{1} << 30,
                                .reserve_bytes = std::size_t{256} << 10};
constexpr LmdbOptions kSmallMap{.map_bytes = std::size_t{1} << 20,
                                .reserve_bytes = std::size_t{256} << 10};

// Its small log is one whose map is soon full; room is made by opening it with a greater one.
class LmdbLogUnderTest final : public LogUnderTest {
 public:
  explicit LmdbLogUnderTest(const LmdbOptions& options)
      : log_(*LmdbLog::Create(directory_.path(), "test", options)) {}

  EventLog& log() override { return *log_; }
  void Damage(Sequence sequence, std::size_t bit) override {
    const Reading reading = ReadAfter(*log_, sequence - 1, {.records = 1, .bytes = SIZE_MAX});
    FlipBitInFile(directory_.path() + "/data.mdb", reading.records.at(0), bit);
  }
  void MakeRoom() override {
    log_.reset();
    log_ = *LmdbLog::Open(directory_.path(), kRoomyMap);
  }

 private:
  const TemporaryDirectory directory_;
  std::unique_ptr<LmdbLog> log_;
};

template <typename Log, typename Size>
LogKind MakeKind(const std::string& name, const Size& roomy, const Size& small) {
  return {name, [=] { return std::make_unique<Log>(roomy); },
          [=] { return std::make_unique<Log>(small); }};
}

INSTANTIATE_TEST_SUITE_P(Logs, LogContract,
                         testing::Values(MakeKind<MemoryLogUnderTest>("Memory", kRoomy, kSmall),
                                         MakeKind<LmdbLogUnderTest>("Lmdb", kRoomyMap, kSmallMap)),
                         [](const testing::TestParamInfo<LogKind>& kind) {
                           return kind.param.name;
                         });

}  // namespace
}  // namespace epu
