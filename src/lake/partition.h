#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/literal.h"
#include "lake/schema.h"

namespace flare::lake {

/// How a partition value is made from a column.
struct Transform {
  enum class Kind { kIdentity, kBucket, kTruncate, kYear, kMonth, kDay, kHour, kVoid };
  Kind kind = Kind::kIdentity;
  int parameter = 0;  ///< bucket: N, truncate: W

  /// "bucket[16]", "day". Errors: Unsupported for a transform this library does not know.
  static Result<Transform> Parse(std::string_view text);
  std::string ToText() const;
  bool operator==(const Transform&) const = default;

  /// Errors: InvalidArgument when the transform does not take this type; `column` is for the message.
  Result<Type> ResultType(const Type& source, std::string_view column) const;
  /// The value for one source value; null in, null out.
  Literal Apply(const Type& source, const Literal& value) const;

  /// DuckDB SQL that gives the partition value of `column` as text for a folder name; FromFolderText reads
  /// it back. Bucket calls the function of RegisterBucketFunction. NULL stays NULL.
  std::string FolderSql(const Type& source, const std::string& column) const;
  /// nullopt when the text is not such a one.
  std::optional<Literal> FromFolderText(const Type& source, std::string_view text) const;
};

/// Murmur3 (x86, 32 bits, seed 0), as Iceberg's bucket hashes.
int32_t Murmur3(std::string_view bytes);

/// DuckDB's name of the function that FolderSql calls for buckets: (BIGINT | VARCHAR | BLOB, INTEGER) -> INTEGER.
inline constexpr const char* kBucketFunction = "flare_iceberg_bucket";

struct PartitionField {
  int source_id = 0;
  int field_id = 0;
  std::string name;
  Transform transform;
};

struct PartitionSpec {
  int spec_id = 0;
  std::vector<PartitionField> fields;

  bool is_partitioned() const { return !fields.empty(); }
  /// The JSON array of fields, as a manifest's header holds it.
  Json FieldsToJson() const;
  Json ToJson() const;
  /// Whether both cut rows the same way and call it the same (ids aside).
  bool SameFields(const PartitionSpec& other) const;
};

/// Errors: Corruption (form), Unsupported (unknown transforms).
Result<PartitionSpec> ParsePartitionSpec(const Json& json);

/// The types of a spec's partition values, in spec order. A dropped source column counts as string.
Result<std::vector<Type>> PartitionTypes(const PartitionSpec& spec, const Schema& schema);

/// What a manifest's author asks for.
struct PartitionRequest {
  std::string type;  ///< identity, year, month, day, hour, bucket, truncate, void; any case
  std::string column;
  std::string name;  ///< "" = the usual one: c, c_bucket, c_trunc, c_year, ...
  std::optional<int> parameter;
};

/// Builds a spec for `schema`. Field ids continue from `*last_partition_id` (999 = none yet). `others` are the
/// specs that the table has: a cut that one of them makes keeps its name unless another is asked for, and a new
/// one gets a name that none of them uses.
/// Errors: InvalidArgument naming the column, transform or name that does not work, and what would.
Result<PartitionSpec> BuildPartitionSpec(const std::vector<PartitionRequest>& requests, const Schema& schema,
                                         int* last_partition_id, const std::vector<PartitionSpec>& others = {});

}  // namespace flare::lake
