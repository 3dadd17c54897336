#include <algorithm>

#include "plan/planner.h"
#include "sql/lexer.h"
#include "sql/show.h"

namespace flare::plan {
namespace {

/// `CACHE TABLE v` only asks Spark to keep a view in memory; a batch here is read once anyway.
bool IsCacheStatement(std::string_view sql) {
  std::string folded = Folded(sql.substr(0, std::min<size_t>(sql.size(), 200)));
  auto word = folded.find_first_not_of(" \t\r\n");
  return word != std::string::npos &&
         (folded.compare(word, 11, "cache table") == 0 || folded.compare(word, 13, "uncache table") == 0);
}

sql::Rewrite ToRewrite(const manifest::StepFunction& function) {
  sql::Rewrite rewrite{*function.name, {}, function.where};
  for (const auto& argument : function.arguments) {
    sql::RewriteArgument made;
    made.name = argument.name;
    made.scalar = *argument.scalar;
    made.where = argument.where;
    for (const auto& item : argument.list) made.list.push_back(*item);
    for (const auto& [key, value] : argument.map) made.map.emplace_back(*key, *value);
    rewrite.arguments.push_back(std::move(made));
  }
  return rewrite;
}

/// Length and text, so that no two lists of words make one text.
void AppendWord(std::string_view word, std::string* text) { *text += fmt::format("{}:{} ", word.size(), word); }

std::string TextOf(const manifest::Step& step) {
  std::string text;
  sql::LexError error;
  for (const auto& token : sql::Tokenize(*step.sql, &error)) {
    AppendWord(fmt::format("{}{}", static_cast<int>(token.kind), token.text), &text);
  }
  for (const auto& function : step.functions) {
    AppendWord(*function.name, &text);
    for (const auto& argument : function.arguments) {
      AppendWord(argument.name, &text);
      AppendWord(*argument.scalar, &text);
      for (const auto& item : argument.list) AppendWord(*item, &text);
      for (const auto& [key, value] : argument.map) {
        AppendWord(*key, &text);
        AppendWord(*value, &text);
      }
    }
  }
  return text;
}

}  // namespace

void Planner::PlanSteps() {
  for (const auto& step : job_.steps) {
    if (IsCacheStatement(*step.sql)) continue;
    if (!PlanStep(step)) broken_.insert(Folded(*step.name));
    plan_.steps.push_back({*step.name, TextOf(step)});
  }
}

bool Planner::PlanStep(const manifest::Step& step) {
  Diagnostics mine;
  auto query = sql::Compile(*step.sql, sql::TextPlace(step.sql.where, step.sql_places), scope_, &mine);
  // A view that did not type was reported where it stands; naming it again is no second mistake.
  bool names_broken = false;
  std::erase_if(mine, [&](const Diagnostic& d) {
    bool echo = d.code == "TABLE_OR_VIEW_NOT_FOUND" && broken_.count(Folded(d.found)) != 0;
    names_broken = names_broken || echo;
    return echo;
  });
  diagnostics_->insert(diagnostics_->end(), mine.begin(), mine.end());
  if (!query || names_broken) return false;

  size_t number = plan_.views.size();
  std::string view = fmt::format("flare_view_{}", number);
  AddView(*step.name, view, std::move(*query));
  for (size_t i = 0; i < step.functions.size(); ++i) {
    const sql::Relation input = scope_.relations.back();
    auto rewritten = sql::ApplyRewrite(ToRewrite(step.functions[i]), input, scope_, diagnostics_);
    if (!rewritten) {
      scope_.relations.pop_back();
      return false;
    }
    // The function's rows take the step's place: what stood before cannot be named any more.
    scope_.relations.pop_back();
    rewritten->reads = reads_[Folded(*step.name)];
    AddView(*step.name, fmt::format("{}_{}", view, i + 1), std::move(*rewritten));
  }
  return true;
}

void Planner::AddView(const std::string& name, const std::string& view, sql::CompiledQuery query) {
  reads_[Folded(name)] = query.reads;
  PlannedView planned{name, view, query.duckdb_sql, query.schema, std::move(query.functions)};
  const sql::Relation relation{name, view, std::move(query.schema)};
  auto preview = job_.show_preview_lines > 0 ? sql::CompileShow(relation, sql::TextStyle::kShow, scope_, diagnostics_) : std::nullopt;
  if (preview) {
    planned.preview_sql = std::move(preview->duckdb_sql);
    planned.functions.insert(planned.functions.end(), preview->functions.begin(), preview->functions.end());
  }
  plan_.views.push_back(std::move(planned));
  scope_.relations.push_back(relation);
}

}  // namespace flare::plan
