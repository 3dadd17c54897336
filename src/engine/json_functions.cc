// JSON functions whose signature is fixed; from_json and to_json are made for a statement.
#include <algorithm>
#include <span>

#include "engine/function_lists.h"
#include "engine/json_path.h"
#include "engine/recent.h"

namespace flare::engine {
namespace {

/// A malformed path selects nothing.
TextResultOf GetJsonObject(std::string_view json, std::string_view path) {
  static thread_local Recent<std::optional<JsonPath>> paths;
  ASSIGN_OR_RETURN(const std::optional<JsonPath>* parsed, paths.Get(path, [](std::string_view text) {
    return Result<std::optional<JsonPath>>(JsonPath::Parse(text));
  }));
  if (!parsed->has_value()) return std::optional<std::string>();
  return (*parsed)->Get(json);
}

/// Elements of an array at the top; nullopt when the text is none.
std::optional<int32_t> JsonArrayLength(std::string_view json) {
  JsonReader reader(json, kPlainJson);
  if (!reader.TakeIf('[')) return std::nullopt;
  int32_t length = 0;
  for (bool more = !reader.TakeIf(']'); more; ++length) {
    if (!reader.SkipValue(nullptr) || !reader.Next(']', &more)) return std::nullopt;
  }
  return length;
}

/// The names of an object's members in order, also when they repeat; false when the text is no object.
bool JsonObjectKeys(std::string_view json, std::vector<std::string>* keys) {
  JsonReader reader(json, kPlainJson);
  if (!reader.TakeIf('{')) return false;
  for (bool more = !reader.TakeIf('}'); more;) {
    JsonReader::String raw;
    std::string scratch;
    std::string_view name;
    if (!reader.ReadName(&raw) || !reader.Unescape(raw, &scratch, &name)) return false;
    keys->emplace_back(name);
    if (!reader.SkipValue(nullptr) || !reader.Next('}', &more)) return false;
  }
  return true;
}

void RunJsonObjectKeys(ScalarCall& call) {
  StringReader texts(call.input(0));
  ListWriter lists(call.output());
  std::vector<std::string> keys;
  for (uint64_t row = 0; row < call.rows(); ++row) {
    keys.clear();
    if (texts.IsNull(row) || !JsonObjectKeys(texts.View(row), &keys)) {
      lists.Begin(row, 0);
      lists.SetNull(row);
      continue;
    }
    uint64_t at = lists.Begin(row, keys.size());
    StringWriter writer(lists.child());
    for (const std::string& key : keys) writer.SetCopy(at++, key);
  }
}

/// The members that json_tuple asks for: the last of a name that is not null, strings bare. False: malformed.
bool TakeMembers(std::string_view json, std::span<const std::string_view> names,
                 std::vector<std::optional<std::string>>* values) {
  JsonReader reader(json, kPlainJson);
  if (!reader.TakeIf('{')) return false;
  for (bool more = !reader.TakeIf('}'); more;) {
    JsonReader::String raw;
    std::string scratch;
    std::string_view name;
    if (!reader.ReadName(&raw) || !reader.Unescape(raw, &scratch, &name)) return false;
    bool wanted = std::find(names.begin(), names.end(), name) != names.end();
    if (!wanted || reader.Peek() == 'n') {
      if (!reader.SkipValue(nullptr) || !reader.Next('}', &more)) return false;
      continue;
    }
    std::string member(name);
    std::string value;
    if (reader.IsString(reader.Peek())) {
      std::string_view text;
      if (!reader.ReadString(&raw) || !reader.Unescape(raw, &scratch, &text)) return false;
      value = std::string(text);
    } else if (!CopyJsonValue(&reader, &value)) {
      return false;
    }
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] == member) (*values)[i] = value;
    }
    if (!reader.Next('}', &more)) return false;
  }
  return true;
}

/// spark_json_tuple(json, names): the values of the members in the order of the names, NULL where one is absent.
void RunJsonTuple(ScalarCall& call) {
  StringReader texts(call.input(0));
  ValueReader<duckdb_list_entry> entries(call.input(1));
  StringReader names(duckdb_list_vector_get_child(call.input(1)));
  ListWriter lists(call.output());
  std::vector<std::string_view> wanted;
  std::vector<std::optional<std::string>> values;
  for (uint64_t row = 0; row < call.rows(); ++row) {
    wanted.clear();
    duckdb_list_entry entry = entries.IsNull(row) ? duckdb_list_entry{0, 0} : entries[row];
    // DuckDB's string of a short text lies in the vector, so a view of it stays good
    for (uint64_t i = 0; i < entry.length; ++i) {
      wanted.push_back(names.IsNull(entry.offset + i) ? std::string_view() : names.View(entry.offset + i));
    }
    values.assign(wanted.size(), std::nullopt);
    if (!texts.IsNull(row) && !TakeMembers(texts.View(row), wanted, &values)) values.assign(wanted.size(), std::nullopt);
    uint64_t at = lists.Begin(row, values.size());
    StringWriter writer(lists.child());
    for (const auto& value : values) {
      if (value) {
        writer.SetCopy(at++, *value);
      } else {
        writer.SetNull(at++);
      }
    }
  }
}

}  // namespace

std::vector<ScalarFunction> JsonFunctions() {
  return {{"spark_get_json_object", {DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_VARCHAR}, DUCKDB_TYPE_VARCHAR,
           Checked<std::string_view, std::string_view, std::string_view>(GetJsonObject)},
          {"spark_json_array_length", {DUCKDB_TYPE_VARCHAR}, DUCKDB_TYPE_INTEGER,
           RowWise<int32_t, std::string_view>(JsonArrayLength)},
          {"spark_json_object_keys", {DUCKDB_TYPE_VARCHAR}, kStringList, RunJsonObjectKeys},
          {"spark_json_tuple", {DUCKDB_TYPE_VARCHAR, kStringList}, kStringList, RunJsonTuple}};
}

}  // namespace flare::engine
