#include "base/redact.h"

#include <array>

namespace flare {

bool NamesASecret(std::string_view option_name) {
  static constexpr std::array kMarks = {"password", "passwd",     "secret",      "token",      "jaas",
                                        "credential", "privatekey", "private.key", "access.key", "apikey",
                                        "ssl.key",    "sasl.oauthbearer.config", "keystore.key",
                                        "api.key", "account.key", "user.info"};
  std::string folded;
  for (char c : option_name) {
    if (c == '_' || c == '-') continue;
    folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  for (const char* mark : kMarks) {
    if (folded.find(mark) != std::string::npos) return true;
  }
  return false;
}

std::string Shown(std::string_view option_name, std::string_view value) {
  return NamesASecret(option_name) ? "***" : std::string(value);
}

}  // namespace flare
