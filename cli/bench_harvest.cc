#include "cli/bench_harvest.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include <absl/cleanup/cleanup.h>
#include <fmt/format.h>

#include "cli/harvest.h"

namespace epu {
namespace {

constexpr int kFiles = 4;
constexpr int kLinesAnEvent = 100;
constexpr std::size_t kRawBlock = 256 * 1024;  // As a harvest reads.

std::string FileOf(const std::string& directory, int file) {
  return fmt::format("{}/{}.log", directory, file);
}

// Lines as programs log them, of some hundred bytes.
std::string LineOf(int file, std::uint64_t number) {
  const Time time(std::chrono::seconds(1'795'338'000) + std::chrono::milliseconds(number * 7));
  if (number % kLinesAnEvent != 0) {
    return fmt::format(
        "2026-11-22 09:13:45,{:03} INFO [worker-{}] request {} of client {} took {} us: GET "
        "/jobs/{}\n",
        number % 1000, number % 16, number, number % 977, number * 37 % 90'000, number * 31);
  }
  return fmt::format("2026-11-22 09:13:45,{:03} WARN [events] ", number % 1000) +
         FormatEventLine(
             {"provisioner", "new_node", fmt::format("k3f9-5d1e-{}-{}", file, number), time,
              fmt::format(R"({{"iaas_id":"pid {}","node_id":"crunch/{}","public_ip":"127.0.0.1"}})",
                          number, number)}) +
         "\n";
}

absl::Status WriteLogs(const std::string& directory, std::uint64_t bytes) {
  std::filesystem::create_directories(directory);
  for (int file = 0; file < kFiles; ++file) {
    std::ofstream out(FileOf(directory, file), std::ios::binary);
    std::uint64_t written = 0;
    for (std::uint64_t number = 0; written < bytes / kFiles && out; ++number) {
      const std::string line = LineOf(file, number);
      out << line;
      written += line.size();
    }
    if (!out.flush()) {
      return absl::UnavailableError(fmt::format("cannot write {}", FileOf(directory, file)));
    }
  }
  return absl::OkStatus();
}

// What one loop went through, and in which time of the processor.
struct Speed {
  std::uint64_t bytes = 0;
  std::uint64_t found = 0;
  double megabytes_a_second = 0;
};

absl::StatusOr<Speed> RunOurs(const std::string& directory) {
  HarvestPositions positions;
  HarvestCounts counts;
  const double begun = ProcessorSeconds();
  const absl::Status read = Harvest(
      "bench", directory, positions, [](const std::vector<EventLine>&) { return absl::OkStatus(); },
      counts);
  const double seconds = ProcessorSeconds() - begun;
  if (!read.ok()) return read;
  return Speed{counts.bytes, counts.lines, static_cast<double>(counts.bytes) / 1e6 / seconds};
}

absl::StatusOr<Speed> RunRaw(const std::string& directory) {
  const auto buffer = std::make_unique<char[]>(kRawBlock);
  Speed speed;
  const double begun = ProcessorSeconds();
  for (int number = 0; number < kFiles; ++number) {
    const int file = open(FileOf(directory, number).c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return absl::UnavailableError(FileOf(directory, number));
    const absl::Cleanup closer = [file] { close(file); };
    while (true) {
      const ssize_t got = read(file, buffer.get(), kRawBlock);
      if (got <= 0) break;
      const char* const end = buffer.get() + got;
      for (const char* at = buffer.get(); at != end; ++at) {
        at = static_cast<const char*>(memchr(at, '\n', static_cast<std::size_t>(end - at)));
        if (at == nullptr) break;
        ++speed.found;
      }
      speed.bytes += static_cast<std::uint64_t>(got);
    }
  }
  speed.megabytes_a_second = static_cast<double>(speed.bytes) / 1e6 / (ProcessorSeconds() - begun);
  return speed;
}

}  // namespace

BenchRows MeasureHarvest(const BenchSetting& setting) {
  const std::string directory = setting.directory + "/harvest";
  setting.progress("writing log text");
  absl::Status written = WriteLogs(directory, std::uint64_t{setting.quick ? 64u : 256u} << 20);
  if (!written.ok()) return written;
  setting.progress("harvesting");
  std::vector<double> ours, raw;
  Speed harvested;
  for (int round = 0; round < (setting.quick ? 5 : 9); ++round) {
    if (absl::Status stop = CheckStop(); !stop.ok()) return stop;
    const absl::StatusOr<Speed> loop = RunRaw(directory);
    if (!loop.ok()) return loop.status();
    const absl::StatusOr<Speed> harvest = RunOurs(directory);
    if (!harvest.ok()) return harvest.status();
    if (harvest->bytes != loop->bytes || harvest->found * kLinesAnEvent < loop->found) {
      return absl::InternalError("the harvest and the loop did not see the same");
    }
    harvested = *harvest;
    raw.push_back(loop->megabytes_a_second);
    ours.push_back(harvest->megabytes_a_second);
  }
  BenchRow row = CompareRounds("harvest", "MB/s", ours, raw, {});
  row.note = fmt::format(
      "{} MB, {} event lines, one line in {}; the raw loop reads the same bytes and finds each "
      "line's end "
      "with memchr",
      harvested.bytes / 1'000'000, harvested.found, kLinesAnEvent);
  return std::vector{row};
}

}  // namespace epu
