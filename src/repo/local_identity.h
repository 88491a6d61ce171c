#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace igudar {

// Who and where this process is. Thread-safe functions; what the system does not tell is empty or 0.

std::string user_name();
// "amina@web1": as records name whoever made them.
std::string user_at_host();

// Names this installation among others, as far as one can: /etc/machine-id with the host's name, since copied machines
// and containers often share the former. Without a machine id the boot id.
std::string machine_identity();
std::string boot_id();
// The inode of the pid namespace: pids of different namespaces cannot be compared.
std::uint64_t pid_namespace();
// When a process started, in clock ticks after boot: with the pid it names a process for ever. nullopt when the system
// does not tell, be it that there is none of that pid or that it is another user's.
std::optional<std::uint64_t> process_start(std::uint64_t pid);
// Whether a process of that pid exists, whosever it is; true when one cannot know.
bool process_exists(std::uint64_t pid);

}  // namespace igudar
