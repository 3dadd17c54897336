#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/sql_session.h"
#include "observe/screen.h"
#include "sql/types.h"

namespace flare::cli {

/// Prints rows as they come. Values are Spark's text of them; nullopt = NULL.
class RowPrinter {
 public:
  using Row = std::vector<std::optional<std::string>>;
  virtual ~RowPrinter() = default;
  virtual void Add(Row row) = 0;
  virtual void Finish() = 0;
};

/// A grid of at most 1,000 rows and the number of rows.
std::unique_ptr<RowPrinter> MakeTablePrinter(const sql::Schema& schema, observe::Write write);
/// A header and RFC 4180 lines, NULL empty.
std::unique_ptr<RowPrinter> MakeCsvPrinter(const sql::Schema& schema, observe::Write write);

/// Prints what a statement yields, as a table or as CSV.
Status PrintAnswer(SqlSession& session, const SqlAnswer& answer, QueryArguments::Format format,
                   const observe::Write& write);

}  // namespace flare::cli
