#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/diagnostic.h"
#include "cli/world.h"
#include "engine/database.h"
#include "engine/time_zone.h"
#include "sql/script.h"
#include "sql/show.h"

namespace flare::cli {

/// What a statement yields: rows of a DuckDB relation that stands until the next statement runs.
struct SqlAnswer {
  std::string relation;  ///< DuckDB text for FROM, with columns c0, c1, ...
  sql::Schema schema;
};

/// Spark SQL statements, one after another, over lakehouse tables, temporary views and settings.
/// Threads: one, except Interrupt.
class SqlSession {
 public:
  /// `settings` are Spark's (`spark.sql.ansi.enabled`, ...). Errors: a setting's value that means
  /// nothing, DuckDB's.
  static Result<std::unique_ptr<SqlSession>> Open(
      World world, Clock* clock, const std::vector<std::pair<std::string, std::string>>& settings);

  /// Runs one statement, whose text begins at `where`. nullopt: it yields no rows, or it has
  /// mistakes, which were added to `mistakes`. Errors: what the tables, the catalogs or DuckDB say.
  Result<std::optional<SqlAnswer>> Run(std::string_view text, const SourcePosition& where,
                                       Diagnostics* mistakes);

  /// The answer's columns as text, as Spark's show() prints them, or as its cast to text makes
  /// them.
  Result<SqlAnswer> AsText(const SqlAnswer& answer, sql::TextStyle style);

  /// Asks the running statement to stop; safe from any thread.
  void Interrupt() { connection_->Interrupt(); }

  engine::Connection& connection() { return *connection_; }
  const engine::TimeZone& zone() const { return *zone_; }
  /// The views and the tables that were read so far, for completion.
  const std::vector<sql::Relation>& relations() const { return scope_.relations; }

 private:
  /// A temporary view. Its text is kept: the tables in it may move on.
  struct View {
    std::string name;
    std::string text;
    SourcePosition where;
    std::vector<std::string> columns;
    sql::Schema schema;
  };
  SqlSession(World world, Clock* clock) : world_(std::move(world)), clock_(clock) {}
  Status Set(const std::string& name, const std::string& value);
  SqlAnswer SettingsNamed(const std::string& name) const;
  void Reset(const std::string& name);
  /// Makes the newest state of the tables in `text`, and of those in the views, what the statement
  /// reads.
  Status OpenTables(std::string_view text, Diagnostics* mistakes);
  Result<std::optional<sql::CompiledQuery>> Compile(std::string_view text,
                                                    const SourcePosition& where,
                                                    Diagnostics* mistakes);
  Status CreateView(const sql::Statement& statement, std::string_view text,
                    const SourcePosition& where, Diagnostics* mistakes);
  Status Define(View* view, Diagnostics* mistakes);
  Status DropView(const sql::Statement& statement, const SourcePosition& where,
                  Diagnostics* mistakes);
  View* FindView(const std::string& name);
  void ListRelations();

  World world_;
  Clock* clock_;
  std::unique_ptr<engine::Database> database_;
  std::unique_ptr<engine::Connection> connection_;
  const engine::TimeZone* zone_ = nullptr;
  std::map<std::string, std::string> settings_;
  sql::Scope scope_;
  std::vector<View> views_;  ///< as they were made: later ones may read earlier ones
  std::map<std::string, sql::Relation> tables_;
};

}  // namespace flare::cli
