#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <map>
#include <stdexcept>

#include "base/error.h"
#include "base/translate.h"
#include "cli/option_table.h"
#include "cli/suggestion.h"

namespace igudar {

namespace {

const OptionSpec& known_option(CommandId command, const std::string& name) {
  const OptionSpec* option = find_option(command, name);
  if (option == nullptr) throw std::logic_error("no option " + name + " in the table for this command");
  return *option;
}

std::string parser_names(const OptionSpec& option) {
  std::string names = std::string("--") + option.name;
  if (option.letter != 0) names = std::string("-") + option.letter + "," + names;
  return names;
}

std::string help_hint(const CommandSpec* command) {
  if (command == nullptr) return tr("'igudar help' lists the commands.");
  return trf("'igudar help {}' explains the command.", command->name);
}

[[noreturn]] void throw_unknown_command(const std::string& name) {
  std::vector<std::string> names;
  for (const CommandSpec& command : command_table())
    if (!command.hidden) names.emplace_back(command.name);
  throw Error(ErrorCode::usage, trf("there is no command '{}'", name), hint_for(name, names, help_hint(nullptr)));
}

[[noreturn]] void throw_unknown_option(const std::string& word, const CommandSpec* command) {
  const std::string name = word.substr(0, word.find('='));
  std::vector<std::string> names;
  for (const OptionSpec* option : global_options()) names.push_back(std::string("--") + option->name);
  if (command != nullptr)
    for (const OptionSpec* option : options_of(command->id)) names.push_back(std::string("--") + option->name);
  const std::string message =
      command == nullptr ? trf("there is no option '{}'", name) : trf("'{}' has no option '{}'", command->name, name);
  throw Error(ErrorCode::usage, message, hint_for(name, names, help_hint(command)));
}

bool looks_like_option(const std::string& word) {
  return word.size() > 1 && word.front() == '-';
}

// The parser of CLI11, made from the tables. Arguments that are not options stay as they are (as "extras"), because
// CLI11 would read "[a]" as a list.
class TableParser {
 public:
  TableParser() {
    app_.set_help_flag();
    app_.require_subcommand(0, 1);
    app_.allow_extras();
    for (const OptionSpec* option : global_options()) add(app_, nullptr, *option);
    for (const CommandSpec& command : command_table()) {
      CLI::App* parser = app_.add_subcommand(command.name, "");
      parser->set_help_flag();
      parser->allow_extras();
      parsers_[&command] = parser;
      for (const OptionSpec* option : global_options()) add(*parser, &command, *option);
      for (const OptionSpec* option : options_of(command.id)) add(*parser, &command, *option);
    }
  }

  // `words` without the program's name.
  void parse(std::vector<std::string> words) {
    std::reverse(words.begin(), words.end());
    try {
      app_.parse(std::move(words));
    } catch (const CLI::ArgumentMismatch& error) {
      throw Error(ErrorCode::usage, mismatch_text(error.what()), help_hint(command()));
    } catch (const CLI::ParseError& error) {
      throw Error(ErrorCode::usage, trf("the command line is wrong: {}", error.what()), help_hint(command()));
    }
  }

  const CommandSpec* command() const {
    for (const auto& [spec, parser] : parsers_)
      if (parser->parsed()) return spec;
    return nullptr;
  }
  std::vector<std::string> extras_before_command() const { return app_.remaining(); }
  std::vector<std::string> extras_of(const CommandSpec& command) const { return parsers_.at(&command)->remaining(); }

  // Options given before the command and after it, in this order.
  std::map<std::string, std::vector<std::string>> options(const CommandSpec* command) const {
    std::map<std::string, std::vector<std::string>> given;
    for (const Added& added : added_) {
      if ((added.command != nullptr && added.command != command) || added.parsed->count() == 0) continue;
      std::vector<std::string>& values = given[added.spec->name];
      for (const std::string& value : added.parsed->results()) values.push_back(value);
    }
    return given;
  }

 private:
  struct Added {
    const CommandSpec* command;
    const OptionSpec* spec;
    const CLI::Option* parsed;
  };

  void add(CLI::App& parser, const CommandSpec* command, const OptionSpec& spec) {
    CLI::Option* option = spec.kind == ValueKind::flag ? parser.add_flag(parser_names(spec))
                                                       : parser.add_option(parser_names(spec), CLI::callback_t{});
    if (spec.kind != ValueKind::flag) option->type_size(1)->expected(1)->allow_extra_args(false);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    added_.push_back({command, &spec, option});
  }

  // The message begins with the option's name in every case that an option's value can cause.
  static std::string mismatch_text(const std::string& message) {
    const std::string name = message.substr(0, message.find_first_of(": "));
    return trf("the option '{}' needs a value", name);
  }

  CLI::App app_;
  std::map<const CommandSpec*, CLI::App*> parsers_;
  std::vector<Added> added_;
};

void require_single_values(const CommandSpec& command, const std::map<std::string, std::vector<std::string>>& options) {
  for (const auto& [name, values] : options) {
    const OptionSpec& spec = known_option(command.id, name);
    if (!spec.repeatable && spec.kind != ValueKind::flag && values.size() > 1)
      throw Error(ErrorCode::usage, trf("the option '{}' was given more than once", "--" + name), help_hint(&command));
    if (spec.kind != ValueKind::choice) continue;
    const std::vector<std::string_view> choices = split_choices(spec.choices);
    for (const std::string& value : values)
      if (std::find(choices.begin(), choices.end(), value) == choices.end())
        throw Error(ErrorCode::usage, trf("'{}' is not a value of the option '{}'", value, "--" + name),
                    trf("It can be one of: {}", fmt::join(choices, ", ")));
  }
}

// "list | add | remove ID".
std::string forms_of_arguments(const CommandSpec& command) {
  std::string forms = tr(command.arguments);
  for (std::size_t at = 0; (at = forms.find('\n', at)) != std::string::npos;) forms.replace(at, 1, " | ");
  return forms;
}

void require_argument_count(const CommandSpec& command, std::size_t count) {
  if (count < command.arguments_min)
    throw Error(ErrorCode::usage, trf("'{}' needs an argument: {}", command.name, forms_of_arguments(command)),
                help_hint(&command));
  if (count > command.arguments_max)
    throw Error(ErrorCode::usage, trf("'{}' was given too many arguments", command.name), help_hint(&command));
}

// CLI11 would take "--json=no" for a flag that was given.
void refuse_values_of_flags(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (!word.starts_with("--") || equals == std::string::npos) continue;
    const std::string name = word.substr(2, equals - 2);
    for (const OptionSpec& option : option_table())
      if (name == option.name && option.kind == ValueKind::flag)
        throw Error(ErrorCode::usage, trf("the option '{}' takes no value", "--" + name));
  }
}

// What --help and --version mean, whatever else was given.
Arguments answer_about(const CommandSpec* command, const std::map<std::string, std::vector<std::string>>& options) {
  const bool help = options.contains("help");
  Arguments arguments(help ? CommandId::help : CommandId::version);
  if (const auto json = options.find("json"); json != options.end()) arguments.add_option("json", json->second);
  if (help && command != nullptr && command->id != CommandId::help) arguments.add_positional(command->name);
  return arguments;
}

}  // namespace

bool Arguments::has(const std::string& option) const {
  if (count(option) > 0) return true;
  const OptionSpec& spec = known_option(command_, option);
  if (spec.kind != ValueKind::flag || spec.environment == nullptr) return false;
  const char* value = std::getenv(spec.environment);
  return value != nullptr && *value != '\0' && std::string_view(value) != "0";
}

unsigned Arguments::count(const std::string& option) const {
  known_option(command_, option);
  const auto found = options_.find(option);
  return found == options_.end() ? 0 : static_cast<unsigned>(found->second.size());
}

std::optional<std::string> Arguments::value(const std::string& option) const {
  const OptionSpec& spec = known_option(command_, option);
  if (const auto found = options_.find(option); found != options_.end()) return found->second.back();
  if (spec.environment == nullptr) return std::nullopt;
  const char* value = std::getenv(spec.environment);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::vector<std::string> Arguments::values(const std::string& option) const {
  known_option(command_, option);
  const auto found = options_.find(option);
  return found == options_.end() ? std::vector<std::string>{} : found->second;
}

std::string Arguments::value_or_default(const std::string& option) const {
  if (std::optional<std::string> given_value = value(option)) return *given_value;
  const OptionSpec& spec = known_option(command_, option);
  if (spec.default_value == nullptr) throw std::logic_error("the option " + option + " has no default in the table");
  return spec.default_value;
}

Arguments parse_command_line(std::vector<std::string> words) {
  // What follows "--" is never an option.
  const auto mark = std::find(words.begin(), words.end(), "--");
  std::vector<std::string> after_mark;
  if (mark != words.end()) after_mark.assign(mark + 1, words.end());
  words.erase(mark, words.end());

  refuse_values_of_flags(words);
  TableParser parser;
  parser.parse(std::move(words));
  const CommandSpec* command = parser.command();
  for (const std::string& word : parser.extras_before_command()) {
    if (looks_like_option(word)) throw_unknown_option(word, command);
    throw_unknown_command(word);
  }
  const std::map<std::string, std::vector<std::string>> options = parser.options(command);
  if (options.contains("help") || options.contains("version")) return answer_about(command, options);
  if (command == nullptr) throw Error(ErrorCode::usage, tr("a command is missing"), help_hint(nullptr));

  Arguments arguments(command->id);
  require_single_values(*command, options);
  for (const auto& [name, values] : options) arguments.add_option(name, values);
  for (const std::string& word : parser.extras_of(*command)) {
    if (looks_like_option(word)) throw_unknown_option(word, command);
    arguments.add_positional(word);
  }
  for (std::string& word : after_mark) arguments.add_positional(std::move(word));
  require_argument_count(*command, arguments.positional().size());
  return arguments;
}

}  // namespace igudar
