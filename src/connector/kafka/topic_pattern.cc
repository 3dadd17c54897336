#include "connector/kafka/topic_pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace flare::connector::kafka {

Result<TopicPattern> TopicPattern::Compile(std::string_view pattern) {
  int error = 0;
  size_t offset = 0;
  pcre2_code* code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                    PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_UTF, &error, &offset, nullptr);
  if (code == nullptr) {
    PCRE2_UCHAR text[256];
    pcre2_get_error_message(error, text, sizeof(text));
    return InvalidArgument("a regular expression: {} at character {}",
                           reinterpret_cast<const char*>(text), offset + 1);
  }
  return TopicPattern(std::shared_ptr<void>(
      code, [](void* each) { pcre2_code_free(static_cast<pcre2_code*>(each)); }));
}

bool TopicPattern::Matches(std::string_view topic) const {
  auto* code = static_cast<pcre2_code*>(code_.get());
  pcre2_match_data* match = pcre2_match_data_create(1, nullptr);
  int found = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(topic.data()), topic.size(), 0, 0,
                          match, nullptr);
  pcre2_match_data_free(match);
  return found >= 0;
}

}  // namespace flare::connector::kafka
