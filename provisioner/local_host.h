#pragma once

#include <string>

#include "provisioner/service_host.h"

namespace epu {

// This machine. What belongs to a service is laid into a directory of its name.
class LocalHost final : public ServiceHost {
 public:
  // `root` is made where it is missing.
  LocalHost(const std::string& root, const std::string& service);

  absl::Status Reach(std::stop_token stop) override;
  absl::StatusOr<ProgramResult> Run(const ProgramRun& run, std::stop_token stop) override;
  absl::Status Remove(const std::string& tokens, std::stop_token stop) override;
  absl::Status Fetch(const std::string& path, const std::string& directory,
                     std::stop_token stop) override;

 private:
  const std::string directory_;
};

}  // namespace epu
