#include "lake/avro.h"

#include "base/test_matchers.h"
#include "lake/compression.h"
#include "lake/manifest_schema.h"

namespace flare::lake {
namespace {

AvroSchemaPtr SchemaOf(std::string_view json) { return ParseAvroSchema(ParseJson(json, "test").value()).value(); }

std::string Encoded(std::string_view schema, const AvroValue& value) {
  std::string out;
  EXPECT_THAT(EncodeAvro(*SchemaOf(schema), value, &out), IsOk());
  return out;
}

TEST(AvroTest, EncodesAsTheSpecificationSays) {
  EXPECT_EQ(Encoded(R"("long")", AvroValue(-64)), "\x7f");
  EXPECT_EQ(Encoded(R"("long")", AvroValue(64)), std::string("\x80\x01"));
  EXPECT_EQ(Encoded(R"("string")", AvroValue("foo")), "\x06" "foo");
  EXPECT_EQ(Encoded(R"(["null","string"])", AvroValue()), std::string(1, '\0'));
  EXPECT_EQ(Encoded(R"(["null","string"])", AvroValue("a")), "\x02\x02" "a");
  EXPECT_EQ(Encoded(R"({"type":"array","items":"long"})", AvroValue(AvroValue::List{3, 27})), std::string("\x04\x06\x36\0", 4));
  EXPECT_EQ(Encoded(R"({"type":"array","items":"long"})", AvroValue(AvroValue::List{})), std::string(1, '\0'));
  EXPECT_EQ(Encoded(R"("double")", AvroValue(1.0)), std::string("\0\0\0\0\0\0\xf0\x3f", 8));
}

TEST(AvroTest, ReadsNegativeBlockCounts) {
  auto schema = SchemaOf(R"({"type":"array","items":"long"})");
  std::string bytes("\x03\x04\x06\x36\x00", 5);  // -2 items in 2 bytes: 3, 27
  std::string_view rest = bytes;
  auto value = DecodeAvro(*schema, &rest);
  ASSERT_THAT(value, IsOk());
  EXPECT_EQ(*value, AvroValue(AvroValue::List{3, 27}));
  EXPECT_TRUE(rest.empty());
}

TEST(AvroTest, LongsOfAnySizeComeBack) {
  auto schema = SchemaOf(R"("long")");
  for (int64_t v : {INT64_MIN, int64_t{-1}, int64_t{0}, int64_t{1}, int64_t{9007199254740993}, INT64_MAX}) {
    std::string out;
    ASSERT_THAT(EncodeAvro(*schema, AvroValue(v), &out), IsOk());
    std::string_view rest = out;
    EXPECT_EQ(DecodeAvro(*schema, &rest).value(), AvroValue(v));
  }
}

AvroFile ListFile() {
  AvroFile file;
  file.schema_json = ParseJson(R"({"type":"record","name":"r","fields":[{"name":"a","type":"long","field-id":1},
      {"name":"b","type":["null","bytes"],"field-id":2}]})", "test").value();
  file.metadata = {{"format-version", "2"}};
  for (int i = 0; i < 3000; ++i) {
    AvroValue text = i % 3 == 0 ? AvroValue() : AvroValue(std::string(200, static_cast<char>('a' + i % 26)));
    file.rows.push_back(AvroValue::List{AvroValue(i), std::move(text)});
  }
  return file;
}

TEST(AvroFileTest, SeveralBlocksComeBackInBothCodecs) {
  AvroFile file = ListFile();
  for (AvroCodec codec : {AvroCodec::kNull, AvroCodec::kDeflate}) {
    auto bytes = WriteAvroFile(file, codec);
    ASSERT_THAT(bytes, IsOk());
    auto read = ReadAvroFile(*bytes, "f.avro");
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(read->rows, file.rows);
    EXPECT_EQ(read->metadata, file.metadata);
  }
}

TEST(AvroFileTest, EveryCutIsCorruptionAndNeverACrash) {
  AvroFile file = ListFile();
  file.rows.resize(5);
  for (AvroCodec codec : {AvroCodec::kNull, AvroCodec::kDeflate}) {
    std::string bytes = WriteAvroFile(file, codec).value();
    size_t blocks = 0;
    for (size_t size = 0; size < bytes.size(); ++size) {
      auto read = ReadAvroFile(std::string_view(bytes).substr(0, size), "f.avro");
      // A file that ends right behind its header is an empty one.
      if (read) {
        EXPECT_EQ(++blocks, 1u) << size;
      }
    }
    for (size_t i = 0; i < bytes.size(); ++i) {
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ 0x55);
      std::ignore = ReadAvroFile(flipped, "f.avro");  // whatever it says, it returns
    }
  }
}

TEST(AvroFileTest, AnUnknownCodecIsNamed) {
  std::string bytes = WriteAvroFile(ListFile(), AvroCodec::kNull).value();
  bytes.replace(bytes.find("\x08null"), 5, "\x08zstd");
  EXPECT_THAT(ReadAvroFile(bytes, "f.avro"), IsError(Code::kUnsupported));
  EXPECT_THAT(ReadAvroFile(bytes, "f.avro"), HasMessage(::testing::HasSubstr("zstd")));
}

void ExpectIds(const Json& node) {
  if (node.is_array()) {
    for (const Json& item : node) ExpectIds(item);
    return;
  }
  if (!node.is_object()) return;
  if (node.contains("fields")) {
    for (const Json& field : node["fields"]) {
      EXPECT_TRUE(field.contains("field-id")) << field.dump();
      ExpectIds(field["type"]);
    }
  }
  if (node.value("type", Json()) == "array") {
    EXPECT_TRUE(node.contains("element-id") || node.contains("logicalType")) << node.dump();
    ExpectIds(node["items"]);
  }
}

TEST(ManifestSchemaTest, RootsAreNamedAsSparkWantsAndEveryFieldHasItsId) {
  PartitionSpec spec{0, {{2, 1000, "day of week", {Transform::Kind::kDay, 0}}, {3, 1001, "1st", {}}}};
  Json manifest = ManifestAvroSchema(spec, {Type(TypeId::kDate), Type::Decimal(9, 2)});
  EXPECT_EQ(manifest["name"], "manifest_entry");
  EXPECT_EQ(ManifestListAvroSchema()["name"], "manifest_file");
  ExpectIds(manifest);
  ExpectIds(ManifestListAvroSchema());
  EXPECT_NE(manifest.dump().find("day_x20of_x20week"), std::string::npos);
  EXPECT_NE(manifest.dump().find("\"_1st\""), std::string::npos);
  EXPECT_NE(manifest.dump().find(R"("iceberg-field-name":"1st")"), std::string::npos);
}

TEST(CompressionTest, DamageIsCorruption) {
  std::string packed = Gzip(std::string(10000, 'x')).value();
  EXPECT_EQ(Gunzip(packed).value(), std::string(10000, 'x'));
  EXPECT_THAT(Gunzip(packed.substr(0, packed.size() - 3)), IsError(Code::kCorruption));
  EXPECT_THAT(Gunzip("no gzip at all"), IsError(Code::kCorruption));
}

}  // namespace
}  // namespace flare::lake
