#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace igudar {

// The commands: the one table that the parser, --help, the man page and the completions are made of. Constant, so that
// all of it may be used concurrently.

enum class CommandId : std::uint8_t {
  init,
  backup,
  snapshots,
  ls,
  restore,
  check,
  stats,
  forget,
  prune,
  timestamp,
  erase,
  hold,
  policy,
  consent,
  privacy,
  compliance,
  doctor,
  key,
  domain,
  crypto,
  audit,
  version,
  help,
  generate,
};

// A set of commands, as the option table says where an option is valid.
class CommandSet {
 public:
  constexpr CommandSet(std::initializer_list<CommandId> commands) {
    for (CommandId id : commands) bits_ |= 1U << static_cast<unsigned>(id);
  }
  static constexpr CommandSet all() {
    CommandSet set{};
    set.bits_ = ~0U;
    return set;
  }
  constexpr bool contains(CommandId id) const { return (bits_ >> static_cast<unsigned>(id) & 1U) != 0; }
  constexpr bool is_all() const { return bits_ == ~0U; }

 private:
  std::uint32_t bits_ = 0;
};

// What a value or an argument is, so that the shells can complete it.
enum class ValueKind : std::uint8_t { flag, text, file, folder, choice };

// The texts are marked for the catalogue, not translated.
struct CommandSpec {
  CommandId id;
  const char* name;
  const char* arguments;  // as usage lines show them; several forms are separated by '\n'
  unsigned arguments_min;
  unsigned arguments_max;
  ValueKind argument_kind;  // of the arguments
  const char* choices;      // of the first argument, "list|add"; nullptr when it is free
  const char* summary;      // a line without a full stop
  const char* description;  // paragraphs separated by empty lines
  const char* examples;     // lines "command\n", not translated; may be empty
  bool hidden;
};

constexpr unsigned kAnyNumber = ~0U;

std::span<const CommandSpec> command_table();
// nullptr when there is none of that name.
const CommandSpec* find_command(std::string_view name);

}  // namespace igudar
