#include "engine/case_mapping.h"

#include <algorithm>
#include <clocale>
#include <cwctype>

#include "engine/utf8.h"

namespace flare::engine {
namespace {

/// Characters whose upper case is more than one character, or is not their title case.
struct Special {
  uint32_t code_point;
  const char* upper;
  const char* title;
};

constexpr Special kSpecials[] = {
    {0x00DF, "SS", "Ss"}, {0x0149, "\u02BCN", "\u02BCN"}, {0x01C4, "\u01C4", "\u01C5"},
    {0x01C5, "\u01C4", "\u01C5"}, {0x01C6, "\u01C4", "\u01C5"}, {0x01C7, "\u01C7", "\u01C8"},
    {0x01C8, "\u01C7", "\u01C8"}, {0x01C9, "\u01C7", "\u01C8"}, {0x01CA, "\u01CA", "\u01CB"},
    {0x01CB, "\u01CA", "\u01CB"}, {0x01CC, "\u01CA", "\u01CB"}, {0x01F0, "J\u030C", "J\u030C"},
    {0x01F1, "\u01F1", "\u01F2"}, {0x01F2, "\u01F1", "\u01F2"}, {0x01F3, "\u01F1", "\u01F2"},
    {0x0390, "\u0399\u0308\u0301", "\u0399\u0308\u0301"},
    {0x03B0, "\u03A5\u0308\u0301", "\u03A5\u0308\u0301"}, {0x0587, "\u0535\u0552", "\u0535\u0582"},
    {0x1E96, "H\u0331", "H\u0331"}, {0x1E97, "T\u0308", "T\u0308"}, {0x1E98, "W\u030A", "W\u030A"},
    {0x1E99, "Y\u030A", "Y\u030A"}, {0x1E9A, "A\u02BE", "A\u02BE"},
    {0x1F50, "\u03A5\u0313", "\u03A5\u0313"}, {0x1F52, "\u03A5\u0313\u0300", "\u03A5\u0313\u0300"},
    {0x1F54, "\u03A5\u0313\u0301", "\u03A5\u0313\u0301"},
    {0x1F56, "\u03A5\u0313\u0342", "\u03A5\u0313\u0342"}, {0x1F80, "\u1F08\u0399", "\u1F88"},
    {0x1F81, "\u1F09\u0399", "\u1F89"}, {0x1F82, "\u1F0A\u0399", "\u1F8A"},
    {0x1F83, "\u1F0B\u0399", "\u1F8B"}, {0x1F84, "\u1F0C\u0399", "\u1F8C"},
    {0x1F85, "\u1F0D\u0399", "\u1F8D"}, {0x1F86, "\u1F0E\u0399", "\u1F8E"},
    {0x1F87, "\u1F0F\u0399", "\u1F8F"}, {0x1F88, "\u1F08\u0399", "\u1F88"},
    {0x1F89, "\u1F09\u0399", "\u1F89"}, {0x1F8A, "\u1F0A\u0399", "\u1F8A"},
    {0x1F8B, "\u1F0B\u0399", "\u1F8B"}, {0x1F8C, "\u1F0C\u0399", "\u1F8C"},
    {0x1F8D, "\u1F0D\u0399", "\u1F8D"}, {0x1F8E, "\u1F0E\u0399", "\u1F8E"},
    {0x1F8F, "\u1F0F\u0399", "\u1F8F"}, {0x1F90, "\u1F28\u0399", "\u1F98"},
    {0x1F91, "\u1F29\u0399", "\u1F99"}, {0x1F92, "\u1F2A\u0399", "\u1F9A"},
    {0x1F93, "\u1F2B\u0399", "\u1F9B"}, {0x1F94, "\u1F2C\u0399", "\u1F9C"},
    {0x1F95, "\u1F2D\u0399", "\u1F9D"}, {0x1F96, "\u1F2E\u0399", "\u1F9E"},
    {0x1F97, "\u1F2F\u0399", "\u1F9F"}, {0x1F98, "\u1F28\u0399", "\u1F98"},
    {0x1F99, "\u1F29\u0399", "\u1F99"}, {0x1F9A, "\u1F2A\u0399", "\u1F9A"},
    {0x1F9B, "\u1F2B\u0399", "\u1F9B"}, {0x1F9C, "\u1F2C\u0399", "\u1F9C"},
    {0x1F9D, "\u1F2D\u0399", "\u1F9D"}, {0x1F9E, "\u1F2E\u0399", "\u1F9E"},
    {0x1F9F, "\u1F2F\u0399", "\u1F9F"}, {0x1FA0, "\u1F68\u0399", "\u1FA8"},
    {0x1FA1, "\u1F69\u0399", "\u1FA9"}, {0x1FA2, "\u1F6A\u0399", "\u1FAA"},
    {0x1FA3, "\u1F6B\u0399", "\u1FAB"}, {0x1FA4, "\u1F6C\u0399", "\u1FAC"},
    {0x1FA5, "\u1F6D\u0399", "\u1FAD"}, {0x1FA6, "\u1F6E\u0399", "\u1FAE"},
    {0x1FA7, "\u1F6F\u0399", "\u1FAF"}, {0x1FA8, "\u1F68\u0399", "\u1FA8"},
    {0x1FA9, "\u1F69\u0399", "\u1FA9"}, {0x1FAA, "\u1F6A\u0399", "\u1FAA"},
    {0x1FAB, "\u1F6B\u0399", "\u1FAB"}, {0x1FAC, "\u1F6C\u0399", "\u1FAC"},
    {0x1FAD, "\u1F6D\u0399", "\u1FAD"}, {0x1FAE, "\u1F6E\u0399", "\u1FAE"},
    {0x1FAF, "\u1F6F\u0399", "\u1FAF"}, {0x1FB2, "\u1FBA\u0399", "\u1FBA\u0345"},
    {0x1FB3, "\u0391\u0399", "\u1FBC"}, {0x1FB4, "\u0386\u0399", "\u0386\u0345"},
    {0x1FB6, "\u0391\u0342", "\u0391\u0342"}, {0x1FB7, "\u0391\u0342\u0399", "\u0391\u0342\u0345"},
    {0x1FBC, "\u0391\u0399", "\u1FBC"}, {0x1FC2, "\u1FCA\u0399", "\u1FCA\u0345"},
    {0x1FC3, "\u0397\u0399", "\u1FCC"}, {0x1FC4, "\u0389\u0399", "\u0389\u0345"},
    {0x1FC6, "\u0397\u0342", "\u0397\u0342"}, {0x1FC7, "\u0397\u0342\u0399", "\u0397\u0342\u0345"},
    {0x1FCC, "\u0397\u0399", "\u1FCC"}, {0x1FD2, "\u0399\u0308\u0300", "\u0399\u0308\u0300"},
    {0x1FD3, "\u0399\u0308\u0301", "\u0399\u0308\u0301"}, {0x1FD6, "\u0399\u0342", "\u0399\u0342"},
    {0x1FD7, "\u0399\u0308\u0342", "\u0399\u0308\u0342"},
    {0x1FE2, "\u03A5\u0308\u0300", "\u03A5\u0308\u0300"},
    {0x1FE3, "\u03A5\u0308\u0301", "\u03A5\u0308\u0301"}, {0x1FE4, "\u03A1\u0313", "\u03A1\u0313"},
    {0x1FE6, "\u03A5\u0342", "\u03A5\u0342"}, {0x1FE7, "\u03A5\u0308\u0342", "\u03A5\u0308\u0342"},
    {0x1FF2, "\u1FFA\u0399", "\u1FFA\u0345"}, {0x1FF3, "\u03A9\u0399", "\u1FFC"},
    {0x1FF4, "\u038F\u0399", "\u038F\u0345"}, {0x1FF6, "\u03A9\u0342", "\u03A9\u0342"},
    {0x1FF7, "\u03A9\u0342\u0399", "\u03A9\u0342\u0345"}, {0x1FFC, "\u03A9\u0399", "\u1FFC"},
    {0xFB00, "FF", "Ff"}, {0xFB01, "FI", "Fi"}, {0xFB02, "FL", "Fl"}, {0xFB03, "FFI", "Ffi"},
    {0xFB04, "FFL", "Ffl"}, {0xFB05, "ST", "St"}, {0xFB06, "ST", "St"},
    {0xFB13, "\u0544\u0546", "\u0544\u0576"}, {0xFB14, "\u0544\u0535", "\u0544\u0565"},
    {0xFB15, "\u0544\u053B", "\u0544\u056B"}, {0xFB16, "\u054E\u0546", "\u054E\u0576"},
    {0xFB17, "\u0544\u053D", "\u0544\u056D"},
};

const Special* FindSpecial(uint32_t code_point) {
  const auto* found = std::lower_bound(
      std::begin(kSpecials), std::end(kSpecials), code_point,
      [](const Special& special, uint32_t wanted) { return special.code_point < wanted; });
  return found != std::end(kSpecials) && found->code_point == code_point ? found : nullptr;
}

constexpr uint32_t kCapitalSigma = 0x3A3;
constexpr uint32_t kSmallSigma = 0x3C3;
constexpr uint32_t kFinalSigma = 0x3C2;
constexpr uint32_t kCapitalIWithDot = 0x130;

struct Span {
  uint32_t first;
  uint32_t last;
};

/// What stands within a word without being a letter of it: marks, modifiers and apostrophes, as far as
/// they occur beside letters that have a case.
constexpr Span kCaseIgnorable[] = {
    {0x27, 0x27},     {0x2E, 0x2E},     {0x3A, 0x3A},     {0x5E, 0x5E},     {0x60, 0x60},     {0xA8, 0xA8},
    {0xAD, 0xAD},     {0xAF, 0xAF},     {0xB4, 0xB4},     {0xB7, 0xB8},     {0x2B0, 0x36F},   {0x374, 0x375},
    {0x37A, 0x37A},   {0x384, 0x385},   {0x387, 0x387},   {0x483, 0x489},   {0x55F, 0x55F},   {0x1AB0, 0x1ACE},
    {0x1D2C, 0x1D6A}, {0x1D78, 0x1D78}, {0x1D9B, 0x1DFF}, {0x1FBD, 0x1FBD}, {0x1FBF, 0x1FC1}, {0x1FCD, 0x1FCF},
    {0x1FDD, 0x1FDF}, {0x1FED, 0x1FEF}, {0x1FFD, 0x1FFE}, {0x200B, 0x200F}, {0x2018, 0x2019}, {0x2024, 0x2024},
    {0x2027, 0x2027}, {0x202A, 0x202E}, {0x2060, 0x2064}, {0x20D0, 0x20F0}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
    {0xFEFF, 0xFEFF}};

bool IsCaseIgnorable(uint32_t code_point) {
  return std::any_of(std::begin(kCaseIgnorable), std::end(kCaseIgnorable), [code_point](const Span& span) {
    return code_point >= span.first && code_point <= span.last;
  });
}

locale_t UnicodeLocale() {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}

uint32_t SimpleUpper(uint32_t code_point) {
  auto wide = static_cast<wint_t>(code_point);
  locale_t locale = UnicodeLocale();
  return static_cast<uint32_t>(locale == nullptr ? std::towupper(wide) : towupper_l(wide, locale));
}

uint32_t SimpleLower(uint32_t code_point) {
  auto wide = static_cast<wint_t>(code_point);
  locale_t locale = UnicodeLocale();
  return static_cast<uint32_t>(locale == nullptr ? std::towlower(wide) : towlower_l(wide, locale));
}

bool IsCased(uint32_t code_point) {
  return SimpleUpper(code_point) != code_point || SimpleLower(code_point) != code_point ||
         FindSpecial(code_point) != nullptr;
}

/// A sigma ends its word when a letter with a case stands before it and none after it.
bool FollowedByCased(std::string_view rest) {
  for (size_t at = 0; at < rest.size();) {
    uint32_t code_point = NextCodePoint(rest, &at);
    if (!IsCaseIgnorable(code_point)) return IsCased(code_point);
  }
  return false;
}

/// Appends in lower case while it keeps what a sigma must know of the letters before it.
class Lowering {
 public:
  explicit Lowering(std::string* out) : out_(out) {}

  void Append(uint32_t code_point, std::string_view rest) {
    if (code_point == kCapitalSigma) {
      AppendCodePoint(after_cased_ && !FollowedByCased(rest) ? kFinalSigma : kSmallSigma, out_);
    } else if (code_point == kCapitalIWithDot) {
      out_->append("i\u0307");
    } else {
      AppendCodePoint(SimpleLower(code_point), out_);
    }
    Note(code_point);
  }

  void Note(uint32_t code_point) {
    if (!IsCaseIgnorable(code_point)) after_cased_ = IsCased(code_point);
  }

 private:
  std::string* out_;
  bool after_cased_ = false;
};

bool IsGeorgian(uint32_t code_point) { return code_point >= 0x10D0 && code_point <= 0x10FF; }

void AppendTitle(uint32_t code_point, std::string* out) {
  if (const Special* special = FindSpecial(code_point)) {
    out->append(special->title);
  } else {
    // Georgian has capitals for whole words only
    AppendCodePoint(IsGeorgian(code_point) ? code_point : SimpleUpper(code_point), out);
  }
}

bool IsAscii(std::string_view text) {
  unsigned char bits = 0;
  for (char c : text) bits = static_cast<unsigned char>(bits | static_cast<unsigned char>(c));
  return bits < 0x80;
}

/// Turns the case of the ASCII letters from `first` on.
std::string TurnAscii(std::string_view text, char first) {
  std::string out(text);
  for (char& c : out) {
    auto letter = static_cast<unsigned char>(c - first);
    c = static_cast<char>(c ^ (letter < 26 ? 0x20 : 0));
  }
  return out;
}

}  // namespace

std::string UpperText(std::string_view text) {
  if (IsAscii(text)) return TurnAscii(text, 'a');
  std::string out;
  out.reserve(text.size() + 8);
  for (size_t at = 0; at < text.size();) {
    uint32_t code_point = NextCodePoint(text, &at);
    const Special* special = code_point < 0x80 ? nullptr : FindSpecial(code_point);
    if (special != nullptr) {
      out.append(special->upper);
    } else {
      AppendCodePoint(SimpleUpper(code_point), &out);
    }
  }
  return out;
}

std::string LowerText(std::string_view text) {
  if (IsAscii(text)) return TurnAscii(text, 'A');
  std::string out;
  out.reserve(text.size() + 8);
  Lowering lowering(&out);
  for (size_t at = 0; at < text.size();) {
    uint32_t code_point = NextCodePoint(text, &at);
    lowering.Append(code_point, text.substr(at));
  }
  return out;
}

std::string InitialCapsText(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  Lowering lowering(&out);
  bool first = true;
  for (size_t at = 0; at < text.size();) {
    uint32_t code_point = NextCodePoint(text, &at);
    if (first) {
      AppendTitle(code_point, &out);
      lowering.Note(code_point);
    } else {
      lowering.Append(code_point, text.substr(at));
    }
    first = code_point == ' ';
  }
  return out;
}

}  // namespace flare::engine
