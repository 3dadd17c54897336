#include "stream/previews.h"

#include <thread>

namespace flare::stream {

void Previews::FromStream(const std::vector<connector::OffsetRange>& ranges) {
  if (plan_.job.show_preview_lines <= 0) return;
  for (size_t view = 0; view < plan_.views.size() && !stop_.stop_requested(); ++view) {
    ShowWithin(kPatience, view, ranges);
  }
}

void Previews::FromMemory() {
  if (plan_.job.show_preview_lines <= 0) return;
  for (size_t view = 0; view < plan_.views.size() && !stop_.stop_requested(); ++view) Show(view);
}

void Previews::ShowWithin(Millis patience, size_t view, const std::vector<connector::OffsetRange>& ranges) {
  std::stop_source give_up;
  std::stop_callback on_stop(stop_, [&] {
    give_up.request_stop();
    pipeline_.connection().Interrupt();
  });
  // The machine's clock, not the job's: this only bounds what a person waits for.
  std::jthread guard([&](std::stop_token done) {
    if (!SystemClock().WaitUntil(SystemClock().Now() + patience, done)) return;
    give_up.request_stop();
    pipeline_.connection().Interrupt();
  });
  // Whatever fails here fails again when the batch is read, and is reported then.
  if (pipeline_.BeginBatch(ranges, give_up.get_token())) Show(view);
  std::ignore = pipeline_.EndBatch();  // the range was not read to its end, on purpose
}

void Previews::Show(size_t view) {
  const int lines = plan_.job.show_preview_lines;
  auto preview = pipeline_.Preview(view, lines);
  const plan::PlannedView& step = plan_.views[view];
  if (!preview) {
    observer_.OnMessage(0, fmt::format("no preview of {}: {}", step.name, preview.error().ToText()));
    return;
  }
  bool more = preview->rows.size() > static_cast<size_t>(lines);
  if (more) preview->rows.resize(static_cast<size_t>(lines));
  if (preview->rows.empty()) return;
  std::vector<std::string> names;
  for (const auto& field : step.schema) names.push_back(field.name);
  observer_.OnPreview(step.name, names, preview->rows, more);
}

}  // namespace flare::stream
