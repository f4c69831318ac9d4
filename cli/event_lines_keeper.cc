#include "cli/event_lines_keeper.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include <absl/cleanup/cleanup.h>
#include <fmt/format.h>

#include "eventlog/read_events.h"

namespace epu {
namespace {

constexpr auto kPause = std::chrono::milliseconds(250);
constexpr std::streamoff kTail = 64 * 1024;  // Holds more than one line.

// The sequence in the key of the last line of a file; 0 where it has none of ours.
Sequence LastSequence(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return 0;
  const std::streamoff size = file.tellg();
  file.seekg(std::max<std::streamoff>(size - kTail, 0));
  const std::string tail{std::istreambuf_iterator<char>(file), {}};
  Sequence last = 0;
  for (std::size_t begin = 0; begin < tail.size();) {
    const std::size_t end = std::min(tail.find('\n', begin), tail.size());
    const auto line = ParseEventLine(std::string_view(tail).substr(begin, end - begin));
    begin = end + 1;
    if (!line.ok() || !*line) continue;
    const std::string& key = (*line)->key;
    const std::size_t dash = key.find('-');
    if (dash == std::string::npos) continue;
    std::from_chars(key.data() + dash + 1, key.data() + key.size(), last);
  }
  return last;
}

void TurnOver(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (!error && size >= kLinesMax) std::filesystem::rename(path, path + ".1", error);
}

absl::Status AddTo(const std::string& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return absl::ErrnoToStatus(errno, fmt::format("cannot write {}", path));
  const absl::Cleanup closer = [file] { close(file); };
  const ssize_t written = write(file, text.data(), text.size());
  if (written == static_cast<ssize_t>(text.size())) return absl::OkStatus();
  return absl::ErrnoToStatus(written < 0 ? errno : ENOSPC, fmt::format("cannot write {}", path));
}

}  // namespace

EventLinesKeeper::EventLinesKeeper(const EventLog& log, const SnapshotFiles& files,
                                   std::string path)
    : log_(log), files_(files), path_(std::move(path)) {}

absl::Status EventLinesKeeper::Begin() {
  const absl::StatusOr<Sequence> head = log_.Head();
  if (!head.ok()) return head.status();
  const Sequence here = LastSequence(path_);
  const Sequence last = here != 0 ? here : LastSequence(path_ + ".1");
  known_ = files_.Nearest(log_, std::min(last, *head));
  if (absl::Status folded = CatchUp(log_, known_, std::min(last, *head)); !folded.ok())
    return folded;
  lines_.Begin(known_.state);
  begun_ = true;
  return absl::OkStatus();
}

absl::Status EventLinesKeeper::CatchUpAndWrite() {
  if (!begun_) {
    if (absl::Status begun = Begin(); !begun.ok()) return begun;
  }
  const absl::StatusOr<Sequence> head = log_.Head();
  if (!head.ok()) return head.status();
  std::string text;
  const absl::StatusOr<Sequence> read =
      ReadEvents(log_, known_.position, *head, EveryEvent{}, [&](const Event& event, RecordView) {
        Evolve(known_.state, event);
        known_.position = event.sequence;
        for (const EventLine& line : lines_.Of(known_.state, event)) {
          text += FormatEventLine(line) + "\n";
        }
        return true;
      });
  if (!text.empty()) TurnOver(path_);
  absl::Status written = text.empty() ? absl::OkStatus() : AddTo(path_, text);
  if (!written.ok()) begun_ = false;  // From the last line that is there.
  return read.ok() ? written : read.status();
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
