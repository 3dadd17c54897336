#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/compile.h"

namespace flare::sql {

/// A step function while it is turned into a SELECT over its input: the columns start as the input's own.
class RewriteContext {
 public:
  struct Column {
    std::string expression;  ///< Spark SQL; "" = an item that names itself, such as s.* in `name`
    std::string name;
  };

  RewriteContext(const Rewrite& rewrite, const Relation& input, const Scope& scope, Diagnostics* diagnostics);

  // Arguments. A missing one is reported; what is returned then is empty.
  std::string Scalar(std::string_view name);
  std::optional<std::string> OptionalScalar(std::string_view name);
  std::vector<std::string> List(std::string_view name);
  std::vector<std::pair<std::string, std::string>> Map(std::string_view name);
  bool Has(std::string_view name) const;

  /// Index of a column by name; reports UNRESOLVED_COLUMN and returns nullopt when there is none.
  std::optional<size_t> Find(const std::string& column);
  const Type& TypeOf(size_t column) const { return input_.schema[column].type; }
  /// Adds a column, or replaces the one of that name.
  void Set(const std::string& name, std::string expression);
  void Report(std::string code, std::string message, std::string expected = "", std::string hint = "");

  std::vector<Column>& columns() { return columns_; }
  const Rewrite& rewrite() const { return rewrite_; }
  /// A zone that replaces the session's for this function.
  std::string time_zone;

  bool failed() const { return failed_; }
  /// The SELECT that the columns make.
  std::string ToSql() const;
  /// Reports arguments that nothing asked for.
  void CheckUnknown(const std::vector<std::string_view>& known);

 private:
  const RewriteArgument* FindArgument(std::string_view name) const;

  const Rewrite& rewrite_;
  const Relation& input_;
  const Scope& scope_;
  Diagnostics* diagnostics_;
  std::vector<Column> columns_;
  bool failed_ = false;
};

/// One step function: its arguments and what it does to the columns.
struct RewriteSpec {
  std::string_view name;
  std::vector<std::string_view> arguments;
  void (*apply)(RewriteContext&);
  std::string_view refusal = "";  ///< why it is not done; apply is null then
};

std::span<const RewriteSpec> ColumnRewrites();
std::span<const RewriteSpec> ValueRewrites();
std::span<const RewriteSpec> TimeRewrites();
std::span<const RewriteSpec> RefusedRewrites();

/// A sed command s/pattern/replacement/flags.
struct SedCommand {
  std::string pattern;
  std::string replacement;
  bool global = false;
  bool ignore_case = false;
};
std::optional<SedCommand> ParseSed(std::string_view text);

}  // namespace flare::sql
