#include "cli/query_output.h"

#include <nlohmann/json.hpp>

#include "observe/grid.h"
#include "observe/units.h"

namespace flare::cli {
namespace {

constexpr size_t kMostTableRows = 1000;
constexpr size_t kFlushBytes = size_t{64} << 10;

/// Gathers small writes into larger ones.
class Buffered {
 public:
  explicit Buffered(observe::Write write) : write_(std::move(write)) {}
  void Add(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() >= kFlushBytes) Flush();
  }
  void Flush() {
    write_(buffer_);
    buffer_.clear();
  }

 private:
  observe::Write write_;
  std::string buffer_;
};

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

class JsonPrinter final : public RowPrinter {
 public:
  JsonPrinter(const sql::Schema& schema, observe::Write write) : out_(std::move(write)) {
    for (const auto& field : schema) {
      keys_.push_back(Quote(field.name));
      bare_.push_back(field.type.is_numeric() || field.type.is(sql::TypeId::kBoolean));
    }
  }
  void Add(Row row) override {
    std::string line = "{";
    for (size_t i = 0; i < row.size(); ++i) {
      line += fmt::format("{}{}:{}", i == 0 ? "" : ",", keys_[i], Value(row[i], bare_[i]));
    }
    out_.Add(line + "}\n");
  }
  void Finish() override { out_.Flush(); }

 private:
  using Json = nlohmann::json;
  static std::string Quote(const std::string& text) {
    return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  static std::string Value(const std::optional<std::string>& value, bool bare) {
    if (!value) return "null";
    // NaN and Infinity are no JSON: they stay text.
    return bare && Json::accept(*value) ? *value : Quote(*value);
  }

  Buffered out_;
  std::vector<std::string> keys_;
  std::vector<bool> bare_;
};

}  // namespace

std::unique_ptr<RowPrinter> MakeRowPrinter(QueryArguments::Format format, const sql::Schema& schema,
                                           observe::Write write) {
  switch (format) {
    case QueryArguments::Format::kTable:
      return std::make_unique<TablePrinter>(schema, std::move(write));
    case QueryArguments::Format::kCsv:
      return std::make_unique<CsvPrinter>(schema, std::move(write));
    case QueryArguments::Format::kJson:
      return std::make_unique<JsonPrinter>(schema, std::move(write));
  }
  return nullptr;
}

}  // namespace flare::cli
