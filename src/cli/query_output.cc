#include "cli/query_output.h"

#include <duckdb.h>

#include "cli/buffered.h"
#include "engine/vector_writer.h"
#include "observe/grid.h"
#include "observe/units.h"

namespace flare::cli {
namespace {

constexpr size_t kMostTableRows = 1000;

std::vector<std::string> NamesOf(const sql::Schema& schema) {
  std::vector<std::string> names;
  for (const auto& field : schema) names.push_back(field.name);
  return names;
}

class TablePrinter final : public RowPrinter {
 public:
  TablePrinter(const sql::Schema& schema, observe::Write write)
      : names_(NamesOf(schema)), write_(std::move(write)) {}
  void Add(Row row) override {
    ++count_;
    if (rows_.size() < kMostTableRows) rows_.push_back(std::move(row));
  }
  void Finish() override {
    std::string text = observe::FormatGrid(names_, rows_, /*max_cell=*/60);
    if (count_ > rows_.size()) text += observe::GridFooter(rows_.size()) + "\n";
    write_(text + fmt::format("{} {}\n", observe::FormatCount(static_cast<int64_t>(count_)),
                              count_ == 1 ? "row" : "rows"));
  }

 private:
  std::vector<std::string> names_;
  observe::Write write_;
  std::vector<Row> rows_;
  size_t count_ = 0;
};

class CsvPrinter final : public RowPrinter {
 public:
  CsvPrinter(const sql::Schema& schema, observe::Write write) : out_(std::move(write)) {
    Row header;
    for (const auto& field : schema) header.emplace_back(field.name);
    Add(std::move(header));
  }
  void Add(Row row) override {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += ',';
      // An empty text is quoted: unquoted means NULL.
      if (row[i]) line += Field(*row[i]);
    }
    out_.Add(line + "\n");
  }
  void Finish() override { out_.Flush(); }

 private:
  static std::string Field(const std::string& value) {
    if (!value.empty() && value.find_first_of(",\"\r\n") == std::string::npos) return value;
    std::string quoted = "\"";
    for (char c : value) quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + "\"";
  }

  Buffered out_;
};

void AddRows(duckdb_data_chunk chunk, RowPrinter* printer) {
  idx_t rows = duckdb_data_chunk_get_size(chunk);
  idx_t columns = duckdb_data_chunk_get_column_count(chunk);
  for (idx_t row = 0; row < rows; ++row) {
    RowPrinter::Row values(columns);
    for (idx_t column = 0; column < columns; ++column) {
      engine::StringReader reader(duckdb_data_chunk_get_vector(chunk, column));
      if (!reader.IsNull(row)) values[column].emplace(reader.View(row));
    }
    printer->Add(std::move(values));
  }
}

}  // namespace

std::unique_ptr<RowPrinter> MakeTablePrinter(const sql::Schema& schema, observe::Write write) {
  return std::make_unique<TablePrinter>(schema, std::move(write));
}

std::unique_ptr<RowPrinter> MakeCsvPrinter(const sql::Schema& schema, observe::Write write) {
  return std::make_unique<CsvPrinter>(schema, std::move(write));
}

Status PrintAnswer(SqlSession& session, const SqlAnswer& answer, QueryArguments::Format format,
                   const observe::Write& write) {
  ASSIGN_OR_RETURN(SqlAnswer text, session.AsText(answer, sql::TextStyle::kShow));
  auto printer = format == QueryArguments::Format::kCsv ? MakeCsvPrinter(answer.schema, write)
                                                        : MakeTablePrinter(answer.schema, write);
  RETURN_IF_ERROR(session.connection().Stream("SELECT * FROM " + text.relation, [&](duckdb_data_chunk chunk) {
    AddRows(chunk, printer.get());
    return Ok();
  }));
  printer->Finish();
  return Ok();
}

}  // namespace flare::cli
