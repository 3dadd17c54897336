#include "engine/decimal_pattern.h"

#include <algorithm>

#include "engine/format_text.h"

namespace flare::engine {
namespace {

constexpr std::string_view kPerMille = "\xE2\x80\xB0";

Error Malformed(std::string_view pattern) {
  return InvalidArgument("[INVALID_PARAMETER_VALUE.PATTERN] '{}' is no pattern for numbers such as '#,##0.00'. SQLSTATE: 22023", pattern);
}

/// Reads literal text up to a digit of the pattern (or `;`); a quote keeps what it encloses.
bool ReadAffix(std::string_view pattern, size_t* at, std::string* affix, int* shift) {
  while (*at < pattern.size() && std::string_view("#0,.;").find(pattern[*at]) == std::string_view::npos) {
    if (pattern[*at] == '\'') {
      size_t end = pattern.find('\'', *at + 1);
      if (end == pattern.npos) return false;
      affix->append(end == *at + 1 ? "'" : pattern.substr(*at + 1, end - *at - 1));
      *at = end + 1;
      continue;
    }
    if (pattern[*at] == '%') *shift = 2;
    if (pattern.substr(*at).starts_with(kPerMille)) *shift = 3;
    *affix += pattern[(*at)++];
  }
  return true;
}

/// The point of plain decimal text moved to the right.
std::string Shifted(std::string_view plain, int places) {
  std::string text(plain);
  size_t point = text.find('.');
  if (point == text.npos) return text.append(static_cast<size_t>(places), '0');
  text.erase(point, 1);
  point += static_cast<size_t>(places);
  if (point > text.size()) text.append(point - text.size(), '0');
  return text.insert(point, ".");
}

}  // namespace

Result<DecimalPattern> DecimalPattern::Parse(std::string_view pattern) {
  DecimalPattern parsed;
  size_t at = 0;
  if (!ReadAffix(pattern, &at, &parsed.positive_.prefix, &parsed.shift_)) return Malformed(pattern);
  size_t hashes = 0;
  bool point = false;
  size_t since_comma = 0;
  bool comma = false;
  bool zero_seen = false;
  for (; at < pattern.size() && std::string_view("#0,.").find(pattern[at]) != std::string_view::npos; ++at) {
    char c = pattern[at];
    if (c == '.') {
      if (point) return Malformed(pattern);
      point = true;
    } else if (c == ',') {
      if (point) return Malformed(pattern);
      comma = true;
      since_comma = 0;
    } else if (point) {
      ++parsed.most_fraction_;
      if (c == '0') {
        if (parsed.least_fraction_ + 1 != parsed.most_fraction_) return Malformed(pattern);
        ++parsed.least_fraction_;
      }
      zero_seen = zero_seen || c == '0';
    } else {
      ++since_comma;
      if (c == '0') ++parsed.least_whole_;
      if (c == '#' && parsed.least_whole_ > 0) return Malformed(pattern);
      zero_seen = zero_seen || c == '0';
      ++hashes;
    }
  }
  if (comma && since_comma == 0) return Malformed(pattern);
  if (comma) parsed.group_ = since_comma;
  // without a 0 the digit beside the point is one
  if (!zero_seen && point && hashes > 0) parsed.least_whole_ = 1;
  if (!zero_seen && point && hashes == 0) parsed.least_fraction_ = std::min<size_t>(1, parsed.most_fraction_);
  parsed.always_point_ = point && parsed.most_fraction_ == 0;
  if (at < pattern.size() && pattern[at] == 'E') {
    return Unsupported("a number pattern with an exponent ('{}') is not supported", pattern);
  }
  if (!ReadAffix(pattern, &at, &parsed.positive_.suffix, &parsed.shift_)) return Malformed(pattern);
  parsed.negative_ = {"-" + parsed.positive_.prefix, parsed.positive_.suffix};
  if (at < pattern.size() && pattern[at] == ';') {
    Affixes negative;
    int ignored = 0;
    if (!ReadAffix(pattern, &++at, &negative.prefix, &ignored)) return Malformed(pattern);
    while (at < pattern.size() && std::string_view("#0,.").find(pattern[at]) != std::string_view::npos) ++at;
    if (!ReadAffix(pattern, &at, &negative.suffix, &ignored)) return Malformed(pattern);
    bool same = negative.prefix == parsed.positive_.prefix && negative.suffix == parsed.positive_.suffix;
    if (!same) parsed.negative_ = std::move(negative);
  }
  if (at < pattern.size()) return Malformed(pattern);
  return parsed;
}

std::string DecimalPattern::Write(std::string_view plain) const {
  bool negative = plain.starts_with('-');
  if (negative) plain.remove_prefix(1);
  std::string rounded = RoundPlain(Shifted(plain, shift_), static_cast<int>(most_fraction_), true);
  size_t point = std::min(rounded.find('.'), rounded.size());
  std::string whole = rounded.substr(0, point);
  std::string fraction = point < rounded.size() ? rounded.substr(point + 1) : "";
  while (fraction.size() > least_fraction_ && fraction.back() == '0') fraction.pop_back();
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  if (whole.size() < least_whole_) whole.insert(0, least_whole_ - whole.size(), '0');
  if (whole.empty() && fraction.empty()) whole = "0";
  for (size_t i = whole.size(); group_ > 0 && i > group_; ) {
    i -= group_;
    whole.insert(i, ",");
  }
  const Affixes& affixes = negative ? negative_ : positive_;
  std::string out = affixes.prefix + whole;
  if (!fraction.empty() || always_point_) out += '.';
  return out.append(fraction).append(affixes.suffix);
}

}  // namespace flare::engine
