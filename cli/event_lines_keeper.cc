#include "cli/event_lines_keeper.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "cli/line_file.h"
#include "eventlog/read_events.h"

namespace epu {
namespace {

constexpr auto kPause = std::chrono::milliseconds(250);
constexpr std::size_t kTail = 64 * 1024;    // Holds the lines of more than one event.
constexpr std::size_t kWriteMax = 1 << 20;  // Written at once, but for the lines of one event.

// The keys of ours in the last `most` bytes of the file and of the one before it, oldest first.
std::vector<std::string> KeysAt(const std::string& path, std::size_t most) {
  std::vector<std::string> keys;
  for (const std::string& file : {path + ".1", path}) {
    for (const std::string& text : LastLines(file, most)) {
      const auto line = ParseEventLine(text);
      if (line.ok() && *line && PlaceOfKey((*line)->key)) keys.push_back((*line)->key);
    }
  }
  return keys;
}

// From `sequence` on, events are of this epoch.
struct EpochStart {
  Sequence sequence = 0;
  std::string log_id;
  std::uint32_t epoch = 0;
};

absl::StatusOr<std::vector<EpochStart>> EpochsOf(const EventLog& log, Sequence head) {
  std::vector<EpochStart> starts;
  const absl::StatusOr<Sequence> read = ReadEvents(
      log, 0, head, [](const Head& event) { return IsKindOf<ServerStarted>(event.kind); },
      [&](const Event& event, RecordView) {
        const auto& fact = std::get<ServerStarted>(event.payload);
        starts.push_back({event.sequence, fact.log_id, fact.epoch});
        return true;
      });
  if (!read.ok()) return read.status();
  return starts;
}

bool IsIn(const std::vector<EpochStart>& epochs, const EventPlace& place) {
  const auto after = std::upper_bound(
      epochs.begin(), epochs.end(), place.sequence,
      [](Sequence sequence, const EpochStart& one) { return sequence < one.sequence; });
  if (after == epochs.begin()) return false;
  const EpochStart& start = *std::prev(after);
  return start.log_id == place.log_id && place.epoch.value_or(start.epoch) == start.epoch;
}

void TurnOver(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (!error && size >= kLinesMax) std::filesystem::rename(path, path + ".1", error);
}

}  // namespace

EventLinesKeeper::EventLinesKeeper(const EventLog& log, const SnapshotFiles& files,
                                   std::string path)
    : log_(log), files_(files), path_(std::move(path)) {}

// The log is asked whether it makes the line that the file ends with.
absl::Status EventLinesKeeper::Begin() {
  const absl::StatusOr<Sequence> head = log_.Head();
  if (!head.ok()) return head.status();
  const std::vector<std::string> keys = KeysAt(path_, kTail);
  if (!keys.empty()) {
    const EventPlace last = *PlaceOfKey(keys.back());
    absl::StatusOr<bool> resumed = false;
    if (last.sequence != 0 && last.sequence <= *head) {
      resumed = ResumeAt(last, {keys.begin(), keys.end()});
    }
    if (!resumed.ok()) return resumed.status();
    begun_ = *resumed;
    if (begun_) return absl::OkStatus();
  }
  if (absl::Status found = ResumeInOtherHistory(KeysAt(path_, SIZE_MAX), *head); !found.ok()) {
    return found;
  }
  begun_ = true;
  return absl::OkStatus();
}

// Comes to the event at `place`; what of its lines is not there is missing_. Whether one is there.
absl::StatusOr<bool> EventLinesKeeper::ResumeAt(const EventPlace& place,
                                                const std::set<std::string>& there) {
  const Sequence before = place.sequence - 1;
  known_ = files_.Nearest(log_, before);
  if (absl::Status folded = CatchUp(log_, known_, before); !folded.ok()) return folded;
  lines_ = {};
  lines_.Begin(known_.state);
  missing_.clear();
  bool found = false;
  const absl::StatusOr<Sequence> read =
      ReadEvents(log_, before, place.sequence, EveryEvent{}, [&](const Event& event, RecordView) {
        Evolve(known_.state, event);
        known_.position = event.sequence;
        for (const EventLine& line : lines_.Of(known_.state, event)) {
          if (there.contains(line.key) || there.contains(KeyWithoutEpoch(line.key))) {
            found = true;
          } else {
            missing_ += FormatEventLine(line) + "\n";
          }
        }
        return true;
      });
  if (!read.ok()) return read.status();
  return found;
}

// Of none of the lines: from the log's first event on.
absl::Status EventLinesKeeper::ResumeInOtherHistory(const std::vector<std::string>& keys,
                                                    Sequence head) {
  const absl::StatusOr<std::vector<EpochStart>> epochs = EpochsOf(log_, head);
  if (!epochs.ok()) return epochs.status();
  const auto last = std::find_if(keys.rbegin(), keys.rend(), [&](const std::string& key) {
    const EventPlace place = *PlaceOfKey(key);
    return place.sequence <= head && IsIn(*epochs, place);
  });
  known_ = {};
  lines_ = {};
  missing_.clear();
  if (last == keys.rend()) return absl::OkStatus();
  return ResumeAt(*PlaceOfKey(*last), {keys.begin(), keys.end()}).status();
}

absl::Status EventLinesKeeper::CatchUpAndWrite() {
  if (!begun_) {
    if (absl::Status begun = Begin(); !begun.ok()) return begun;
  }
  const absl::StatusOr<Sequence> head = log_.Head();
  if (!head.ok()) return head.status();
  std::string text = std::exchange(missing_, {});
  do {
    const absl::StatusOr<Sequence> read =
        ReadEvents(log_, known_.position, *head, EveryEvent{}, [&](const Event& event, RecordView) {
          Evolve(known_.state, event);
          known_.position = event.sequence;
          for (const EventLine& line : lines_.Of(known_.state, event)) {
            text += FormatEventLine(line) + "\n";
          }
          return text.size() < kWriteMax;
        });
    const absl::Status written = Write(text);
    if (!read.ok() || !written.ok()) return read.ok() ? written : read.status();
  } while (known_.position < *head);
  return absl::OkStatus();
}

absl::Status EventLinesKeeper::Write(std::string& text) {
  if (text.empty()) return absl::OkStatus();
  TurnOver(path_);
  const absl::Status written = AppendLines(path_, std::exchange(text, {}));
  if (!written.ok()) begun_ = false;
  return written;
}

void EventLinesKeeper::Run(const std::stop_token& stop, const Journal& journal) {
  std::string said;
  while (!stop.stop_requested()) {
    const std::string failure(CatchUpAndWrite().message());
    if (!failure.empty() && failure != said) {
      journal.Write(Level::kWarn, fmt::format("no event lines are written: {}", failure));
    }
    said = failure;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace epu
