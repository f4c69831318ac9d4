#include "eventlog/reserve_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdint>

namespace epu {

ReserveFile::ReserveFile(const std::string& directory, std::size_t bytes)
    : directory_(directory), path_(directory + "/reserve"), bytes_(bytes) {}

bool ReserveFile::IsLaidBy() const {
  if (bytes_ == 0) return true;
  struct stat facts {};
  return stat(path_.c_str(), &facts) == 0 && static_cast<std::uint64_t>(facts.st_size) >= bytes_;
}

bool ReserveFile::LayBy() const {
  if (IsLaidBy()) return true;
  struct statvfs room {};
  if (statvfs(directory_.c_str(), &room) != 0) return false;
  if (std::uint64_t{room.f_bavail} * room.f_frsize < 2 * std::uint64_t{bytes_}) return false;

  const int file = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const int failure = posix_fallocate(file, 0, static_cast<off_t>(bytes_));
  close(file);
  if (failure != 0) Spend();  // A part of it would hold room and count for nothing.
  return failure == 0;
}

void ReserveFile::Spend() const { unlink(path_.c_str()); }

}  // namespace epu
