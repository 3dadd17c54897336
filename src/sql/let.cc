#include "sql/let.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace flare::sql {
namespace {

/// A column, a variable, or a number: not worth a name.
bool IsAtom(const std::string& sql) {
  return std::all_of(sql.begin(), sql.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '.'; });
}

}  // namespace

std::string Let::Name(const std::string& sql) {
  if (IsAtom(sql)) return sql;
  for (const auto& [name, expression] : names_) {
    if (expression == sql) return name;
  }
  names_.emplace_back(fmt::format("w{}_{}", depth_, names_.size()), sql);
  return names_.back().first;
}

std::string Let::In(std::string text) const {
  for (auto name = names_.rbegin(); name != names_.rend(); ++name) {
    text = fmt::format("(list_transform([{}], lambda {}: {}))[1]", name->second, name->first, text);
  }
  return names_.empty() ? text : "(" + text + ")";
}

std::string ExpandOnce(std::string_view text, const Call& call) {
  Let let(call.binder);
  Call named = call;
  for (size_t i = 0; i < named.args.size(); ++i) {
    std::string mark = fmt::format("${}", i + 1);
    size_t first = text.find(mark);
    bool again = first != std::string_view::npos && text.find(mark, first + 1) != std::string_view::npos;
    if (again) named.args[i].sql = let.Name(named.args[i].sql);
  }
  return let.In(ExpandTemplate(text, named));
}

}  // namespace flare::sql
