#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/excerpt.h"
#include "cli/exit_codes.h"
#include "cli/preparation.h"
#include "manifest/loader.h"
#include "sql/sqlstate.h"

namespace flare::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string_view Name(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kNote:
      return "note";
  }
  return "error";
}

int64_t Count(const Diagnostics& diagnostics, Severity severity) {
  return std::count_if(diagnostics.begin(), diagnostics.end(),
                       [&](const Diagnostic& d) { return d.severity == severity; });
}

std::string ToJson(const Diagnostics& diagnostics) {
  Json list = Json::array();
  for (const auto& d : diagnostics) {
    Json one = {{"file", d.where.file},         {"line", d.where.line}, {"column", d.where.column},
                {"severity", Name(d.severity)}, {"code", d.code},       {"message", d.message}};
    if (auto state = sql::SqlState(d.code); !state.empty()) one["sqlstate"] = state;
    if (!d.found.empty()) one["found"] = d.found;
    if (!d.expected.empty()) one["expected"] = d.expected;
    if (!d.hint.empty()) one["hint"] = d.hint;
    list.push_back(std::move(one));
  }
  Json all = {{"errors", Count(diagnostics, Severity::kError)},
              {"warnings", Count(diagnostics, Severity::kWarning)},
              {"diagnostics", std::move(list)}};
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string ToText(const Diagnostics& diagnostics, size_t files, size_t unreadable) {
  std::string text;
  Excerpts excerpts;
  for (const auto& diagnostic : diagnostics) text += excerpts.ToText(diagnostic) + "\n";
  std::string mistakes = CountMistakes(diagnostics);
  text += fmt::format("{} in {} {}", mistakes.empty() ? "no mistakes" : mistakes, files,
                      files == 1 ? "file" : "files");
  return text + (unreadable > 0 ? fmt::format("; {} could not be read\n", unreadable) : "\n");
}

}  // namespace

int Lint(const LintArguments& arguments, const Host& host) {
  auto world = OpenWorld(arguments.reading.world, host);
  if (!world) {
    PrintError(host, world.error());
    return kUsage;
  }
  Diagnostics all;
  size_t read = 0;
  for (const auto& file : arguments.manifests) {
    auto prepared = Prepare(file, arguments.reading, {}, *world);
    if (!prepared) {
      PrintError(host, prepared.error());
      continue;
    }
    ++read;
    all.insert(all.end(), prepared->diagnostics.begin(), prepared->diagnostics.end());
  }
  if (read == 0) return kUsage;
  // Mistakes in resource files come with every manifest; they are shown once.
  manifest::SortAndDeduplicate(&all);
  host.out(arguments.json ? ToJson(all) : ToText(all, read, arguments.manifests.size() - read));
  if (read < arguments.manifests.size()) return kUsage;
  return HasErrors(all) ? kFailed : kOk;
}

}  // namespace flare::cli
