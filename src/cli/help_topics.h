#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igudar {

// What concerns several commands: `igudar help TOPIC` explains it, and the man page has a section for each.

// A name and what is to be said of it, translated.
struct Explained {
  std::string name;
  std::string text;
};
// Paragraphs (separated by empty lines; may be empty), then a list (may be empty).
struct TopicPart {
  std::string text;
  std::vector<Explained> entries;
};
// The texts are marked for the catalogue, not translated.
struct HelpTopic {
  const char* name;     // one word
  const char* title;    // of the man page's section
  const char* summary;  // a line without a full stop
  std::vector<TopicPart> (*parts)();
};

std::span<const HelpTopic> help_topics();
// nullptr when there is none of that name.
const HelpTopic* find_help_topic(std::string_view name);

}  // namespace igudar
