#include "engine/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

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
        RETURN_IF_ERROR(Escape());
      } else if (in_class_) {
        RETURN_IF_ERROR(InClass(c));
      } else {
        if (c == '[') OpenClass();
        else Copy(1);
      }
    }
    return std::move(out_);
  }

 private:
  void Copy(size_t count) {
    out_.append(pattern_.substr(at_, count));
    at_ += count;
  }

  void OpenClass() {
    in_class_ = true;
    Copy(1);
    if (pattern_.substr(at_).starts_with('^')) Copy(1);
    // A bracket that closes at once stands for itself in PCRE2, too.
    if (pattern_.substr(at_).starts_with(']')) Copy(1);
  }

  Status InClass(char c) {
    if (c == ']') in_class_ = false;
    if (c == '[' || pattern_.substr(at_).starts_with("&&")) {
      return Unsupported(
          "regular expression '{}': classes inside of classes and '&&' (at {}) are not supported; write the "
          "class out or use a look-ahead",
          pattern_, at_ + 1);
    }
    Copy(1);
    return Ok();
  }

  Status Escape() {
    std::string_view rest = pattern_.substr(at_);
    if (rest.starts_with("\\Q")) {
      size_t end = rest.find("\\E");
      Copy(end == rest.npos ? rest.size() : end + 2);
    } else if (rest.starts_with("\\u") && rest.size() >= 6) {
      out_.append("\\x{").append(rest.substr(2, 4)).append("}");
      at_ += 6;
    } else if (rest.starts_with("\\p{") || rest.starts_with("\\P{")) {
      Property(rest);
    } else {
      Copy(std::min<size_t>(2, rest.size()));
    }
    return Ok();
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
