#include "engine/database.h"

namespace flare::engine {
namespace {

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

/// What the operating system said, as DuckDB quotes it.
Code CodeOfIo(std::string_view text) {
  if (Contains(text, "No space left") || Contains(text, "Disk quota") ||
      Contains(text, "max_temp_directory_size")) {
    return Code::kResourceExhausted;
  }
  if (Contains(text, "Permission denied") || Contains(text, "Operation not permitted")) {
    return Code::kPermissionDenied;
  }
  if (Contains(text, "No such file") || Contains(text, "No files found")) return Code::kNotFound;
  return Code::kUnavailable;
}

/// Errors of starting a statement and of some workers come without their type: the text begins with
/// it.
duckdb_error_type TypeFromText(std::string_view text) {
  static constexpr std::pair<std::string_view, duckdb_error_type> kPrefixes[] = {
      {"Out of Memory Error", DUCKDB_ERROR_OUT_OF_MEMORY},
      {"IO Error", DUCKDB_ERROR_IO},
      {"INTERRUPT Error", DUCKDB_ERROR_INTERRUPT},
      {"Conversion Error", DUCKDB_ERROR_CONVERSION},
      {"Invalid Input Error", DUCKDB_ERROR_INVALID_INPUT},
      {"Out of Range Error", DUCKDB_ERROR_OUT_OF_RANGE},
      {"Binder Error", DUCKDB_ERROR_BINDER},
      {"Catalog Error", DUCKDB_ERROR_CATALOG},
      {"Parser Error", DUCKDB_ERROR_PARSER},
      {"Permission Error", DUCKDB_ERROR_PERMISSION},
      {"Not implemented Error", DUCKDB_ERROR_NOT_IMPLEMENTED},
      {"TransactionContext Error", DUCKDB_ERROR_TRANSACTION},
  };
  for (auto [prefix, type] : kPrefixes) {
    if (text.starts_with(prefix)) return type;
  }
  return DUCKDB_ERROR_INVALID;
}

Code CodeOf(duckdb_error_type type, std::string_view text) {
  switch (type) {
    case DUCKDB_ERROR_OUT_OF_MEMORY:
    case DUCKDB_ERROR_OBJECT_SIZE:
      return Code::kResourceExhausted;
    case DUCKDB_ERROR_IO:
      return CodeOfIo(text);
    case DUCKDB_ERROR_PERMISSION:
      return Code::kPermissionDenied;
    case DUCKDB_ERROR_INTERRUPT:
      return Code::kCancelled;
    case DUCKDB_ERROR_TRANSACTION:
      return Code::kConflict;
    case DUCKDB_ERROR_NETWORK:
    case DUCKDB_ERROR_HTTP:
    case DUCKDB_ERROR_CONNECTION:
      return Code::kUnavailable;
    case DUCKDB_ERROR_NOT_IMPLEMENTED:
    case DUCKDB_ERROR_MISSING_EXTENSION:
    case DUCKDB_ERROR_AUTOLOAD:
      return Code::kUnsupported;
    case DUCKDB_ERROR_OUT_OF_RANGE:
    case DUCKDB_ERROR_CONVERSION:
    case DUCKDB_ERROR_UNKNOWN_TYPE:
    case DUCKDB_ERROR_DECIMAL:
    case DUCKDB_ERROR_MISMATCH_TYPE:
    case DUCKDB_ERROR_DIVIDE_BY_ZERO:
    case DUCKDB_ERROR_INVALID_TYPE:
    case DUCKDB_ERROR_EXPRESSION:
    case DUCKDB_ERROR_CATALOG:
    case DUCKDB_ERROR_PARSER:
    case DUCKDB_ERROR_CONSTRAINT:
    case DUCKDB_ERROR_SYNTAX:
    case DUCKDB_ERROR_SETTINGS:
    case DUCKDB_ERROR_BINDER:
    case DUCKDB_ERROR_INVALID_INPUT:
    case DUCKDB_ERROR_PARAMETER_NOT_RESOLVED:
    case DUCKDB_ERROR_PARAMETER_NOT_ALLOWED:
    case DUCKDB_ERROR_DEPENDENCY:
      return Code::kInvalidArgument;
    default:
      return Code::kInternal;
  }
}

/// Spark's own message where DuckDB only carried it: "Invalid Input Error: [DIVIDE_BY_ZERO] ...".
std::string_view WithoutPrefix(std::string_view text) {
  size_t start = text.find(": [");
  if (start == std::string_view::npos || text.substr(0, start).find('\n') != std::string_view::npos)
    return text;
  std::string_view carried = text.substr(start + 2);
  size_t end = carried.find(']');
  bool is_condition =
      end != std::string_view::npos && end > 1 &&
      carried.substr(1, end - 1).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") ==
          std::string_view::npos;
  return is_condition && text.substr(0, start).ends_with("Error") ? carried : text;
}

/// Spark's words for what DuckDB refuses in its own.
std::string_view InSparksWords(std::string_view text) {
  if (Contains(text, "Map keys must be unique")) {
    return "[DUPLICATED_MAP_KEY] Duplicate map key was found, please check the input data. SQLSTATE: 23505";
  }
  if (Contains(text, "Map keys can not be NULL")) return "[NULL_MAP_KEY] Cannot use null as map key. SQLSTATE: 2200E";
  if (Contains(text, "map key list does not align")) {
    return "[MAP_KEY_VALUE_DIFF_SIZES] The key array and value array of a map must have the same length. SQLSTATE: 22023";
  }
  return text;
}

/// Spark's condition of what DuckDB's own arithmetic and casts refuse; empty for other errors.
std::string_view ConditionOf(duckdb_error_type type, std::string_view text) {
  if (type == DUCKDB_ERROR_OUT_OF_RANGE && (Contains(text, "Overflow in ") || Contains(text, "Overflow on "))) {
    return "ARITHMETIC_OVERFLOW";
  }
  if (type != DUCKDB_ERROR_CONVERSION) return {};
  bool range = Contains(text, "out of range");
  if (Contains(text, "DECIMAL(") && (range || Contains(text, "Could not convert string"))) {
    return "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION";
  }
  return range ? "CAST_OVERFLOW" : std::string_view();
}

/// The message without DuckDB's name of its kind and without the translated statement behind it.
std::string_view Core(std::string_view text) {
  text = text.substr(0, text.find("\n\nLINE "));
  size_t start = text.find("Error: ");
  return start == text.npos ? text : text.substr(start + 7);
}

}  // namespace

Error MapDuckDbError(duckdb_error_type type, std::string_view text) {
  if (type == DUCKDB_ERROR_INVALID) type = TypeFromText(text);
  text = InSparksWords(text);
  text = WithoutPrefix(text);
  if (std::string_view condition = text.starts_with('[') ? "" : ConditionOf(type, text); !condition.empty()) {
    return InvalidArgument("[{}] {}", condition, Core(text));
  }
  if (type == DUCKDB_ERROR_OUT_OF_MEMORY) {
    // DuckDB's own advice names settings that a job does not have.
    text = text.substr(0, text.find("\nPossible solutions"));
    return ResourceExhausted(
        "{}. Give the job more memory: --memory, or driver and executor memory in the manifest; "
        "fewer "
        "--threads need less",
        text);
  }
  switch (CodeOf(type, text)) {
    case Code::kResourceExhausted:
      return ResourceExhausted("{}", text);
    case Code::kPermissionDenied:
      return PermissionDenied("{}", text);
    case Code::kNotFound:
      return NotFound("{}", text);
    case Code::kUnavailable:
      return Unavailable("{}", text);
    case Code::kCancelled:
      return Cancelled("{}", text);
    case Code::kConflict:
      return Conflict("{}", text);
    case Code::kUnsupported:
      return Unsupported("{}", text);
    case Code::kInvalidArgument:
      return InvalidArgument("{}", text);
    default:
      return Internal("{}", text);
  }
}

}  // namespace flare::engine
