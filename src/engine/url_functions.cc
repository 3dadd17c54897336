// URLs as Java's URI, URLEncoder and URLDecoder read and write them.
#include "engine/function_lists.h"

namespace flare::engine {
namespace {

using Text = std::string_view;
constexpr auto kText = DUCKDB_TYPE_VARCHAR;

bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::optional<std::string> Encode(Text text) {
  std::string out;
  for (char c : text) {
    if (IsAlnum(c) || c == '.' || c == '-' || c == '*' || c == '_') {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += fmt::format("%{:02X}", static_cast<uint8_t>(c));
    }
  }
  return out;
}

int Hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

TextResultOf Decode(Text text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size() || Hex(text[i + 1]) < 0 || Hex(text[i + 2]) < 0) {
      return InvalidArgument(
          "[CANNOT_DECODE_URL] The provided URL cannot be decoded: {}. Please ensure that the URL is properly "
          "formatted and try again. SQLSTATE: 22546",
          text);
    }
    out += static_cast<char>(Hex(text[i + 1]) * 16 + Hex(text[i + 2]));
    i += 2;
  }
  return std::optional(std::move(out));
}

/// The parts of scheme://user@host:port/path?query#ref; absent ones have no value.
struct Url {
  std::optional<Text> scheme, authority, user, host, path, query, ref;

  static std::optional<Url> Parse(Text text) {
    for (char c : text) {
      if (static_cast<uint8_t>(c) <= ' ' || Text("<>\"{}|\\^`").find(c) != Text::npos) return std::nullopt;
    }
    Url url;
    if (size_t hash = text.find('#'); hash != text.npos) {
      url.ref = text.substr(hash + 1);
      text = text.substr(0, hash);
    }
    if (size_t mark = text.find('?'); mark != text.npos) {
      url.query = text.substr(mark + 1);
      text = text.substr(0, mark);
    }
    size_t colon = text.find_first_of(":/");
    if (colon != text.npos && colon > 0 && text[colon] == ':') {
      url.scheme = text.substr(0, colon);
      text = text.substr(colon + 1);
    }
    if (text.starts_with("//")) {
      size_t slash = std::min(text.find('/', 2), text.size());
      url.authority = text.substr(2, slash - 2);
      text = text.substr(slash);
      url.ReadAuthority();
    }
    url.path = text;
    return url;
  }

  void ReadAuthority() {
    Text rest = *authority;
    if (size_t at = rest.rfind('@'); at != rest.npos) {
      user = rest.substr(0, at);
      rest = rest.substr(at + 1);
    }
    size_t colon = rest.starts_with('[') ? rest.find(':', rest.find(']')) : rest.rfind(':');
    if (colon != rest.npos) rest = rest.substr(0, colon);
    if (!rest.empty()) host = rest;
  }
};

std::optional<std::string> Owned(std::optional<Text> text) {
  if (!text) return std::nullopt;
  return std::string(*text);
}

std::optional<std::string> ParseUrl(Text text, Text part) {
  auto url = Url::Parse(text);
  if (!url) return std::nullopt;
  if (part == "HOST") return Owned(url->host);
  if (part == "PATH") return Owned(url->path);
  if (part == "QUERY") return Owned(url->query);
  if (part == "REF") return Owned(url->ref);
  if (part == "PROTOCOL") return Owned(url->scheme);
  if (part == "AUTHORITY") return Owned(url->authority);
  if (part == "USERINFO") return Owned(url->user);
  if (part == "FILE") {
    std::string file(url->path.value_or(""));
    if (url->query) file.append("?").append(*url->query);
    return file;
  }
  return std::nullopt;
}

std::optional<std::string> ParseUrlKey(Text text, Text part, Text key) {
  auto url = Url::Parse(text);
  if (!url || part != "QUERY" || !url->query) return std::nullopt;
  Text rest = *url->query;
  while (!rest.empty()) {
    size_t end = std::min(rest.find('&'), rest.size());
    Text pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.starts_with(key) && pair.substr(key.size()).starts_with('=')) {
      return std::string(pair.substr(key.size() + 1));
    }
  }
  return std::nullopt;
}

/// Raises for what is no URL, where ParseUrl is NULL.
TextResultOf ParseUrlAnsi(Text text, Text part) {
  if (!Url::Parse(text)) {
    return InvalidArgument(
        "[INVALID_URL] The url is invalid: {}. Use `try_parse_url` to tolerate invalid URL and return NULL "
        "instead. SQLSTATE: 22P02",
        text);
  }
  return ParseUrl(text, part);
}

TextResultOf ParseUrlKeyAnsi(Text text, Text part, Text key) {
  RETURN_IF_ERROR(ParseUrlAnsi(text, part));
  return ParseUrlKey(text, part, key);
}

}  // namespace

std::vector<ScalarFunction> UrlFunctions() {
  return {
      {"spark_url_encode", {kText}, kText, RowWiseText<Text>(Encode)},
      {"spark_url_decode", {kText}, kText, Checked<Text, Text>(Decode)},
      {"spark_parse_url", {kText, kText}, kText, RowWiseText<Text, Text>(ParseUrl)},
      {"spark_parse_url", {kText, kText, kText}, kText, RowWiseText<Text, Text, Text>(ParseUrlKey)},
      {"spark_parse_url_ansi", {kText, kText}, kText, Checked<Text, Text, Text>(ParseUrlAnsi)},
      {"spark_parse_url_ansi", {kText, kText, kText}, kText, Checked<Text, Text, Text, Text>(ParseUrlKeyAnsi)},
  };
}

}  // namespace flare::engine
