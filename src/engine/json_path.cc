#include "engine/json_path.h"

#include <charconv>
#include <cmath>

#include "engine/number_text.h"

namespace flare::engine {
namespace {

/// '.name' up to the next step, or '.*'.
std::string_view TakeName(std::string_view* text) {
  size_t end = std::min(text->find_first_of(".["), text->size());
  std::string_view name = text->substr(0, end);
  text->remove_prefix(end);
  return name;
}

/// As Java prints the number that it is: -0 is 0, 1.50 is 1.5, what is no number stands in quotes.
void CopyNumber(const JsonReader::Number& number, std::string* json) {
  if (number.is_integer) {
    std::string_view digits = number.raw;
    bool negative = digits.starts_with('-');
    if (negative) digits.remove_prefix(1);
    while (digits.size() > 1 && digits[0] == '0') digits.remove_prefix(1);
    if (negative && digits != "0") json->push_back('-');
    json->append(digits);
    return;
  }
  double value = ParseDouble(number.raw).value_or(0);
  json->append(std::isfinite(value) ? JavaDoubleText(value) : "\"" + JavaDoubleText(value) + "\"");
}

/// Spark's parser passes over blanks before the names and numbers of a path.
void SkipSpace(std::string_view* text) {
  text->remove_prefix(std::min(text->find_first_not_of(" \t\r\n"), text->size()));
}

bool CopyNested(JsonReader* reader, std::string* json, int depth) {
  constexpr int kDeepest = 1000;
  if (depth > kDeepest) return false;
  char c = reader->Peek();
  std::string scratch;
  std::string_view text;
  JsonReader::String string;
  JsonReader::Number number;
  if (reader->IsString(c)) {
    if (!reader->ReadString(&string) || !reader->Unescape(string, &scratch, &text)) return false;
    AppendJsonString(text, json);
    return true;
  }
  if (c != '{' && c != '[') {
    if (!JsonReader::IsNumberStart(c)) {
      if (!reader->SkipValue(&text)) return false;
      json->append(text);
      return true;
    }
    if (!reader->ReadNumber(&number)) return false;
    CopyNumber(number, json);
    return true;
  }
  char close = c == '{' ? '}' : ']';
  reader->Take();
  json->push_back(c);
  bool more = !reader->TakeIf(close);
  for (bool first = true; more; first = false) {
    if (!first) json->push_back(',');
    if (close == '}') {
      if (!reader->ReadName(&string) || !reader->Unescape(string, &scratch, &text)) return false;
      AppendJsonString(text, json);
      json->push_back(':');
    }
    if (!CopyNested(reader, json, depth + 1) || !reader->Next(close, &more)) return false;
  }
  json->push_back(close);
  return true;
}

}  // namespace

bool CopyJsonValue(JsonReader* reader, std::string* json) { return CopyNested(reader, json, 0); }

std::optional<JsonPath> JsonPath::Parse(std::string_view text) {
  if (!text.starts_with('$')) return std::nullopt;
  text.remove_prefix(1);
  JsonPath path;
  while (!text.empty()) {
    if (text[0] == '.') {
      text.remove_prefix(1);
      SkipSpace(&text);
      std::string_view name = TakeName(&text);
      if (name.empty()) return std::nullopt;
      path.steps_.push_back({name == "*" ? Kind::kAnyName : Kind::kName, std::string(name)});
      continue;
    }
    if (text[0] != '[') return std::nullopt;
    text.remove_prefix(1);
    Step step{Kind::kAnyIndex, "", 0};
    if (text.starts_with('\'')) {
      text.remove_prefix(1);
      SkipSpace(&text);
      size_t end = text.find('\'');
      if (end == text.npos || end == 0) return std::nullopt;
      step = {Kind::kName, std::string(text.substr(0, end)), 0};
      if (step.name == "*") step.kind = Kind::kAnyName;
      text.remove_prefix(end + 1);
    } else if (text.starts_with('*')) {
      text.remove_prefix(1);
    } else {
      step.kind = Kind::kIndex;
      SkipSpace(&text);
      auto parsed = std::from_chars(text.data(), text.data() + text.size(), step.index);
      if (parsed.ec != std::errc()) return std::nullopt;
      text.remove_prefix(parsed.ptr - text.data());
    }
    if (!text.starts_with(']')) return std::nullopt;
    text.remove_prefix(1);
    if (text.find_first_not_of(" \t\r\n") == text.npos) text = {};
    path.steps_.push_back(std::move(step));
  }
  return path;
}

/// Follows the steps through one text; every value is read to its end whether selected or not.
class JsonPath::Walk {
 public:
  Walk(std::string_view json, const std::vector<Step>& steps) : reader_(json, kPlainJson), steps_(steps) {}

  /// nullopt: malformed. Else whether something was written to `out`.
  std::optional<bool> Evaluate(size_t at, Style style, std::string* out) {
    if (++depth_ > kDeepest) return std::nullopt;
    auto result = EvaluateValue(at, style, out);
    --depth_;
    return result;
  }

 private:
  static constexpr int kDeepest = 1000;

  std::optional<bool> EvaluateValue(size_t at, Style style, std::string* out) {
    char c = reader_.Peek();
    if (at == steps_.size()) return Select(c, style, out);
    const Step& step = steps_[at];
    // Spark reads $.* and then finds nothing by it
    if (step.kind == Kind::kAnyName) return Skip();
    bool by_name = step.kind == Kind::kName;
    if (c == '{' && by_name) return EvaluateObject(at, style, out);
    if (c == '[' && !by_name) {
      return step.kind == Kind::kIndex ? EvaluateElement(at, style, out) : EvaluateAll(at, style, out);
    }
    return Skip();
  }

  std::optional<bool> Skip() {
    if (!reader_.SkipValue(nullptr)) return std::nullopt;
    return false;
  }

  std::optional<bool> Select(char c, Style style, std::string* out) {
    if (c == '[' && style == Style::kFlatten) {
      bool any = false;
      reader_.Take();
      for (bool more = !reader_.TakeIf(']'); more;) {
        if (!Separated(&any, steps_.size(), style, out) || !reader_.Next(']', &more)) return std::nullopt;
      }
      return any;
    }
    if (style == Style::kRaw && reader_.IsString(c)) {
      JsonReader::String string;
      std::string scratch;
      std::string_view text;
      if (!reader_.ReadString(&string) || !reader_.Unescape(string, &scratch, &text)) return std::nullopt;
      out->append(text);
      return true;
    }
    if (!CopyJsonValue(&reader_, out)) return std::nullopt;
    return true;
  }

  /// Evaluates an element and puts a comma between it and the one before; false: malformed.
  bool Separated(bool* any, size_t at, Style style, std::string* out) {
    std::string value;
    auto found = Evaluate(at, style, &value);
    if (!found) return false;
    if (*found) {
      if (*any) out->push_back(',');
      out->append(value);
      *any = true;
    }
    return true;
  }

  std::optional<bool> EvaluateObject(size_t at, Style style, std::string* out) {
    const Step& step = steps_[at];
    bool found = false;
    reader_.Take();
    for (bool more = !reader_.TakeIf('}'); more;) {
      JsonReader::String raw;
      std::string scratch;
      std::string_view name;
      if (!reader_.ReadName(&raw) || !reader_.Unescape(raw, &scratch, &name)) return std::nullopt;
      bool wanted = !found && name == step.name && reader_.Peek() != 'n';
      auto selected = wanted ? Evaluate(at + 1, style, out) : Skip();
      if (!selected || !reader_.Next('}', &more)) return std::nullopt;
      found |= *selected;
    }
    return found;
  }

  std::optional<bool> EvaluateElement(size_t at, Style style, std::string* out) {
    bool then_all = at + 1 < steps_.size() && steps_[at + 1].kind == Kind::kAnyIndex;
    if (then_all) style = Style::kQuoted;
    bool found = false;
    reader_.Take();
    uint64_t index = 0;
    for (bool more = !reader_.TakeIf(']'); more; ++index) {
      auto selected = index == steps_[at].index ? Evaluate(at + 1, style, out) : Skip();
      if (!selected || !reader_.Next(']', &more)) return std::nullopt;
      found |= *selected;
    }
    return found;
  }

  std::optional<bool> EvaluateAll(size_t at, Style style, std::string* out) {
    bool twice = at + 1 < steps_.size() && steps_[at + 1].kind == Kind::kAnyIndex;
    Style inner = twice || style == Style::kFlatten ? Style::kFlatten : Style::kQuoted;
    size_t next = twice ? at + 2 : at + 1;
    std::string values;
    size_t count = 0;
    reader_.Take();
    bool any = false;
    for (bool more = !reader_.TakeIf(']'); more;) {
      size_t before = values.size();
      if (!Separated(&any, next, inner, &values) || !reader_.Next(']', &more)) return std::nullopt;
      count += values.size() > before;
    }
    // A single match outside of arrays stands without brackets.
    bool bare = !twice && style != Style::kQuoted && count == 1;
    bool brackets = twice || style == Style::kQuoted || count > 1;
    if (bare) out->append(values);
    if (brackets) out->append("[").append(values).append("]");
    return any;
  }

  JsonReader reader_;
  const std::vector<Step>& steps_;
  int depth_ = 0;
};

std::optional<std::string> JsonPath::Get(std::string_view json) const {
  std::string out;
  auto found = Walk(json, steps_).Evaluate(0, Style::kRaw, &out);
  if (!found || !*found) return std::nullopt;
  return out;
}

}  // namespace flare::engine
