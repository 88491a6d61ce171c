#include "cli/prune_report.h"

#include <nlohmann/json.hpp>

#include "base/translate.h"
#include "cli/command_audit.h"
#include "cli/json_fields.h"
#include "cli/text_format.h"
#include "cli/text_table.h"

namespace igudar {

void print_prune(Console& console, const PruneSummary& summary, bool dry_run) {
  if (summary.nothing_to_do) return console.info(tr("There is nothing to free."));
  TextTable table({{tr("Packs")}, {"", Align::right}, {"", Align::right}});
  table.add({tr("kept"), format_count(summary.packs_kept), ""});
  table.add({tr("rewritten"), format_count(summary.packs_repacked), format_size(summary.bytes_repacked)});
  table.add({tr("deleted"), format_count(summary.packs_deleted), ""});
  table.add({tr("unused and left"), "", format_size(summary.bytes_unused_kept)});
  if (!console.quiet() && !console.json()) console.results(table.lines());
  const std::uint64_t freed = summary.bytes_before - std::min(summary.bytes_after, summary.bytes_before);
  console.info(trf(dry_run ? N_("Would free {}: {} before, {} after") : N_("Freed {}: {} before, {} after"),
                   format_size(freed), format_size(summary.bytes_before), format_size(summary.bytes_after)));
  if (!summary.sweep_postponed) return;
  console.info(tr("What a running backup may still need stays until the next prune. Running:"));
  for (const std::string& who : summary.held_by) console.info("  " + escape_message(who));
}

void note_prune(const CommandContext& context, const PruneSummary& summary, bool dry_run) {
  if (dry_run) return;
  context.audit.count("packs_deleted", summary.packs_deleted);
  context.audit.count("packs_repacked", summary.packs_repacked);
  context.audit.count("generation", summary.generation);
}

std::string prune_json(const PruneSummary& summary, bool dry_run) {
  return Json{{"message_type", "prune"},
              {"dry_run", dry_run},
              {"packs_total", summary.packs_total},
              {"packs_kept", summary.packs_kept},
              {"packs_deleted", summary.packs_deleted},
              {"packs_repacked", summary.packs_repacked},
              {"bytes_before", summary.bytes_before},
              {"bytes_after", summary.bytes_after},
              {"bytes_repacked", summary.bytes_repacked},
              {"bytes_unused_kept", summary.bytes_unused_kept},
              {"generation", summary.generation},
              {"nothing_to_do", summary.nothing_to_do},
              {"sweep_postponed", summary.sweep_postponed},
              {"held_by", json_texts(summary.held_by)},
              {"seconds", summary.seconds}}
      .dump();
}

}  // namespace igudar
