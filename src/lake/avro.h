#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "lake/json.h"

namespace flare::lake {

struct AvroSchema;
using AvroSchemaPtr = std::shared_ptr<const AvroSchema>;

/// A node of a parsed Avro schema. Recursive types are refused.
struct AvroSchema {
  enum class Kind {
    kNull, kBoolean, kInt, kLong, kFloat, kDouble, kBytes, kString, kFixed, kEnum, kRecord, kArray, kMap, kUnion
  };
  struct Field {
    std::string name;
    int id = -1;  ///< Iceberg's `field-id`; -1 = none
    AvroSchemaPtr type;
  };
  Kind kind = Kind::kNull;
  std::string name;                     ///< record, fixed, enum
  int64_t size = 0;                     ///< fixed: bytes
  std::vector<Field> fields;            ///< record
  std::vector<AvroSchemaPtr> branches;  ///< union
  AvroSchemaPtr element;                ///< array: items, map: values

  /// Position of the field with this Iceberg id; -1 = none.
  int FindField(int id) const;
};

Result<AvroSchemaPtr> ParseAvroSchema(const Json& json);

/// One Avro datum. Records and arrays are lists; a map is a list of (key, value) pairs; strings, bytes
/// and fixed are std::string; a union is the value of its branch.
struct AvroValue {
  using List = std::vector<AvroValue>;
  std::variant<std::monostate, bool, int64_t, double, std::string, List> data;

  AvroValue() = default;
  AvroValue(bool v) : data(v) {}                           // NOLINT: literals in rows
  AvroValue(int v) : data(static_cast<int64_t>(v)) {}      // NOLINT
  AvroValue(int64_t v) : data(v) {}                        // NOLINT
  AvroValue(double v) : data(v) {}                         // NOLINT
  AvroValue(std::string v) : data(std::move(v)) {}         // NOLINT
  AvroValue(const char* v) : data(std::string(v)) {}       // NOLINT
  AvroValue(List v) : data(std::move(v)) {}                // NOLINT
  bool is_null() const { return data.index() == 0; }
  bool operator==(const AvroValue&) const = default;
};

/// Appends the binary form. A union takes its null branch for null, else its first other branch.
/// Errors: Internal when the value does not fit the schema.
Status EncodeAvro(const AvroSchema& schema, const AvroValue& value, std::string* out);
/// Reads one datum from the front of `bytes` and removes it. Errors: Corruption.
Result<AvroValue> DecodeAvro(const AvroSchema& schema, std::string_view* bytes);

enum class AvroCodec { kNull, kDeflate };

/// An object container file in memory.
struct AvroFile {
  Json schema_json;
  AvroSchemaPtr schema;
  std::map<std::string, std::string> metadata;  ///< without avro.schema and avro.codec
  AvroValue::List rows;
};

/// Writes a container file; `level` is zlib's (1..9). `file.schema` is derived from schema_json when null.
Result<std::string> WriteAvroFile(const AvroFile& file, AvroCodec codec, int level = 6);
/// Reads one. Errors: Corruption (naming `what`), Unsupported (a codec other than null and deflate).
Result<AvroFile> ReadAvroFile(std::string_view bytes, std::string_view what);

}  // namespace flare::lake
