#pragma once

#include <signal.h>

#include <stop_token>
#include <thread>

namespace epu {

// From its making on, the first SIGINT, SIGTERM or SIGHUP asks for a stop instead of ending the
// program; a second one ends it at once. Threads that are started later leave signals to this.
class UserStop {
 public:
  UserStop();
  UserStop(const UserStop&) = delete;
  UserStop& operator=(const UserStop&) = delete;
  ~UserStop();

  std::stop_token token() const { return stop_.get_token(); }

 private:
  sigset_t before_{};
  std::stop_source stop_;
  std::jthread waiting_;
};

// From here on a reader of what is printed that goes away does not end the program: what was begun
// is made to its end. For who changes something; a verb that only reads ends with its reader.
void OutliveReaders();

}  // namespace epu
