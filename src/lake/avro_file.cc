#include "base/random.h"
#include "lake/avro.h"
#include "lake/compression.h"

namespace flare::lake {
namespace {

constexpr std::string_view kMagic("Obj\x01", 4);
constexpr size_t kSyncSize = 16;
constexpr size_t kBlockBytes = 1 << 18;

AvroSchemaPtr HeaderSchema() {
  auto bytes = std::make_shared<AvroSchema>();
  bytes->kind = AvroSchema::Kind::kBytes;
  auto map = std::make_shared<AvroSchema>();
  map->kind = AvroSchema::Kind::kMap;
  map->element = bytes;
  return map;
}

const AvroSchema& LongSchema() {
  static const AvroSchema schema = [] {
    AvroSchema s;
    s.kind = AvroSchema::Kind::kLong;
    return s;
  }();
  return schema;
}

std::string RandomSync() {
  std::string sync(kSyncSize, '\0');
  for (size_t half = 0; half < 2; ++half) {
    uint64_t bits = RandomBits();
    std::memcpy(sync.data() + half * 8, &bits, 8);
  }
  return sync;
}

Status PutBlock(int64_t count, const std::string& plain, AvroCodec codec, int level, const std::string& sync,
                std::string* out) {
  if (count == 0) return Ok();
  std::string packed;
  if (codec == AvroCodec::kDeflate) {
    ASSIGN_OR_RETURN(packed, Deflate(plain, level));
  }
  const std::string& data = codec == AvroCodec::kDeflate ? packed : plain;
  RETURN_IF_ERROR(EncodeAvro(LongSchema(), AvroValue(count), out));
  RETURN_IF_ERROR(EncodeAvro(LongSchema(), AvroValue(static_cast<int64_t>(data.size())), out));
  out->append(data).append(sync);
  return Ok();
}

Result<int64_t> TakeLong(std::string_view* bytes) {
  ASSIGN_OR_RETURN(AvroValue value, DecodeAvro(LongSchema(), bytes));
  return std::get<int64_t>(value.data);
}

Status ReadHeader(std::string_view* rest, AvroFile* file, std::string* codec, std::string* sync) {
  if (!rest->starts_with(kMagic)) return Corruption("it does not start with Avro's magic bytes");
  rest->remove_prefix(kMagic.size());
  ASSIGN_OR_RETURN(AvroValue header, DecodeAvro(*HeaderSchema(), rest));
  for (AvroValue& item : std::get<AvroValue::List>(header.data)) {
    auto& pair = std::get<AvroValue::List>(item.data);
    file->metadata[std::get<std::string>(pair[0].data)] = std::get<std::string>(std::move(pair[1].data));
  }
  *codec = "null";
  if (auto found = file->metadata.extract("avro.codec")) *codec = found.mapped();
  auto schema = file->metadata.extract("avro.schema");
  if (!schema) return Corruption("its header has no avro.schema");
  ASSIGN_OR_RETURN(file->schema_json, ParseJson(schema.mapped(), "its avro.schema"));
  ASSIGN_OR_RETURN(file->schema, ParseAvroSchema(file->schema_json));
  if (rest->size() < kSyncSize) return Corruption("its header is cut short");
  *sync = rest->substr(0, kSyncSize);
  rest->remove_prefix(kSyncSize);
  return Ok();
}

Status ReadBlock(std::string_view* rest, const std::string& codec, const std::string& sync, AvroFile* file) {
  ASSIGN_OR_RETURN(int64_t count, TakeLong(rest));
  ASSIGN_OR_RETURN(int64_t size, TakeLong(rest));
  if (count < 0 || size < 0 || static_cast<uint64_t>(size) + kSyncSize > rest->size()) {
    return Corruption("a block is cut short");
  }
  std::string_view data = rest->substr(0, static_cast<size_t>(size));
  rest->remove_prefix(static_cast<size_t>(size));
  if (rest->substr(0, kSyncSize) != sync) return Corruption("a block does not end with the sync marker");
  rest->remove_prefix(kSyncSize);
  std::string plain;
  if (codec == "deflate") {
    ASSIGN_OR_RETURN(plain, Inflate(data));
    data = plain;
  }
  for (int64_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(AvroValue row, DecodeAvro(*file->schema, &data));
    file->rows.push_back(std::move(row));
  }
  if (!data.empty()) return Corruption("a block holds more bytes than rows");
  return Ok();
}

Result<AvroFile> Read(std::string_view bytes) {
  AvroFile file;
  std::string codec, sync;
  RETURN_IF_ERROR(ReadHeader(&bytes, &file, &codec, &sync));
  if (codec != "null" && codec != "deflate") {
    return Unsupported("its Avro codec is '{}'; supported are null and deflate (table property "
                       "write.manifest.compression-codec=gzip)", codec);
  }
  while (!bytes.empty()) RETURN_IF_ERROR(ReadBlock(&bytes, codec, sync, &file));
  return file;
}

}  // namespace

Result<std::string> WriteAvroFile(const AvroFile& file, AvroCodec codec, int level) {
  AvroSchemaPtr schema = file.schema;
  if (schema == nullptr) {
    ASSIGN_OR_RETURN(schema, ParseAvroSchema(file.schema_json));
  }
  AvroValue::List header;
  header.push_back(AvroValue::List{AvroValue("avro.schema"), AvroValue(DumpJson(file.schema_json))});
  header.push_back(AvroValue::List{AvroValue("avro.codec"), AvroValue(codec == AvroCodec::kNull ? "null" : "deflate")});
  for (const auto& [key, value] : file.metadata) header.push_back(AvroValue::List{AvroValue(key), AvroValue(value)});
  std::string out(kMagic);
  RETURN_IF_ERROR(EncodeAvro(*HeaderSchema(), AvroValue(std::move(header)), &out));
  std::string sync = RandomSync();
  out.append(sync);
  std::string block;
  int64_t count = 0;
  for (const AvroValue& row : file.rows) {
    RETURN_IF_ERROR(EncodeAvro(*schema, row, &block));
    ++count;
    if (block.size() < kBlockBytes) continue;
    RETURN_IF_ERROR(PutBlock(count, block, codec, level, sync, &out));
    block.clear();
    count = 0;
  }
  RETURN_IF_ERROR(PutBlock(count, block, codec, level, sync, &out));
  return out;
}

Result<AvroFile> ReadAvroFile(std::string_view bytes, std::string_view what) {
  Result<AvroFile> file = Read(bytes);
  if (!file) return std::move(file).error().With(fmt::format("while reading the Avro file {}", what));
  return file;
}

}  // namespace flare::lake
