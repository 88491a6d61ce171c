#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_table.h"

namespace igudar {

// A command line taken apart: the command, its options by name, its arguments. Options that were not given are
// looked for in the environment variable that the option table names.
//
// Asking for an option that the table does not give to the command is a mistake in the program (std::logic_error).
// Thread safety: const methods may be called concurrently.
class Arguments {
 public:
  explicit Arguments(CommandId command) : command_(command) {}

  CommandId command() const { return command_; }
  const std::vector<std::string>& positional() const { return positional_; }

  // Of a flag with a variable also: set there to anything but 0.
  bool has(const std::string& option) const;
  unsigned count(const std::string& option) const;
  // On the command line, the environment left aside.
  bool given(const std::string& option) const { return options_.contains(option); }
  // The last value given; nullopt when there is none, or an empty one in the environment.
  std::optional<std::string> value(const std::string& option) const;
  std::vector<std::string> values(const std::string& option) const;
  // The value, or the default that the table shows.
  std::string value_or_default(const std::string& option) const;

  void add_option(const std::string& name, std::vector<std::string> values) { options_[name] = std::move(values); }
  void add_positional(std::string argument) { positional_.push_back(std::move(argument)); }

 private:
  CommandId command_;
  std::map<std::string, std::vector<std::string>> options_;
  std::vector<std::string> positional_;
};

// Takes the words after the program's name apart. Throws Error(usage), with the nearest name as a hint where a command
// or an option is unknown. `--help` wins over everything: it gives the command `help`, with the command asked about as
// argument. `--version` comes next and gives the command `version`.
Arguments parse_command_line(std::vector<std::string> words);

}  // namespace igudar
