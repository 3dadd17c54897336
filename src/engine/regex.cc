#include "engine/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <charconv>

#include "engine/utf8.h"

namespace flare::engine {
namespace {

/// Bounds what a hostile pattern may cost on one value (a few hundred milliseconds).
constexpr uint32_t kMatchLimit = 10'000'000;
constexpr uint32_t kHeapLimitKib = 64 * 1024;

/// Contexts that every pattern of a thread shares.
struct Contexts {
  Contexts() {
    compile = pcre2_compile_context_create(nullptr);
    pcre2_set_newline(compile, PCRE2_NEWLINE_ANYCRLF);
    pcre2_set_bsr(compile, PCRE2_BSR_UNICODE);
    match = pcre2_match_context_create(nullptr);
    pcre2_set_match_limit(match, kMatchLimit);
    pcre2_set_heap_limit(match, kHeapLimitKib);
    stack = pcre2_jit_stack_create(32 * 1024, 4 * 1024 * 1024, nullptr);
    pcre2_jit_stack_assign(match, nullptr, stack);
  }
  ~Contexts() {
    pcre2_jit_stack_free(stack);
    pcre2_match_context_free(match);
    pcre2_compile_context_free(compile);
  }
  static Contexts& OfThread() {
    static thread_local Contexts contexts;
    return contexts;
  }
  pcre2_compile_context* compile;
  pcre2_match_context* match;
  pcre2_jit_stack* stack;
};

/// Java's \p{...} names that PCRE2 lacks, as POSIX classes.
constexpr std::pair<std::string_view, std::string_view> kPosix[] = {
    {"Lower", "lower"}, {"Upper", "upper"}, {"ASCII", "ascii"}, {"Alpha", "alpha"},
    {"Digit", "digit"}, {"Alnum", "alnum"}, {"Punct", "punct"}, {"Graph", "graph"},
    {"Print", "print"}, {"Blank", "blank"}, {"Cntrl", "cntrl"}, {"XDigit", "xdigit"},
    {"Space", "space"}};
constexpr std::pair<std::string_view, std::string_view> kProperties[] = {
    {"IsAlphabetic", "L"},   {"IsLetter", "L"},        {"IsDigit", "Nd"},
    {"IsUppercase", "Lu"},   {"IsLowercase", "Ll"},    {"IsPunctuation", "P"},
    {"IsWhite_Space", "Xsp"}, {"javaLowerCase", "Ll"}, {"javaUpperCase", "Lu"},
    {"IsIdeographic", "Han"}};

/// Translates one pattern, left to right.
class Translator {
 public:
  explicit Translator(std::string_view pattern) : pattern_(pattern) {}

  Result<std::string> Run() {
    while (at_ < pattern_.size()) {
      char c = pattern_[at_];
      if (c == '\\') {
        Escape();
      } else if (c == '[') {
        ASSIGN_OR_RETURN(std::string characters, Class(0));
        out_.append(characters);
      } else if (Rest().starts_with("(?") && IsFlag(2)) {
        RETURN_IF_ERROR(Flags());
      } else {
        Copy(1);
      }
    }
    return std::move(out_);
  }

 private:
  std::string_view Rest() const { return pattern_.substr(std::min(at_, pattern_.size())); }

  void Copy(size_t count) {
    out_.append(pattern_.substr(at_, count));
    at_ += count;
  }

  bool IsFlag(size_t ahead) const {
    return at_ + ahead < pattern_.size() && std::string_view("idmsuxU-").find(pattern_[at_ + ahead]) != std::string_view::npos;
  }

  /// (?iu) and (?s:...): Java's u and d change nothing here, its U means another thing there.
  Status Flags() {
    Copy(2);
    for (; IsFlag(0); ++at_) {
      if (pattern_[at_] == 'U') {
        return Unsupported("regular expression '{}': the flag U (at {}) is not supported; name the classes, as in \\p{{L}}", pattern_, at_ + 1);
      }
      if (pattern_[at_] != 'u' && pattern_[at_] != 'd') out_ += pattern_[at_];
    }
    if (out_.ends_with("-")) out_.pop_back();
    return Ok();
  }

  /// One side of && in a class: its characters, and the classes that stand inside of it.
  struct Operand {
    std::string body;
    std::vector<std::string> classes;

    std::string Text() const {
      // a colon behind the bracket would begin a POSIX class
      std::string own = body.empty() ? "" : fmt::format("[{}{}]", body[0] == ':' || body[0] == '^' ? "\\" : "", body);
      if (classes.empty()) return own;
      if (own.empty() && classes.size() == 1) return classes[0];
      std::string text = "(?:" + own;
      for (const std::string& one : classes) text += (text.size() > 3 ? "|" : "") + one;
      return text + ")";
    }
  };

  /// A class with what Java allows in it: classes (their union) and && (the intersection). The result
  /// matches one character.
  Result<std::string> Class(int depth) {
    constexpr int kDeepest = 32;
    size_t begin = at_++;
    bool negated = Rest().starts_with('^');
    if (negated) ++at_;
    std::vector<Operand> operands(1);
    auto body = [&]() -> std::string& { return operands.back().body; };
    // A bracket that closes at once stands for itself.
    if (Rest().starts_with(']')) {
      body() += "\\]";
      ++at_;
    }
    while (true) {
      if (at_ >= pattern_.size() || depth > kDeepest) {
        return InvalidArgument(
            "[INVALID_PARAMETER_VALUE.PATTERN] The regular expression '{}' is invalid: a class (at {}) is not closed, or too "
            "deep. SQLSTATE: 22023", pattern_, begin + 1);
      }
      char c = pattern_[at_];
      if (c == ']') break;
      if (c == '\\') {
        std::swap(out_, body());
        in_class_ = true;
        Escape();
        in_class_ = false;
        std::swap(out_, body());
      } else if (c == '[') {
        ASSIGN_OR_RETURN(std::string inner, Class(depth + 1));
        operands.back().classes.push_back(std::move(inner));
      } else if (Rest().starts_with("&&")) {
        at_ += 2;
        operands.emplace_back();
      } else {
        body() += c;
        ++at_;
      }
    }
    ++at_;
    std::erase_if(operands, [](const Operand& operand) { return operand.body.empty() && operand.classes.empty(); });
    if (operands.empty()) {
      return InvalidArgument("[INVALID_PARAMETER_VALUE.PATTERN] The regular expression '{}' is invalid: a class (at {}) is empty. "
                             "SQLSTATE: 22023", pattern_, begin + 1);
    }
    if (operands.size() == 1 && operands[0].classes.empty()) return fmt::format("[{}{}]", negated ? "^" : Guard(operands[0].body), operands[0].body);
    std::string text;
    for (size_t i = 1; i < operands.size(); ++i) text += fmt::format("(?={})", operands[i].Text());
    text += operands[0].Text();
    return negated ? fmt::format("(?:(?!{})(?s:.))", text) : operands.size() == 1 ? text : fmt::format("(?:{})", text);
  }

  /// What keeps the first character of a class from meaning something.
  static std::string_view Guard(std::string_view body) { return body.starts_with(':') ? "\\" : ""; }

  /// The code of four hexadecimal digits.
  static std::optional<uint32_t> HexUnit(std::string_view digits) {
    uint32_t unit = 0;
    if (digits.size() < 4) return std::nullopt;
    auto read = std::from_chars(digits.data(), digits.data() + 4, unit, 16);
    if (read.ec != std::errc() || read.ptr != digits.data() + 4) return std::nullopt;
    return unit;
  }

  void Escape() {
    std::string_view rest = Rest();
    if (rest.starts_with("\\Q")) {
      size_t end = rest.find("\\E");
      Copy(end == rest.npos ? rest.size() : end + 2);
    } else if (auto unit = rest.starts_with("\\u") ? HexUnit(rest.substr(2)) : std::nullopt) {
      at_ += 6;
      auto low = *unit >= 0xD800 && *unit < 0xDC00 && Rest().starts_with("\\u") ? HexUnit(Rest().substr(2)) : std::nullopt;
      if (low && *low >= 0xDC00 && *low < 0xE000) {
        unit = 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00);
        at_ += 6;
      }
      out_.append(fmt::format("\\x{{{:x}}}", *unit));
    } else if (rest.size() > 2 && rest[1] == '0' && rest[2] >= '0' && rest[2] <= '7') {
      Octal(rest);
    } else if (rest.starts_with("\\p{") || rest.starts_with("\\P{")) {
      Property(rest);
    } else {
      Copy(std::min<size_t>(2, rest.size()));
    }
  }

  /// \\0n, \\0nn, \\0mnn with m up to 3.
  void Octal(std::string_view rest) {
    uint32_t code = 0;
    size_t end = 2;
    for (; end < rest.size() && end < 5 && rest[end] >= '0' && rest[end] <= '7'; ++end) {
      if (end == 4 && code > 31) break;
      code = code * 8 + static_cast<uint32_t>(rest[end] - '0');
    }
    at_ += end;
    out_.append(fmt::format("\\x{{{:x}}}", code));
  }

  void Property(std::string_view rest) {
    bool negated = rest[1] == 'P';
    size_t end = rest.find('}');
    std::string_view name = rest.substr(3, end == rest.npos ? 0 : end - 3);
    for (auto [java, posix] : kPosix) {
      if (name != java) continue;
      std::string inner = fmt::format("[:{}{}:]", negated ? "^" : "", posix);
      out_.append(in_class_ ? inner : "[" + inner + "]");
      at_ += end + 1;
      return;
    }
    for (auto [java, property] : kProperties) {
      if (name != java) continue;
      out_.append(fmt::format("\\{}{{{}}}", rest[1], property));
      at_ += end + 1;
      return;
    }
    // Scripts: \p{IsLatin} is \p{Latin}.
    if (name.size() > 3 && name.starts_with("Is")) {
      out_.append(fmt::format("\\{}{{{}}}", rest[1], name.substr(2)));
      at_ += end + 1;
      return;
    }
    Copy(3);
  }

  std::string_view pattern_;
  size_t at_ = 0;
  bool in_class_ = false;
  std::string out_;
};

}  // namespace

struct Regex::Compiled {
  ~Compiled() {
    pcre2_match_data_free(match);
    pcre2_code_free(code);
  }
  std::string pattern;
  pcre2_code* code = nullptr;
  pcre2_match_data* match = nullptr;
  uint32_t groups = 0;
};

Result<std::string> TranslateJavaPattern(std::string_view pattern) { return Translator(pattern).Run(); }

Regex::Regex(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;

Result<Regex> Regex::Compile(std::string_view pattern, std::string_view function) {
  ASSIGN_OR_RETURN(std::string translated, TranslateJavaPattern(pattern));
  auto compiled = std::make_unique<Compiled>();
  compiled->pattern = pattern;
  int error = 0;
  size_t offset = 0;
  compiled->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                                 PCRE2_UTF, &error, &offset, Contexts::OfThread().compile);
  if (compiled->code == nullptr) {
    PCRE2_UCHAR why[256] = {};
    pcre2_get_error_message(error, why, sizeof(why));
    return InvalidArgument(
        "[INVALID_PARAMETER_VALUE.PATTERN] The value of parameter(s) `regexp` in `{}` is invalid: '{}' "
        "({} at {}). SQLSTATE: 22023",
        function, pattern, reinterpret_cast<const char*>(why), offset);
  }
  // Without JIT it is only slower.
  pcre2_jit_compile(compiled->code, PCRE2_JIT_COMPLETE);
  compiled->match = pcre2_match_data_create_from_pattern(compiled->code, nullptr);
  pcre2_pattern_info(compiled->code, PCRE2_INFO_CAPTURECOUNT, &compiled->groups);
  return Regex(std::move(compiled));
}

Result<bool> Regex::Find(std::string_view text, size_t start) const {
  int found = pcre2_match(compiled_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), start,
                          PCRE2_NO_UTF_CHECK, compiled_->match, Contexts::OfThread().match);
  if (found >= 0) return true;
  if (found == PCRE2_ERROR_NOMATCH) return false;
  PCRE2_UCHAR why[256] = {};
  pcre2_get_error_message(found, why, sizeof(why));
  return InvalidArgument("regular expression '{}' gives up on a value of {} bytes: {}; make it simpler",
                         compiled_->pattern, text.size(), reinterpret_cast<const char*>(why));
}

std::optional<std::pair<size_t, size_t>> Regex::Group(size_t group) const {
  const PCRE2_SIZE* ranges = pcre2_get_ovector_pointer(compiled_->match);
  if (group > compiled_->groups || ranges[2 * group] == PCRE2_UNSET) return std::nullopt;
  // \K in a look-ahead can put the start behind the end.
  return std::pair(std::min(ranges[2 * group], ranges[2 * group + 1]), ranges[2 * group + 1]);
}

size_t Regex::group_count() const { return compiled_->groups; }

std::optional<size_t> Regex::GroupNumber(const std::string& name) const {
  int number = pcre2_substring_number_from_name(compiled_->code,
                                                reinterpret_cast<PCRE2_SPTR>(name.c_str()));
  if (number <= 0) return std::nullopt;
  return static_cast<size_t>(number);
}

size_t Regex::NextStart(std::string_view text) const {
  auto whole = Group(0).value_or(std::pair(text.size(), text.size()));
  if (whole.first != whole.second) return whole.second;
  return whole.second < text.size() ? whole.second + CodePointBytes(text[whole.second]) : text.size() + 1;
}

}  // namespace flare::engine
