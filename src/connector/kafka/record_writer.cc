#include "connector/kafka/record_writer.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "engine/utf8.h"
#include "engine/vector_writer.h"

namespace flare::connector::kafka {
namespace {

using Records = std::span<rd_kafka_message_t* const>;

void WriteKeys(Records records, duckdb_vector vector) {
  engine::StringWriter writer(vector);
  for (size_t row = 0; row < records.size(); ++row) {
    const rd_kafka_message_t& record = *records[row];
    if (record.key == nullptr) {
      writer.SetNull(row);
    } else {
      writer.SetPointer(row, static_cast<const char*>(record.key), record.key_len);
    }
  }
}

void WriteValues(Records records, duckdb_vector vector) {
  engine::StringWriter writer(vector);
  for (size_t row = 0; row < records.size(); ++row) {
    const rd_kafka_message_t& record = *records[row];
    if (record.payload == nullptr) {
      writer.SetNull(row);
    } else {
      writer.SetPointer(row, static_cast<const char*>(record.payload), record.len);
    }
  }
}

/// One value for the whole chunk: DuckDB then works once a chunk where it can.
void WriteConstant(duckdb_value value, duckdb_vector vector) {
  duckdb_vector_reference_value(vector, value);
  duckdb_destroy_value(&value);
}

void WriteOffsets(Records records, duckdb_vector vector) {
  auto values = engine::ValueWriter<int64_t>(vector).Values(records.size());
  for (size_t row = 0; row < records.size(); ++row) values[row] = records[row]->offset;
}

void WriteTimestamps(Records records, duckdb_vector vector) {
  constexpr int64_t kMostMillis = INT64_MAX / 1000;
  auto values = engine::ValueWriter<int64_t>(vector).Values(records.size());
  for (size_t row = 0; row < records.size(); ++row) {
    rd_kafka_timestamp_type_t type;
    int64_t millis = rd_kafka_message_timestamp(records[row], &type);
    values[row] = std::clamp(millis, -kMostMillis, kMostMillis) * 1000;
  }
}

/// Kafka's ids: -1 none, 0 set by the producer, 1 set by the broker.
void WriteTimestampTypes(Records records, duckdb_vector vector) {
  auto values = engine::ValueWriter<int32_t>(vector).Values(records.size());
  for (size_t row = 0; row < records.size(); ++row) {
    rd_kafka_timestamp_type_t type;
    rd_kafka_message_timestamp(records[row], &type);
    values[row] = type == RD_KAFKA_TIMESTAMP_CREATE_TIME       ? 0
                  : type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ? 1
                                                               : -1;
  }
}

/// Header keys are text in Kafka's protocol, but no broker checks: decodes with U+FFFD as Java
/// does.
bool SetText(engine::StringWriter& writer, uint64_t row, std::string_view text) {
  if (engine::ValidUtf8Prefix(text) == text.size()) {
    writer.SetCopy(row, text);
    return true;
  }
  writer.SetCopy(row, engine::ReplaceInvalidUtf8(text));
  return false;
}

int64_t WriteHeaders(Records records, duckdb_vector vector) {
  engine::ListWriter lists(vector);
  int64_t replaced = 0;
  for (size_t row = 0; row < records.size(); ++row) {
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(records[row], &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        headers == nullptr) {
      lists.Begin(row, 0);
      lists.SetNull(row);
      continue;
    }
    size_t count = rd_kafka_header_cnt(headers);
    uint64_t first = lists.Begin(row, count);
    engine::StringWriter keys(duckdb_struct_vector_get_child(lists.child(), 0));
    engine::StringWriter values(duckdb_struct_vector_get_child(lists.child(), 1));
    for (size_t i = 0; i < count; ++i) {
      const char* name = nullptr;
      const void* value = nullptr;
      size_t size = 0;
      rd_kafka_header_get_all(headers, i, &name, &value, &size);
      if (!SetText(keys, first + i, name)) ++replaced;
      if (value == nullptr) {
        values.SetNull(first + i);
      } else {
        values.SetPointer(first + i, static_cast<const char*>(value), size);
      }
    }
  }
  return replaced;
}

}  // namespace

sql::Schema RecordSchema(bool include_headers) {
  using sql::Type;
  using sql::TypeId;
  sql::Schema schema = {{"key", Type(TypeId::kBinary), true, ""},
                        {"value", Type(TypeId::kBinary), true, ""},
                        {"topic", Type(TypeId::kString), true, ""},
                        {"partition", Type(TypeId::kInt), true, ""},
                        {"offset", Type(TypeId::kLong), true, ""},
                        {"timestamp", Type(TypeId::kTimestamp), true, ""},
                        {"timestampType", Type(TypeId::kInt), true, ""}};
  if (include_headers) {
    Type header = Type::Struct(
        {{"key", Type(TypeId::kString), true, ""}, {"value", Type(TypeId::kBinary), true, ""}});
    schema.push_back({"headers", Type::Array(header), true, ""});
  }
  return schema;
}

int64_t WriteRecords(Records records, const TopicPartition& partition,
                     const std::vector<uint64_t>& projected, duckdb_data_chunk chunk) {
  int64_t replaced = 0;
  for (size_t i = 0; i < projected.size(); ++i) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
    switch (static_cast<Column>(projected[i])) {
      case kKey:
        WriteKeys(records, vector);
        break;
      case kValue:
        WriteValues(records, vector);
        break;
      case kTopic:
        WriteConstant(duckdb_create_varchar_length(partition.topic.data(), partition.topic.size()),
                      vector);
        break;
      case kPartition:
        WriteConstant(duckdb_create_int32(partition.partition), vector);
        break;
      case kOffset:
        WriteOffsets(records, vector);
        break;
      case kTimestamp:
        WriteTimestamps(records, vector);
        break;
      case kTimestampType:
        WriteTimestampTypes(records, vector);
        break;
      case kHeaders:
        replaced += WriteHeaders(records, vector);
        break;
    }
  }
  return replaced;
}

}  // namespace flare::connector::kafka
