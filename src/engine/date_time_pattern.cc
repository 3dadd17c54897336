#include "engine/date_time_pattern.h"

#include <span>

namespace flare::engine {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

Error BadPattern(std::string_view pattern, std::string_view why) {
  return InvalidArgument(
      "[INVALID_DATETIME_PATTERN.WITH_SUGGESTION] Unrecognized datetime pattern: {}: {}.", pattern, why);
}

int MostLetters(char letter) {
  switch (letter) {
    case 'y':
      return 6;
    case 'S':
      return 9;
    case 'Z':
    case 'X':
    case 'x':
      return 5;
    case 'G':
    case 'M':
    case 'L':
    case 'E':
    case 'Q':
    case 'q':
    case 'z':
    case 'O':
      return 4;
    case 'D':
      return 3;
    case 'a':
    case 'F':
      return 1;
    default:
      return 2;
  }
}

/// Whether a G stands outside of quotes.
bool HasEra(std::string_view pattern) {
  bool quoted = false;
  for (char c : pattern) {
    if (c == '\'') quoted = !quoted;
    if (c == 'G' && !quoted) return true;
  }
  return false;
}

}  // namespace

Status DateTimePattern::CheckLetter(std::string_view pattern, char letter, int count, PatternUse use) {
  constexpr std::string_view kKnown = "GyMLdDEQqaHhKkmsSVzOXxZF";
  constexpr std::string_view kWeekBased = "YWwuec";
  if (kWeekBased.find(letter) != kWeekBased.npos) {
    return InvalidArgument(
        "[INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN] Spark >= 3.0: All week-based "
        "patterns are unsupported since Spark 3.0, detected week-based character: {} in '{}'. Please use "
        "the SQL function EXTRACT instead.",
        letter, pattern);
  }
  if (kKnown.find(letter) == kKnown.npos) {
    return BadPattern(pattern, fmt::format("letter {} means nothing", letter));
  }
  if (count > MostLetters(letter)) {
    return BadPattern(pattern, fmt::format("too many letters {}", letter));
  }
  if (letter == 'V' && count != 2) return BadPattern(pattern, "a zone id is VV");
  if (letter == 'O' && count != 1 && count != 4) return BadPattern(pattern, "O comes once or 4 times");
  bool week_day = letter == 'E' || letter == 'F' || letter == 'Q' || letter == 'q';
  if (use == PatternUse::kParse && week_day && letter != 'E') {
    return BadPattern(pattern, fmt::format("letter {} is for formatting only", letter));
  }
  return Ok();
}

Result<std::vector<DateTimePattern::Element>> DateTimePattern::CompilePart(std::string_view pattern,
                                                                           PatternUse use, size_t* at,
                                                                           bool nested) {
  std::vector<Element> elements;
  while (*at < pattern.size()) {
    char c = pattern[*at];
    if (IsLetter(c)) {
      size_t end = std::min(pattern.find_first_not_of(c, *at), pattern.size());
      int count = static_cast<int>(end - *at);
      RETURN_IF_ERROR(CheckLetter(pattern, c, count, use));
      elements.push_back({c, count, "", {}, 0});
      *at = end;
    } else if (c == '\'') {
      if (pattern.substr(*at).starts_with("''")) {
        elements.push_back({0, 0, "'", {}, 0});
        *at += 2;
        continue;
      }
      std::string literal;
      size_t end = *at + 1;
      for (; end < pattern.size(); ++end) {
        if (pattern[end] == '\'') {
          if (!pattern.substr(end).starts_with("''")) break;
          ++end;
        }
        literal += pattern[end];
      }
      if (end >= pattern.size()) return BadPattern(pattern, "a quote is never closed");
      elements.push_back({0, 0, literal, {}, 0});
      *at = end + 1;
    } else if (c == '[') {
      ++*at;
      Element element;
      element.letter = '[';
      ASSIGN_OR_RETURN(element.part, CompilePart(pattern, use, at, true));
      elements.push_back(std::move(element));
    } else if (c == ']') {
      if (!nested) return BadPattern(pattern, "] without [");
      ++*at;
      MeasureAdjacent(&elements);
      return elements;
    } else if (c == '{' || c == '}' || c == '#') {
      return BadPattern(pattern, fmt::format("{} must stand in quotes", c));
    } else {
      elements.push_back({0, 0, std::string(1, c), {}, 0});
      ++*at;
    }
  }
  // Java closes optional parts at the end by itself.
  MeasureAdjacent(&elements);
  return elements;
}

bool DateTimePattern::IsFixedNumber(const Element& element) {
  switch (element.letter) {
    case 'y':
    case 'M':
    case 'L':
    case 'd':
    case 'H':
    case 'h':
    case 'K':
    case 'k':
    case 'm':
    case 's':
      return element.count == 2;
    case 'D':
      return element.count == 3;
    default:
      return false;
  }
}

void DateTimePattern::MeasureAdjacent(std::vector<Element>* elements) {
  int width = 0;
  for (size_t i = elements->size(); i-- > 0;) {
    Element& element = (*elements)[i];
    element.fixed_after = width;
    width = IsFixedNumber(element) ? width + element.count : 0;
  }
}

Result<DateTimePattern> DateTimePattern::Compile(std::string_view pattern, PatternUse use) {
  DateTimePattern compiled;
  size_t at = 0;
  ASSIGN_OR_RETURN(compiled.elements_, CompilePart(pattern, use, &at, false));
  compiled.has_era_ = HasEra(pattern);
  return compiled;
}

}  // namespace flare::engine
