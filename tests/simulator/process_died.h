#pragma once

namespace epu::sim {

// Thrown by the simulated log and the simulated sites where the server's process is gone within a
// call (and where it ends by itself), and caught by the world, which then lets go of everything
// that process held. This is the one place where an exception says what happens best: no line
// behind the call is run, as when a process is killed. No production object does anything when it
// is destroyed.
struct ProcessDied {};

}  // namespace epu::sim
