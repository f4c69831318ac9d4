#include "eventlog/check.h"

#include <cstdio>
#include <cstdlib>

namespace epu {

void CheckFailed(const char* file, int line, const char* condition) {
  std::fprintf(
      stderr,
      "epu: a bug of ours at %s:%d: not (%s); please report this line with the log directory\n",
      file, line, condition);
  std::fflush(stderr);
  std::_Exit(42);
}

}  // namespace epu
