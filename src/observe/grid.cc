#include "observe/grid.h"

#include <fmt/format.h>

#include <algorithm>

#include "observe/units.h"

namespace flare::observe {
namespace {

std::string Escape(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (char c : text) {
    switch (c) {
      case '\n':
        escaped += "\\n";
        break;
      case '\r':
        escaped += "\\r";
        break;
      case '\t':
        escaped += "\\t";
        break;
      default: {
        auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) {
          escaped += fmt::format("\\x{:02x}", byte);
        } else {
          escaped += c;
        }
      }
    }
  }
  return escaped;
}

std::string Cell(std::string_view text, int max_cell) {
  std::string cell = Escape(text);
  if (max_cell <= 0 || DisplayWidth(cell) <= max_cell) return cell;
  if (max_cell < 4) return std::string(CutToWidth(cell, max_cell));
  return std::string(CutToWidth(cell, max_cell - 3)) + "...";
}

}  // namespace

std::string FormatGrid(const std::vector<std::string>& names, const std::vector<GridRow>& rows,
                       int max_cell) {
  std::vector<std::vector<std::string>> cells;
  cells.reserve(rows.size() + 1);
  auto add = [&](auto value_of) {
    std::vector<std::string> line;
    for (size_t i = 0; i < names.size(); ++i) line.push_back(Cell(value_of(i), max_cell));
    cells.push_back(std::move(line));
  };
  add([&](size_t i) { return std::string_view(names[i]); });
  for (const auto& row : rows) {
    add([&](size_t i) {
      return i < row.size() && row[i] ? std::string_view(*row[i]) : std::string_view("NULL");
    });
  }
  std::vector<int> widths(names.size(), 3);
  for (const auto& line : cells) {
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(line[i]));
  }
  std::string rule = "+";
  for (int width : widths) rule += std::string(static_cast<size_t>(width), '-') + "+";
  rule += "\n";

  std::string text = rule;
  for (size_t row = 0; row < cells.size(); ++row) {
    text += "|";
    for (size_t i = 0; i < cells[row].size(); ++i) {
      std::string pad(static_cast<size_t>(widths[i] - DisplayWidth(cells[row][i])), ' ');
      text += max_cell > 0 ? pad + cells[row][i] : cells[row][i] + pad;
      text += "|";
    }
    text += "\n";
    if (row == 0) text += rule;
  }
  return text + rule;
}

std::string GridFooter(size_t rows) {
  return fmt::format("only showing top {} {}", rows, rows == 1 ? "row" : "rows");
}

}  // namespace flare::observe
