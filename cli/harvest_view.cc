#include "cli/harvest_view.h"

#include <fmt/format.h>

#include "cli/launch_walk.h"

namespace epu {
namespace {

void NoteMore(std::size_t all, std::size_t named, std::string_view what,
              std::vector<std::string>& notes) {
  if (all > named) notes.push_back(fmt::format("and {} more {}", all - named, what));
}

}  // namespace

std::string HarvestText(const HarvestCounts& counts) {
  std::string text =
      fmt::format("{} recorded, of {} ({} read); {} known, {} of single jobs left out, {} bad",
                  Plural(counts.lines, "new event"), Plural(counts.files, "file"),
                  Plural(counts.bytes, "byte"), counts.known, counts.skipped, counts.bad);
  if (counts.unread != 0) {
    text += fmt::format("; {} could not be read", Plural(counts.unread, "path"));
  }
  return text + "\n";
}

std::vector<std::string> HarvestNotes(const HarvestCounts& counts) {
  std::vector<std::string> notes = counts.complaints;
  NoteMore(counts.bad, counts.complaints.size(), "bad", notes);
  for (const UnreadFile& file : counts.unread_files) {
    notes.push_back(fmt::format("{} is not read: {}", file.path, file.reason));
  }
  NoteMore(counts.unread, counts.unread_files.size(), "not read", notes);
  return notes;
}

Json HarvestJson(const HarvestCounts& counts) {
  Json unread = Json::array();
  for (const UnreadFile& file : counts.unread_files) {
    unread.push_back({{"path", file.path}, {"error", file.reason}});
  }
  return {{"files", counts.files},
          {"bytes", counts.bytes},
          {"new", counts.lines},
          {"known", counts.known},
          {"skipped", counts.skipped},
          {"bad", counts.bad},
          {"complaints", counts.complaints},
          {"unread", counts.unread},
          {"unread_paths", std::move(unread)}};
}

}  // namespace epu
