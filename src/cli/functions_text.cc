#include "cli/functions_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <span>

#include "base/diagnostic.h"
#include "observe/units.h"
#include "sql/names.h"
#include "sql/parameters.h"

namespace flare::cli {
namespace {

using sql::FunctionSpec;

std::vector<std::string> Words(std::string_view names) {
  std::vector<std::string> words;
  while (!names.empty()) {
    size_t space = std::min(names.find(' '), names.size());
    words.emplace_back(names.substr(0, space));
    names.remove_prefix(std::min(space + 1, names.size()));
  }
  return words;
}

/// One line of the registry, or several with the same names.
struct Entry {
  std::vector<std::string> names;
  std::vector<const FunctionSpec*> signatures;
};
struct Subject {
  std::string title;
  std::vector<Entry> entries;
};

bool IsInternal(const std::string& name) {
  return name.starts_with("flare_");
}

void Add(std::span<const FunctionSpec> functions, Subject* subject) {
  for (const FunctionSpec& spec : functions) {
    auto names = Words(spec.names);
    if (IsInternal(names.front())) continue;
    auto same = std::ranges::find_if(subject->entries,
                                     [&](const Entry& entry) { return entry.names == names; });
    if (same == subject->entries.end()) same = subject->entries.insert(same, {names, {}});
    same->signatures.push_back(&spec);
  }
}

std::vector<Subject> Subjects() {
  std::vector<Subject> subjects;
  for (const auto& known : sql::FunctionSubjects()) {
    auto same =
        std::ranges::find_if(subjects, [&](const Subject& s) { return s.title == known.title; });
    if (same == subjects.end()) same = subjects.insert(same, {std::string(known.title), {}});
    Add(known.functions, &*same);
  }
  subjects.push_back({"Rows of one value", {}});
  Add(sql::GeneratorFunctions(), &subjects.back());
  for (Subject& subject : subjects)
    std::ranges::sort(subject.entries,
                      [](const Entry& a, const Entry& b) { return a.names < b.names; });
  return subjects;
}

/// Those of one name, with their subjects.
std::vector<Subject> SubjectsOf(const std::string& name) {
  std::vector<Subject> found;
  for (Subject& subject : Subjects()) {
    std::erase_if(subject.entries, [&](const Entry& entry) {
      return std::ranges::find(entry.names, name) == entry.names.end();
    });
    if (!subject.entries.empty()) found.push_back(std::move(subject));
  }
  return found;
}

Error NoSuchFunction(const std::string& name) {
  std::vector<std::string> names;
  for (const Subject& subject : Subjects()) {
    for (const Entry& entry : subject.entries)
      names.insert(names.end(), entry.names.begin(), entry.names.end());
  }
  std::string near = NearestName(name, names);
  return NotFound("there is no function {}{}", name,
                  near.empty() ? "" : fmt::format("; did you mean {}?", near));
}

std::string Docs(const Entry& entry) {
  std::vector<std::string_view> docs;
  for (const FunctionSpec* spec : entry.signatures) {
    if (std::ranges::find(docs, spec->doc) == docs.end()) docs.push_back(spec->doc);
  }
  return fmt::format("{}", fmt::join(docs, "; "));
}

nlohmann::ordered_json ToJson(const Entry& entry) {
  nlohmann::ordered_json signatures = nlohmann::ordered_json::array();
  for (const FunctionSpec* spec : entry.signatures) {
    signatures.push_back({{"arguments", sql::SignatureText(*spec, "")},
                          {"result", sql::ResultText(*spec)},
                          {"doc", spec->doc},
                          {"notes", sql::BehaviourNotes(*spec)}});
  }
  return {{"names", entry.names}, {"doc", Docs(entry)}, {"signatures", std::move(signatures)}};
}

}  // namespace

std::string FunctionsText() {
  std::string text;
  for (const Subject& subject : Subjects()) {
    text += fmt::format("{}{}\n", text.empty() ? "" : "\n", subject.title);
    for (const Entry& entry : subject.entries)
      text += fmt::format("  {:<28} {}\n", fmt::join(entry.names, ", "), Docs(entry));
  }
  return text + "\nflare functions NAME shows what one takes and gives.\n";
}

Result<std::string> FunctionText(std::string_view written) {
  std::string name = sql::LowerAscii(written);
  std::vector<Subject> found = SubjectsOf(name);
  if (found.empty()) return NoSuchFunction(name);
  std::string text;
  for (const Subject& subject : found) {
    for (const Entry& entry : subject.entries) {
      std::string_view doc;
      for (const FunctionSpec* spec : entry.signatures) {
        text += fmt::format("{} -> {}\n", sql::SignatureText(*spec, name), sql::ResultText(*spec));
        if (spec->doc != doc) text += fmt::format("    {}\n", spec->doc);
        doc = spec->doc;
        for (const std::string& note : sql::BehaviourNotes(*spec))
          text += fmt::format("    {}\n", note);
      }
      std::vector<std::string> others;
      std::ranges::copy_if(entry.names, std::back_inserter(others),
                           [&](const std::string& n) { return n != name; });
      if (!others.empty()) text += fmt::format("    with it: {}\n", fmt::join(others, ", "));
    }
    text += fmt::format("    subject: {}\n", subject.title);
  }
  return text;
}

Result<std::string> FunctionsJson(std::string_view written) {
  std::string name = sql::LowerAscii(written);
  auto subjects = name.empty() ? Subjects() : SubjectsOf(name);
  if (subjects.empty()) return NoSuchFunction(name);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Subject& subject : subjects) {
    nlohmann::ordered_json entries = nlohmann::ordered_json::array();
    for (const Entry& entry : subject.entries) entries.push_back(ToJson(entry));
    list.push_back({{"subject", subject.title}, {"functions", std::move(entries)}});
  }
  return nlohmann::ordered_json{{"subjects", std::move(list)}}.dump(2) + "\n";
}

std::string FunctionsMarkdown() {
  std::string text =
      "# Functions\n\n"
      "Made by `flare functions --markdown`; a test keeps it current. Parameters are types; `any` "
      "is any type, `...`\n"
      "any number of the last. Names in one row differ as their names say (`min`, `max`) or not at "
      "all.\n";
  for (const Subject& subject : Subjects()) {
    text += fmt::format("\n## {}\n| function | gives | |\n|---|---|---|\n", subject.title);
    for (const Entry& entry : subject.entries) {
      for (const FunctionSpec* spec : entry.signatures) {
        std::string doc(spec->doc);
        for (const std::string& note : sql::BehaviourNotes(*spec)) doc += "; " + note;
        for (size_t at = doc.find('|'); at != std::string::npos; at = doc.find('|', at + 2))
          doc.replace(at, 1, "\\|");
        std::string names = fmt::format("{}", fmt::join(entry.names, "`, `"));
        text += fmt::format("| `{}` `{}` | {} | {} |\n", names, sql::SignatureText(*spec, ""),
                            sql::ResultText(*spec), doc);
      }
    }
  }
  return text;
}

}  // namespace flare::cli
