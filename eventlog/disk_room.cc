#include "eventlog/disk_room.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace epu {

bool IsDiskFull(int code) { return code == ENOSPC || code == EDQUOT; }

int WhyWriteWasShort(int file, std::size_t bytes) {
  struct stat facts {};
  if (fstat(file, &facts) != 0) return EIO;
  const int code = posix_fallocate(file, facts.st_size, static_cast<off_t>(bytes));
  return IsDiskFull(code) || code == EFBIG ? code : EIO;
}

void AllocateBlocks(const std::string& path, std::size_t bytes) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  fallocate(file, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes));
  close(file);
}

}  // namespace epu
