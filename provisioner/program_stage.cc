#include "provisioner/program_stage.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "eventlog/event.h"
#include "projections/shell_words.h"
#include "provisioner/spawn.h"

namespace epu {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kArchive = ".tar.gz";
constexpr std::string_view kErrorsMark = "\n\001errors\n";

// Its arguments, in the directory of the stage: MARK LIMIT once|anew PROGRAM [ARGUMENT…], or "end",
// which ends what runs of every mark: its session, by TERM and after five seconds by KILL. Files
// are written by one write each and read only when they are not empty. /proc/PID/stat tells a
// process from a later one of the same number by its start, the 22nd field; a process's session is
// the 6th.
constexpr std::string_view kScript = R"SH(umask 077
if [ "$1" = inner ]; then
  mark=$2 limit=$3
  shift 3
  read -r line </proc/$$/stat && echo "$line" >"$mark/process"
  [ ! -e bootout.json ] || rm -f bootout.json
  limiter=$(command -v timeout) path=$PATH
  . ./.environment.sh
  read -r begun rest </proc/uptime
  "$limiter" -k 5 "$limit" "$@" >"$mark/out" 2>"$mark/err" </dev/null
  status=$?
  PATH=$path
  read -r ended rest </proc/uptime
  [ ! -e bootout.json ] || cp bootout.json "$mark/bootout.json"
  echo "$status $((${ended%%.*} - ${begun%%.*}))" >"$mark/status"
  exit 0
fi
start_of() { shift 21 && echo "$1"; }
is_gone() {
  if [ -s "$mark/process" ]; then
    read -r was <"$mark/process"
    is=
    [ ! -r "/proc/${was%% *}/stat" ] || read -r is <"/proc/${was%% *}/stat"
    [ -z "$is" ] || [ "$(start_of $was)" != "$(start_of $is)" ]
  else
    looks=$((looks + 1))
    [ "$looks" -gt 100 ]
  fi
}
if [ "$1" = end ]; then
  sessions=
  for mark in .marks/"$2"*; do
    if [ ! -s "$mark/process" ] || [ -s "$mark/status" ]; then continue; fi
    is_gone || sessions="$sessions ${was%% *} "
  done
  [ -n "$sessions" ] || exit 0
  for signal in TERM KILL; do
    sent=
    read -r begun rest </proc/uptime
    now=$begun
    while [ "$((${now%%.*} - ${begun%%.*}))" -lt 5 ]; do
      alive=
      for stat in /proc/[0-9]*/stat; do
        { read -r line <"$stat"; } 2>/dev/null || continue
        set -- ${line##*) }
        case "$sessions" in *" $4 "*) ;; *) continue ;; esac
        [ "$1" != Z ] || continue
        alive=yes
        [ "$sent$signal" = yesTERM ] || kill -s "$signal" "${line%% *}" 2>/dev/null
      done
      [ -n "$alive" ] || exit 0
      sent=yes
      sleep 0.1
      read -r now rest </proc/uptime
    done
  done
  exit 0
fi
mark=$1 limit=$2 mode=$3
shift 3
[ "$mode" = once ] || [ ! -e "$mark" ] || rm -rf "$mark"
if mkdir "$mark" 2>/dev/null; then
  setsid sh "$0" inner "$mark" "$limit" "$@" >/dev/null 2>&1 </dev/null &
  wait "$!"
elif [ ! -d "$mark" ]; then
  echo "cannot make $mark" >&2
  exit 1
fi
looks=0
until [ -s "$mark/status" ]; do
  if is_gone && [ ! -s "$mark/status" ]; then break; fi
  sleep 0.05
done
if [ -s "$mark/status" ]; then
  read -r status seconds <"$mark/status"
  echo "ended $status $seconds"
else
  echo "died 0 0"
fi
if [ -e "$mark/bootout.json" ]; then
  echo "document $(wc -c <"$mark/bootout.json")"
  head -c 65537 "$mark/bootout.json"
else
  echo "document 0"
fi
[ ! -s "$mark/out" ] || tail -c 32768 "$mark/out"
printf '\n\001errors\n'
[ ! -s "$mark/err" ] || tail -c 4000 "$mark/err"
exit 0
)SH";

// Lets `lay` make a file under a name of its own and gives it its name when it is whole: what is
// there may be running, or may be laid by another one at the same time.
template <typename Lay>
absl::Status Place(const std::string& path, fs::perms mode, Lay lay) {
  const std::string part = fmt::format("{}.{}.part", path, ::gettid());
  absl::Status laid = lay(part);
  std::error_code error;
  if (laid.ok()) {
    fs::permissions(part, mode, error);
    if (!error) fs::rename(part, path, error);
    if (error) laid = SystemError(error.value(), fmt::format("cannot write {}", path));
  }
  if (!laid.ok()) fs::remove(part, error);
  return laid;
}

absl::Status WriteFile(const std::string& path, std::string_view text) {
  return Place(path, fs::perms::owner_read | fs::perms::owner_write, [&](const std::string& part) {
    std::ofstream file(part, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    return file ? absl::OkStatus() : SystemError(errno, fmt::format("cannot write {}", path));
  });
}

absl::Status CopyProgram(const std::string& from, const std::string& path) {
  return Place(path, fs::perms::owner_all, [&](const std::string& part) {
    const SpawnPause pause;
    std::error_code error;
    fs::copy_file(from, part, fs::copy_options::overwrite_existing, error);
    return error ? SystemError(error.value(), fmt::format("cannot copy {}", from))
                 : absl::OkStatus();
  });
}

bool IsVariableName(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

// Names that are no shell's are left out: bootconf.json can hold them.
std::string Exports(const std::vector<std::pair<std::string, std::string>>& variables) {
  std::string text;
  for (const auto& [name, value] : variables) {
    if (IsVariableName(name)) text += fmt::format("export {}={}\n", name, QuoteShellWord(value));
  }
  return text;
}

bool IsArchive(const std::string& program) {
  return program.size() > kArchive.size() && program.ends_with(kArchive);
}

std::string NameOf(const ProgramRun& run) { return fs::path(run.program).filename().string(); }

// Where the program is, seen from the stage.
std::string PathInStage(const ProgramRun& run) {
  const std::string name = NameOf(run);
  if (!IsArchive(name)) return "./" + name;
  return fmt::format("./{}/run.sh", name.substr(0, name.size() - kArchive.size()));
}

std::int64_t Seconds(Duration duration) {
  return std::max<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(duration).count(), 1);
}

// Takes the first line off `text`.
std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// The numbers behind the first word of a line; as many as `count`, or none.
std::vector<std::int64_t> NumbersOf(std::string_view line, std::string_view word,
                                    std::size_t count) {
  std::vector<std::int64_t> numbers;
  if (!line.starts_with(word)) return {};
  line.remove_prefix(word.size());
  while (!line.empty() && line.front() == ' ') {
    line.remove_prefix(1);
    std::int64_t number = 0;
    const auto [end, fault] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (fault != std::errc()) return {};
    line.remove_prefix(static_cast<std::size_t>(end - line.data()));
    numbers.push_back(number);
  }
  return numbers.size() == count ? numbers : std::vector<std::int64_t>();
}

void AddToLog(const ProgramRun& run, std::string_view printed, std::string_view errors) {
  if (run.log_path.empty() || (printed.empty() && errors.empty())) return;
  std::ofstream log(run.log_path, std::ios::binary | std::ios::app);
  for (const std::string_view text : {printed, errors}) {
    log << text;
    if (!text.empty() && text.back() != '\n') log << '\n';
  }
}

// What a shell makes of a signal, and timeout(1) of its limit.
constexpr int kTimedOut = 124;
constexpr int kSignalBase = 128;

}  // namespace

absl::Status LayOut(const ProgramRun& run, const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory + "/.marks", error);
  if (error) return SystemError(error.value(), fmt::format("cannot make {}", directory));
  absl::Status laid = CopyProgram(run.program, directory + "/" + NameOf(run));
  if (!run.boot_configuration.empty()) {
    laid.Update(WriteFile(directory + "/bootconf.json", run.boot_configuration));
  }
  laid.Update(WriteFile(directory + "/bootenv.sh", Exports(run.environment)));
  std::string exports = Exports(run.environment);
  if (!run.machine_token.empty()) exports += Exports({{"EPU_TOKEN", run.machine_token}});
  if (IsArchive(run.program)) {
    exports += fmt::format("tar -xzf {} && chmod +x {}\n", QuoteShellWord(NameOf(run)),
                           QuoteShellWord(PathInStage(run)));
  }
  laid.Update(WriteFile(directory + "/.environment.sh", exports));
  laid.Update(WriteFile(directory + "/.run.sh", kScript));
  return laid;
}

std::string RunLine(const ProgramRun& run) {
  std::string line = fmt::format("sh ./.run.sh .marks/{} {} {} {}", QuoteShellWord(run.token),
                                 Seconds(run.timeout), run.once ? "once" : "anew",
                                 QuoteShellWord(PathInStage(run)));
  for (const std::string& argument : run.arguments) line += " " + QuoteShellWord(argument);
  return line;
}

std::string RemoveLine(const std::string& directory, const std::string& tokens) {
  return fmt::format(
      "(cd {0} 2>/dev/null && [ -e .run.sh ] && sh ./.run.sh end {1}) || true; rm -rf {0}",
      QuoteShellWord(directory), QuoteShellWord(tokens));
}

absl::StatusOr<ProgramResult> ReadReport(const ProgramRun& run, const std::string& report) {
  std::string_view rest = report;
  const std::string_view first = TakeLine(rest);
  ProgramResult result;
  result.died = first.starts_with("died");
  const std::vector<std::int64_t> end = NumbersOf(first, result.died ? "died" : "ended", 2);
  const std::vector<std::int64_t> document = NumbersOf(TakeLine(rest), "document", 1);
  if (end.empty() || document.empty()) {
    return absl::InternalError(fmt::format("the host answers \"{}\"", report.substr(0, 200)));
  }
  const auto size = static_cast<std::size_t>(document.front());
  if (size > kDocumentMax) {
    return absl::InvalidArgumentError(
        fmt::format("its bootout.json has {} bytes; at most {}", size, kDocumentMax));
  }
  result.document = rest.substr(0, size);
  rest.remove_prefix(std::min(size, rest.size()));
  const std::size_t errors = std::min(rest.rfind(kErrorsMark), rest.size());
  result.errors = rest.substr(std::min(errors + kErrorsMark.size(), rest.size()));
  AddToLog(run, rest.substr(0, errors), result.errors);
  const auto status = static_cast<int>(end.front());
  const bool late = end.back() >= Seconds(run.timeout);
  result.timed_out = late && (status == kTimedOut || status == kSignalBase + 9);
  if (result.timed_out || result.died) return result;
  (status > kSignalBase ? result.signal : result.exit_status) =
      status > kSignalBase ? status - kSignalBase : status;
  return result;
}

}  // namespace epu
