#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "manifest/letter_case.h"
#include "manifest/resources.h"

namespace flare::manifest {
namespace {

constexpr std::string_view kScheme = "dataos://";
constexpr std::string_view kForm = "dataos://depot:collection/dataset?acl=rw";

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

Status ParseQuery(std::string_view text, std::string_view query, AddressParts* parts) {
  while (!query.empty()) {
    size_t end = query.find('&');
    std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? "" : query.substr(end + 1);
    if (pair.substr(0, 4) != "acl=") {
      if (pair.find('=') == std::string_view::npos) {
        return InvalidArgument(
            "address {}: \"{}\" after the ? is not key=value; write ?acl=r or ?acl=rw", text, pair);
      }
      continue;  // other keys are allowed and mean nothing here
    }
    std::string_view acl = pair.substr(4);
    if (acl != "r" && acl != "rw") {
      return InvalidArgument("address {}: acl is \"{}\"; it is r (read) or rw (read and write)",
                             text, acl);
    }
    parts->writable = acl == "rw";
  }
  return Ok();
}

Status CheckDepot(std::string_view text, std::string_view depot) {
  if (depot.empty()) return InvalidArgument("address {} names no depot; write {}", text, kForm);
  auto fits = [](char c) { return IsLetter(c) || IsDigit(c) || c == '-'; };
  if (IsLetter(depot.front()) && std::all_of(depot.begin(), depot.end(), fits)) return Ok();
  return InvalidArgument(
      "address {}: \"{}\" cannot be a depot; its name has letters and digits and starts with a "
      "letter",
      text, depot);
}

Status CheckCollection(std::string_view text, std::string_view collection) {
  if (collection.empty()) {
    return InvalidArgument(
        "address {}: the collection after the colon is empty; write a name, or `none` when "
        "the depot has no collections",
        text);
  }
  auto fits = [](char c) { return IsLetter(c) || IsDigit(c) || c == '_'; };
  if (std::all_of(collection.begin(), collection.end(), fits)) return Ok();
  return InvalidArgument(
      "address {}: \"{}\" cannot be a collection; its name has letters, digits and _ only", text,
      collection);
}

Status CheckDataset(std::string_view text, std::string_view dataset) {
  if (dataset.find("//") != std::string_view::npos ||
      (!dataset.empty() && dataset.front() == '/')) {
    return InvalidArgument("address {}: its path has an empty part between two slashes", text);
  }
  size_t start = 0;
  while (start <= dataset.size()) {
    size_t end = std::min(dataset.find('/', start), dataset.size());
    std::string_view segment = dataset.substr(start, end - start);
    if (segment == "." || segment == "..") {
      return InvalidArgument("address {}: its path may not hold \"{}\"", text, segment);
    }
    start = end + 1;
  }
  if (dataset.find(' ') != std::string_view::npos) {
    return InvalidArgument("address {}: its path holds a blank", text);
  }
  return Ok();
}

Result<AddressParts> ParseUdl(std::string_view text) {
  AddressParts parts;
  std::string_view rest = text.substr(kScheme.size());
  size_t question = rest.find('?');
  if (question != std::string_view::npos) {
    RETURN_IF_ERROR(ParseQuery(text, rest.substr(question + 1), &parts));
    rest = rest.substr(0, question);
  }
  size_t slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  std::string_view dataset = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  if (!dataset.empty() && dataset.back() == '/') dataset.remove_suffix(1);
  size_t colon = authority.find(':');
  RETURN_IF_ERROR(CheckDepot(text, authority.substr(0, colon)));
  if (colon != std::string_view::npos)
    RETURN_IF_ERROR(CheckCollection(text, authority.substr(colon + 1)));
  RETURN_IF_ERROR(CheckDataset(text, dataset));
  parts.depot = authority.substr(0, colon);
  if (colon != std::string_view::npos) parts.collection = authority.substr(colon + 1);
  parts.dataset = dataset;
  return parts;
}

}  // namespace

Result<AddressParts> ParseAddress(std::string_view text) {
  if (text.empty()) return InvalidArgument("the address is empty; write {} or a path", kForm);
  if (text.substr(0, kScheme.size()) == kScheme) return ParseUdl(text);
  AddressParts parts;
  parts.writable = true;
  size_t scheme = text.find("://");
  if (text.substr(0, 5) == "file:") {
    std::string_view path = text.substr(5);
    if (path.substr(0, 2) == "//") path.remove_prefix(2);
    if (path.empty() || path.front() != '/') {
      return InvalidArgument(
          "address {}: a file URI holds an absolute path; write file:///folder/name", text);
    }
    parts.dataset = path;
    return parts;
  }
  if (Lower(text.substr(0, 7)) == "dataos:") {
    return InvalidArgument("address {} does not start with dataos://; write {}", text, kForm);
  }
  if (scheme != std::string_view::npos) {
    std::string found = Lower(text.substr(0, scheme));
    if (NearestName(found, {"dataos"}) == "dataos") {
      return InvalidArgument("address {} does not start with dataos://; write {}", text, kForm);
    }
    return InvalidArgument(
        "address {}: flare reads dataos:// addresses, file:// and paths; name a depot for {}://",
        text, found);
  }
  parts.dataset = text;
  return parts;
}

}  // namespace flare::manifest
