#include "engine/number_model.h"

#include <fmt/format.h>

#include <algorithm>

namespace flare::engine {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1C' && c <= '\x1F'); }

Error BadFormat(std::string_view condition, std::string_view format, std::string_view why) {
  return InvalidArgument("[INVALID_FORMAT.{}] The format is invalid: '{}'. {} SQLSTATE: 42601", condition, format, why);
}

/// A sign or bracket goes before the blanks at the end.
void AddBeforeBlanks(char c, std::string* out) {
  size_t at = out->size();
  while (at > 0 && (*out)[at - 1] == ' ') --at;
  out->insert(at, 1, c);
}

/// A blank goes before the signs and brackets at the end.
void AddBlankBeforeSigns(std::string* out) {
  size_t at = out->size();
  while (at > 0 && std::string_view("+-<").find((*out)[at - 1]) != std::string_view::npos) --at;
  out->insert(at, 1, ' ');
}

/// A point without digits behind it becomes a blank.
void DropLonePoint(std::string* out) {
  size_t point = out->find('.');
  if (point == out->npos) return;
  if (point + 1 == out->size() || (*out)[point + 1] == ' ') (*out)[point] = ' ';
}

}  // namespace

Result<NumberModel> NumberModel::Parse(std::string_view format) {
  NumberModel model;
  bool after_point = false;
  bool in_digits = false;
  auto digits = [&]() -> std::vector<Part>& {
    if (!in_digits) model.tokens_.push_back({Kind::kDigits, {}});
    in_digits = true;
    return model.tokens_.back().parts;
  };
  auto upper = [&](size_t i) {
    char c = i < format.size() ? format[i] : '\0';
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  };
  for (size_t i = 0; i < format.size();) {
    char c = upper(i);
    if (c == '0' || c == '9') {
      size_t begin = i;
      while (upper(i) == '0' || upper(i) == '9') ++i;
      digits().push_back({i - begin, c == '0' && !after_point});
      continue;
    }
    if (c == ',' || c == 'G') {
      digits().push_back({});
      ++i;
      continue;
    }
    in_digits = false;
    if (c == '.' || c == 'D') {
      model.tokens_.push_back({Kind::kPoint, {}});
      after_point = true;
    } else if (c == '$') {
      model.tokens_.push_back({Kind::kDollar, {}});
    } else if (c == 'S') {
      model.tokens_.push_back({Kind::kSign, {}});
    } else if (c == 'M' && upper(i + 1) == 'I') {
      model.tokens_.push_back({Kind::kMinus, {}});
      ++i;
    } else if (c == 'P' && upper(i + 1) == 'R') {
      model.tokens_.insert(model.tokens_.begin(), {Kind::kOpen, {}});
      model.tokens_.push_back({Kind::kClose, {}});
      ++i;
    } else {
      return BadFormat("UNEXPECTED_TOKEN", format, fmt::format("Found the unexpected character '{}'.", format[i]));
    }
    ++i;
  }
  RETURN_IF_ERROR(model.Check(format));
  return model;
}

Status NumberModel::Check(std::string_view format) const {
  if (format.empty()) return BadFormat("EMPTY", format, "The number format string cannot be empty.");
  auto is = [](Kind kind) { return [kind](const Token& token) { return token.kind == kind; }; };
  auto index = [&](Kind kind) {
    return std::find_if(tokens_.begin(), tokens_.end(), is(kind)) - tokens_.begin();
  };
  auto end = static_cast<ptrdiff_t>(tokens_.size());
  bool any_digit = false;
  bool after_point = false;
  for (const Token& token : tokens_) {
    after_point = after_point || token.kind == Kind::kPoint;
    if (token.kind != Kind::kDigits) continue;
    any_digit = true;
    for (size_t i = 0; i < token.parts.size(); ++i) {
      if (token.parts[i].digits > 0) continue;
      if (after_point) {
        return BadFormat("THOUSANDS_SEPS_MUST_BEFORE_DEC", format, "Thousands separators must stand before the decimal point.");
      }
      if (i == 0 || i + 1 == token.parts.size() || token.parts[i + 1].digits == 0) {
        return BadFormat("CONT_THOUSANDS_SEPS", format, "Thousands separators must have digits in between them.");
      }
    }
  }
  if (!any_digit) return BadFormat("WRONG_NUM_DIGIT", format, "The format string requires at least one number digit.");
  if (index(Kind::kDollar) < end && (index(Kind::kDigits) < index(Kind::kDollar) || index(Kind::kPoint) < index(Kind::kDollar))) {
    return BadFormat("CUR_MUST_BEFORE_DIGIT", format, "Currency characters must appear before any number digit.");
  }
  for (Kind kind : {Kind::kPoint, Kind::kSign, Kind::kMinus, Kind::kDollar, Kind::kClose}) {
    if (std::count_if(tokens_.begin(), tokens_.end(), is(kind)) > 1) {
      return BadFormat("WRONG_NUM_TOKEN", format, "A token stands in it more than once.");
    }
  }
  // [<] [MI|S] [$] digits [.] digits [$] [MI|S|>]
  const std::vector<std::vector<Kind>> order = {{Kind::kOpen},   {Kind::kMinus, Kind::kSign},
                                                {Kind::kDollar}, {Kind::kDigits},
                                                {Kind::kPoint},  {Kind::kDigits},
                                                {Kind::kDollar}, {Kind::kMinus, Kind::kSign, Kind::kClose}};
  size_t at = 0;
  for (const auto& allowed : order) {
    if (at < tokens_.size() && std::find(allowed.begin(), allowed.end(), tokens_[at].kind) != allowed.end()) ++at;
  }
  if (at < tokens_.size()) return BadFormat("UNEXPECTED_TOKEN", format, "Its parts stand in the wrong order.");
  return Ok();
}

size_t NumberModel::DigitsOf(bool after_point) const {
  size_t count = 0;
  bool after = false;
  for (const Token& token : tokens_) {
    after = after || token.kind == Kind::kPoint;
    if (after != after_point) continue;
    for (const Part& part : token.parts) count += part.digits;
  }
  return count;
}

/// Reads digits, blanks and commas from `at` on; the sizes of the groups must fit those of the model,
/// counted from the right. Returns where they end.
std::optional<size_t> NumberModel::ReadDigits(const Token& token, std::string_view text, size_t at,
                                              std::string* digits) const {
  std::vector<size_t> sizes = {0};
  for (; at < text.size(); ++at) {
    if (IsBlank(text[at])) continue;
    if (IsDigit(text[at])) {
      digits->push_back(text[at]);
      ++sizes.back();
    } else if (text[at] == ',') {
      sizes.push_back(0);
    } else {
      break;
    }
  }
  std::vector<Part> wanted;
  for (const Part& part : token.parts) {
    if (part.digits > 0) wanted.push_back(part);
  }
  if (sizes.size() > wanted.size()) return std::nullopt;
  for (size_t i = 0; i < wanted.size(); ++i) {
    size_t size = i < sizes.size() ? sizes[sizes.size() - 1 - i] : 0;
    const Part& part = wanted[wanted.size() - 1 - i];
    if (part.exact ? size != part.digits : size > part.digits) return std::nullopt;
  }
  return at;
}

std::optional<std::string> NumberModel::Read(std::string_view text) const {
  std::string whole;
  std::string fraction;
  bool after_point = false;
  bool negative = false;
  bool opened = false;
  bool closed = false;
  size_t at = 0;
  for (const Token& token : tokens_) {
    char c = at < text.size() ? text[at] : '\0';
    switch (token.kind) {
      case Kind::kDigits: {
        auto end = ReadDigits(token, text, at, after_point ? &fraction : &whole);
        if (!end) return std::nullopt;
        at = *end;
        break;
      }
      case Kind::kPoint:
        if (c == '.') after_point = true, ++at;
        break;
      case Kind::kDollar:
        if (at < text.size() && c != '$') return std::nullopt;
        if (c == '$') ++at;
        break;
      case Kind::kSign:
      case Kind::kMinus:
        if (c == '-') negative = !negative;
        if (c == '-' || (c == '+' && token.kind == Kind::kSign)) ++at;
        break;
      case Kind::kOpen:
        if (c == '<') opened = true, ++at;
        break;
      case Kind::kClose:
        if (c != '>') break;
        if (!opened) return std::nullopt;
        closed = true;
        negative = !negative;
        ++at;
    }
  }
  if (at < text.size() || opened != closed || (whole.empty() && fraction.empty())) return std::nullopt;
  size_t scale = DigitsOf(true);
  if (fraction.size() > scale) return std::nullopt;
  fraction.append(scale - fraction.size(), '0');
  return fmt::format("{}{}{}{}", negative ? "-" : "", whole.empty() ? "0" : whole, fraction.empty() ? "" : ".", fraction);
}

std::string NumberModel::Write(std::string_view plain) const {
  bool negative = plain.starts_with('-') && plain.find_first_of("123456789") != plain.npos;
  if (plain.starts_with('-')) plain.remove_prefix(1);
  size_t point = std::min(plain.find('.'), plain.size());
  std::string whole(plain.substr(0, point));
  std::string fraction(point < plain.size() ? plain.substr(point + 1) : std::string_view());
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  fraction.erase(fraction.find_last_not_of('0') + 1);
  size_t before = DigitsOf(false);
  size_t after = DigitsOf(true);
  if (whole.size() > before || fraction.size() > after) {
    whole.assign(before, '#');
    fraction.assign(after, '#');
  }
  whole.insert(0, before - whole.size(), ' ');
  fraction.append(after - fraction.size(), '0');
  std::string out;
  bool after_point = false;
  size_t whole_at = 0;
  for (const Token& token : tokens_) {
    switch (token.kind) {
      case Kind::kDigits:
        if (after_point) {
          out += fraction;
          break;
        }
        for (const Part& part : token.parts) {
          if (part.digits == 0) {
            if (!out.empty() && IsDigit(out.back())) out += ',';
            else AddBlankBeforeSigns(&out);
          }
          for (size_t i = 0; i < part.digits; ++i) {
            char c = whole[whole_at++];
            if (c != ' ') out += c;
            else if (part.exact) out += '0';
            else AddBlankBeforeSigns(&out);
          }
        }
        break;
      case Kind::kPoint:
        if (!out.empty() && out.back() == ' ') out.back() = '0';
        out += '.';
        after_point = true;
        break;
      case Kind::kDollar: out += '$'; break;
      case Kind::kSign:
        DropLonePoint(&out);
        AddBeforeBlanks(negative ? '-' : '+', &out);
        break;
      case Kind::kMinus:
        if (negative) {
          DropLonePoint(&out);
          AddBeforeBlanks('-', &out);
        } else {
          out += ' ';
        }
        break;
      case Kind::kOpen:
        if (negative) out += '<';
        break;
      case Kind::kClose:
        DropLonePoint(&out);
        if (negative) AddBeforeBlanks('>', &out);
        else out += "  ";
    }
  }
  DropLonePoint(&out);
  if (out.empty() || out == "+" || out == "-") return "0";
  return out;
}

}  // namespace flare::engine
