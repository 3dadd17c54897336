#include "cli/excerpt.h"

#include <fmt/format.h>

#include <cctype>
#include <filesystem>

#include "cli/world.h"
#include "io/file_system.h"
#include "observe/units.h"

namespace flare::cli {
namespace {

constexpr int kMostColumns = 100;
constexpr std::string_view kCut = "...";

/// Spark's conditions are in capitals, flare's own are not.
bool IsSql(const Diagnostic& diagnostic) {
  if (diagnostic.code.empty()) return false;
  auto first = static_cast<unsigned char>(diagnostic.code.front());
  return std::isupper(first) != 0 || first == '_';
}

bool StartsCharacter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
}

/// Byte of the n-th character (from 0); the size past the end.
size_t ByteOf(std::string_view line, int character) {
  size_t at = 0;
  while (at < line.size() && character > 0) {
    ++at;
    while (at < line.size() && !StartsCharacter(line[at])) ++at;
    --character;
  }
  return at;
}

/// The part of a long line around the caret, and where the caret is in it.
std::string Window(const std::string& line, size_t caret, std::string* before_caret) {
  std::string_view rest = line;
  *before_caret = line.substr(0, caret);
  if (observe::DisplayWidth(line) <= kMostColumns) return line;
  std::string shown;
  int before = observe::DisplayWidth(*before_caret);
  if (before > kMostColumns / 2) {
    size_t begin = caret;
    while (begin > 0 && observe::DisplayWidth(rest.substr(begin, caret - begin)) < kMostColumns / 2)
      --begin;
    while (begin < caret && !StartsCharacter(line[begin])) ++begin;
    shown = kCut;
    *before_caret = shown + line.substr(begin, caret - begin);
    rest = rest.substr(begin);
  }
  std::string_view cut = observe::CutToWidth(rest, kMostColumns);
  shown += cut;
  if (cut.size() < rest.size()) shown += kCut;
  return shown;
}

}  // namespace

void Excerpts::Add(const std::string& file, std::string_view text) {
  Diagnostics ignored;  // without a readable text there is no excerpt
  texts_.insert_or_assign(file, manifest::SourceText::Make(text, file, &ignored));
}

std::string Excerpts::Line(const Diagnostic& diagnostic) {
  const SourcePosition& where = diagnostic.where;
  if (!IsSql(diagnostic) || where.line <= 0 || where.column <= 0 || where.file.empty()) return "";
  auto found = texts_.find(where.file);
  if (found == texts_.end()) {
    auto text = io::LocalFileSystem().Read(AbsolutePath(where.file));
    if (!text) return "";
    Add(where.file, *text);
    found = texts_.find(where.file);
  }
  return found->second ? std::string(found->second->Line(where.line)) : "";
}

std::string Excerpts::ToText(const Diagnostic& diagnostic) {
  std::string whole = flare::ToText(diagnostic);
  std::string line = Line(diagnostic);
  size_t caret = ByteOf(line, diagnostic.where.column - 1);
  if (line.find_first_not_of(" \t") == std::string::npos) return whole;
  for (char& c : line) c = c == '\t' ? ' ' : c;
  std::string before_caret;
  std::string shown = Window(line, caret, &before_caret);
  std::string number = fmt::format("{:>5}", diagnostic.where.line);
  std::string excerpt =
      fmt::format("\n{} | {}\n{} | {}^", number, shown, std::string(number.size(), ' '),
                  std::string(static_cast<size_t>(observe::DisplayWidth(before_caret)), ' '));
  Diagnostic head = diagnostic;
  head.found = head.expected = head.hint = "";
  size_t first = flare::ToText(head).size();
  return whole.substr(0, first) + excerpt + whole.substr(first);
}

}  // namespace flare::cli
