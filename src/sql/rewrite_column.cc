#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <regex>

#include "sql/names.h"
#include "sql/rewrite.h"

// Step functions that choose, name or order columns and leave their values alone.
namespace flare::sql {
namespace {

void Drop(RewriteContext& context) {
  std::vector<bool> gone(context.columns().size(), false);
  for (const std::string& name : context.List("columns")) {
    if (auto index = context.Find(name)) gone[*index] = true;
  }
  std::vector<RewriteContext::Column> kept;
  for (size_t i = 0; i < gone.size(); ++i) {
    if (!gone[i]) kept.push_back(context.columns()[i]);
  }
  context.columns() = std::move(kept);
}

void SelectColumns(RewriteContext& context) {
  std::vector<RewriteContext::Column> kept;
  for (const std::string& name : context.List("columns")) {
    if (auto index = context.Find(name)) kept.push_back(context.columns()[*index]);
  }
  context.columns() = std::move(kept);
}

void Rename(RewriteContext& context) {
  auto index = context.Find(context.Scalar("column"));
  std::string name = context.Scalar("asColumn");
  if (index) context.columns()[*index].name = name;
}

void RenameAll(RewriteContext& context) {
  for (const auto& [from, to] : context.Map("columns")) {
    if (auto index = context.Find(from)) context.columns()[*index].name = to;
  }
}

void Swap(RewriteContext& context) {
  auto a = context.Find(context.Scalar("columnA"));
  auto b = context.Find(context.Scalar("columnB"));
  if (a && b) std::swap(context.columns()[*a].name, context.columns()[*b].name);
}

void CopyColumn(RewriteContext& context) {
  auto from = context.Find(context.Scalar("fromColumn"));
  std::string to = context.Scalar("toColumn");
  if (from) context.Set(to, context.columns()[*from].expression);
}

void ChangeColumnCase(RewriteContext& context) {
  std::string how = LowerAscii(context.Scalar("case"));
  bool upper = how == "upper" || how == "uppercase";
  if (!upper && how != "lower" && how != "lowercase") {
    return context.Report("wrong-argument", fmt::format("case '{}' is unknown", how), "lower or upper");
  }
  for (RewriteContext::Column& column : context.columns()) column.name = upper ? UpperAscii(column.name) : LowerAscii(column.name);
}

void Cleanse(RewriteContext& context) {
  for (RewriteContext::Column& column : context.columns()) {
    size_t from = column.name.find_first_not_of(" \t\r\n");
    size_t to = column.name.find_last_not_of(" \t\r\n");
    std::string name = from == std::string::npos ? "" : LowerAscii(std::string_view(column.name).substr(from, to - from + 1));
    for (char& c : name) {
      if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_') c = '_';
    }
    column.name = name.empty() ? "_" : name;
  }
}

void SnakeCase(RewriteContext& context) {
  for (RewriteContext::Column& column : context.columns()) {
    std::string out;
    const std::string& name = column.name;
    for (size_t i = 0; i < name.size(); ++i) {
      bool upper = std::isupper(static_cast<unsigned char>(name[i])) != 0;
      bool after_word = i > 0 && (std::islower(static_cast<unsigned char>(name[i - 1])) || std::isdigit(static_cast<unsigned char>(name[i - 1])));
      bool before_word = i > 0 && i + 1 < name.size() && std::isupper(static_cast<unsigned char>(name[i - 1])) &&
                         std::islower(static_cast<unsigned char>(name[i + 1]));
      if (upper && (after_word || before_word)) out += '_';
      out += name[i] == ' ' || name[i] == '-' ? '_' : name[i];
    }
    column.name = LowerAscii(out);
  }
}

void ReplaceInNames(RewriteContext& context) {
  std::string text = context.Scalar("sedExpression");
  if (context.failed()) return;
  auto sed = ParseSed(text);
  if (!sed) return context.Report("wrong-argument", fmt::format("'{}' is no sed expression", text), "s/pattern/replacement/g");
  try {
    auto flags = std::regex::ECMAScript | (sed->ignore_case ? std::regex::icase : std::regex::ECMAScript);
    std::regex pattern(sed->pattern, flags);
    std::string replacement;
    for (size_t i = 0; i < sed->replacement.size(); ++i) {
      bool group = sed->replacement[i] == '\\' && i + 1 < sed->replacement.size() && std::isdigit(static_cast<unsigned char>(sed->replacement[i + 1]));
      replacement += group ? '$' : sed->replacement[i];
    }
    for (RewriteContext::Column& column : context.columns()) {
      if (column.name.size() > 1000) continue;
      column.name = std::regex_replace(column.name, pattern, replacement,
                                       sed->global ? std::regex_constants::match_default : std::regex_constants::format_first_only);
    }
  } catch (const std::regex_error& error) {
    context.Report("wrong-argument", fmt::format("the pattern '{}' cannot be read: {}", sed->pattern, error.what()));
  }
}

/// `s.*`, `explode(a) as x`: everything, and what the expression yields beside it.
void Unfurl(RewriteContext& context) {
  std::string expression = context.Scalar("expression");
  context.columns().push_back({"\n" + expression + "\n", ""});
}

void Flatten(RewriteContext& context) {
  auto index = context.Find(context.Scalar("column"));
  std::string name = context.Scalar("asColumn");
  const char* function = context.rewrite().function == "flatten_outer" ? "explode_outer" : "explode";
  if (index) context.Set(name, fmt::format("{}({})", function, context.columns()[*index].expression));
}

const RewriteSpec kColumnRewrites[] = {
    {"drop", {"columns"}, Drop},
    {"select", {"columns"}, SelectColumns},
    {"rename", {"column", "asColumn"}, Rename},
    {"rename_all", {"columns"}, RenameAll},
    {"swap", {"columnA", "columnB"}, Swap},
    {"copy", {"fromColumn", "toColumn"}, CopyColumn},
    {"change_column_case", {"case"}, ChangeColumnCase},
    {"cleanse_column_names", {}, Cleanse},
    {"snake_case", {}, SnakeCase},
    {"columns_replace", {"sedExpression"}, ReplaceInNames},
    {"unfurl", {"expression"}, Unfurl},
    {"flatten", {"column", "asColumn"}, Flatten},
    {"flatten_outer", {"column", "asColumn"}, Flatten},
};

const RewriteSpec kRefusedRewrites[] = {
    {"drop_duplicates", {"columns"}, nullptr, "it needs state across batches, which is not supported yet"},
    {"pivot", {}, nullptr, "it is not supported on a stream: the columns would depend on the rows of a batch"},
    {"unpivot", {}, nullptr, "it is not supported yet"},
    {"increment_variable", {"column"}, nullptr, "it depends on the order of rows, which a stream does not have"},
    {"generate_uuid", {"asColumn"}, nullptr, "it is not supported yet: a replayed batch would get other values"},
};

}  // namespace

std::optional<SedCommand> ParseSed(std::string_view text) {
  if (text.size() < 4 || text[0] != 's') return std::nullopt;
  char separator = text[1];
  std::string parts[3];
  size_t part = 0;
  for (size_t i = 2; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == separator) {
      parts[part] += text[++i];
    } else if (text[i] == '\\' && i + 1 < text.size()) {
      parts[part] += text[i];
      parts[part] += text[++i];
    } else if (text[i] == separator && part < 2) {
      ++part;
    } else {
      parts[part] += text[i];
    }
  }
  if (part != 2 || parts[0].empty() || parts[2].find_first_not_of("gi") != std::string::npos) return std::nullopt;
  return SedCommand{parts[0], parts[1], parts[2].find('g') != std::string::npos, parts[2].find('i') != std::string::npos};
}

std::span<const RewriteSpec> ColumnRewrites() { return kColumnRewrites; }
std::span<const RewriteSpec> RefusedRewrites() { return kRefusedRewrites; }

}  // namespace flare::sql
