#include "lake/partition.h"

#include "base/test_matchers.h"

namespace flare::lake {
namespace {

using Kind = Transform::Kind;

Literal Long(int64_t v) { return Literal(v); }
Literal Text(std::string v) { return Literal(std::move(v)); }
Literal Dec(Int128 v) { return Literal(v); }
int64_t Number(const Literal& value) { return std::get<int64_t>(value.data); }

struct BucketCase {
  Type type;
  Literal value;
  int64_t of_16, of_100;
};

TEST(TransformTest, BucketsAsThePublishedVectors) {
  const Type kLong(TypeId::kLong), kText(TypeId::kString), kBinary(TypeId::kBinary), kUuid(TypeId::kUuid);
  const BucketCase cases[] = {
      {kLong, Long(34), 3, 79},         {kLong, Long(0), 12, 76},       {kLong, Long(-1), 8, 12},
      {kLong, Long(INT64_MAX), 15, 99}, {kText, Text(""), 0, 0},        {kText, Text("a"), 2, 50},
      {kText, Text("é"), 7, 95},        {kText, Text("😀"), 10, 98},    {Type::Decimal(9, 2), Dec(1420), 3, 59},
      {Type::Decimal(9, 2), Dec(127), 9, 73},   {Type::Decimal(9, 2), Dec(128), 5, 49},
      {Type::Decimal(9, 2), Dec(-128), 13, 77}, {Type::Decimal(9, 2), Dec(-129), 1, 9},
      {kBinary, Text(std::string("\0\1\2\3", 4)), 9, 41},
      {kUuid, Text("\xf7\x9c\x3e\x09\x67\x7c\x4b\xbd\xa4\x79\x3f\x34\x9c\xb7\x85\xe7"), 12, 40},
      {Type(TypeId::kDate), Long(DaysFromCivil(2017, 11, 16)), 10, 26},
      {Type(TypeId::kTime), Long(81068000000), 3, 59},
      {Type(TypeId::kTimestamp), Long(1510871468000000), 7, 7},
      {Type(TypeId::kTimestampTz), Long(1510871468000001), 6, 38}};
  for (const auto& c : cases) {
    EXPECT_EQ(Number(Transform{Kind::kBucket, 16}.Apply(c.type, c.value)), c.of_16) << c.type.ToText();
    EXPECT_EQ(Number(Transform{Kind::kBucket, 100}.Apply(c.type, c.value)), c.of_100) << c.type.ToText();
  }
  Int128 ten_to_20 = 1;
  for (int i = 0; i < 20; ++i) ten_to_20 *= 10;
  EXPECT_EQ(Number(Transform{Kind::kBucket, 100}.Apply(Type::Decimal(38, 0), Dec(ten_to_20 - 1))), 13);
}

TEST(TransformTest, CalendarFloorsBefore1970) {
  const Type date(TypeId::kDate), ts(TypeId::kTimestamp);
  auto all = [&](int64_t days) {
    return std::vector<int64_t>{Number(Transform{Kind::kDay, 0}.Apply(date, Long(days))),
                                Number(Transform{Kind::kMonth, 0}.Apply(date, Long(days))),
                                Number(Transform{Kind::kYear, 0}.Apply(date, Long(days)))};
  };
  EXPECT_EQ(all(17486), (std::vector<int64_t>{17486, 574, 47}));
  EXPECT_EQ(all(-1), (std::vector<int64_t>{-1, -1, -1}));
  EXPECT_EQ(all(-365), (std::vector<int64_t>{-365, -12, -1}));
  EXPECT_EQ(all(-366), (std::vector<int64_t>{-366, -13, -2}));
  EXPECT_EQ(all(19782), (std::vector<int64_t>{19782, 649, 54}));
  EXPECT_EQ(Number(Transform{Kind::kHour, 0}.Apply(ts, Long(-1))), -1);
  EXPECT_EQ(Number(Transform{Kind::kHour, 0}.Apply(ts, Long(-3600000001))), -2);
  EXPECT_EQ(Number(Transform{Kind::kDay, 0}.Apply(ts, Long(-1))), -1);
}

TEST(TransformTest, TruncatesDownwardsAndByCodePoints) {
  Transform ten{Kind::kTruncate, 10}, fifty{Kind::kTruncate, 50}, two{Kind::kTruncate, 2};
  const Type kInt(TypeId::kInt), decimal = Type::Decimal(9, 2);
  EXPECT_EQ(Number(ten.Apply(kInt, Long(1))), 0);
  EXPECT_EQ(Number(ten.Apply(kInt, Long(-1))), -10);
  EXPECT_EQ(Number(ten.Apply(kInt, Long(-11))), -20);
  EXPECT_TRUE(fifty.Apply(decimal, Dec(1065)) == Dec(1050));
  EXPECT_TRUE(fifty.Apply(decimal, Dec(-1)) == Dec(-50));
  EXPECT_TRUE(two.Apply(Type(TypeId::kString), Text("😀éx")) == Text("😀é"));
  EXPECT_TRUE(two.Apply(Type(TypeId::kBinary), Text("abc")) == Text("ab"));
}

TEST(TransformTest, TextsComeBack) {
  for (const char* text : {"identity", "bucket[16]", "truncate[3]", "year", "month", "day", "hour", "void"}) {
    EXPECT_EQ(Transform::Parse(text).value().ToText(), text);
  }
  for (const char* text : {"bucket", "bucket[0]", "bucket[-1]", "bucket[x]", "zorder", ""}) {
    EXPECT_THAT(Transform::Parse(text), IsError(Code::kUnsupported)) << text;
  }
}

TEST(TransformTest, FolderTextsAreReadBack) {
  const Type ts(TypeId::kTimestampTz);
  EXPECT_TRUE((Transform{Kind::kYear, 0}.FromFolderText(ts, "2024")) == Long(54));
  EXPECT_TRUE((Transform{Kind::kMonth, 0}.FromFolderText(ts, "1969-12")) == Long(-1));
  EXPECT_TRUE((Transform{Kind::kDay, 0}.FromFolderText(ts, "2024-02-29")) == Long(19782));
  EXPECT_TRUE((Transform{Kind::kHour, 0}.FromFolderText(ts, "2017-11-16-22")) == Long(419686));
  EXPECT_TRUE((Transform{Kind::kYear, 0}.FromFolderText(ts, "-43")) == Long(-2013));
  EXPECT_FALSE((Transform{Kind::kDay, 0}.FromFolderText(ts, "soon")).has_value());
}

Schema Orders() {
  Schema schema;
  schema.fields = {{1, "id", false, Type(TypeId::kLong), ""}, {2, "ts", false, Type(TypeId::kTimestampTz), ""},
                   {3, "price", false, Type(TypeId::kDouble), ""}};
  return schema;
}

TEST(PartitionSpecTest, UsualNamesAndIdsFrom1000) {
  int last = 999;
  auto spec = BuildPartitionSpec({{"Identity", "ID", "", {}}, {"day", "ts", "", {}}, {"bucket", "id", "", 8}}, Orders(), &last);
  ASSERT_THAT(spec, IsOk());
  EXPECT_EQ(spec->FieldsToJson().dump(),
            R"([{"source-id":1,"field-id":1000,"name":"id","transform":"identity"},)"
            R"({"source-id":2,"field-id":1001,"name":"ts_day","transform":"day"},)"
            R"({"source-id":1,"field-id":1002,"name":"id_bucket","transform":"bucket[8]"}])");
  EXPECT_EQ(last, 1002);
  Json json = spec->ToJson();
  EXPECT_TRUE(ParsePartitionSpec(json).value().SameFields(*spec));
}

TEST(PartitionSpecTest, NoTwoCutsOfATableShareAName) {
  int last = 1001;
  PartitionSpec older{0, {{1, 1000, "id_bucket", {Transform::Kind::kBucket, 4}}, {2, 1001, "at", {Transform::Kind::kDay, 0}}}};
  auto name = [&](PartitionRequest request) -> Result<std::string> {
    ASSIGN_OR_RETURN(PartitionSpec spec, BuildPartitionSpec({std::move(request)}, Orders(), &last, {older}));
    return spec.fields[0].name;
  };
  EXPECT_EQ(name({"bucket", "id", "", 4}).value(), "id_bucket");
  EXPECT_EQ(name({"bucket", "id", "", 8}).value(), "id_bucket_8");
  EXPECT_EQ(name({"day", "ts", "", {}}).value(), "at");
  EXPECT_EQ(name({"day", "ts", "day", {}}).value(), "day");  // renamed
  EXPECT_EQ(name({"hour", "ts", "", {}}).value(), "ts_hour");
  auto taken = name({"hour", "ts", "AT", {}});
  EXPECT_THAT(taken, IsError(Code::kInvalidArgument));
  EXPECT_THAT(taken, HasMessage(::testing::HasSubstr("is the name of day; give it another name, e.g. 'ts_hour'")));
}

TEST(PartitionSpecTest, MistakesAreNamed) {
  auto error = [](std::vector<PartitionRequest> requests) {
    int last = 999;
    return BuildPartitionSpec(requests, Orders(), &last);
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(error({{"day", "when", "", {}}}), HasMessage(HasSubstr("its columns are id, ts, price")));
  EXPECT_THAT(error({{"day", "id", "", {}}}), HasMessage(HasSubstr("'id' of type long cannot be partitioned by day")));
  EXPECT_THAT(error({{"bucket", "price", "", 4}}), HasMessage(HasSubstr("double cannot be partitioned by bucket[4]")));
  EXPECT_THAT(error({{"bucket", "id", "", {}}}), HasMessage(HasSubstr("numBuckets")));
  EXPECT_THAT(error({{"day", "ts", "price", {}}}), HasMessage(HasSubstr("has the name of a column")));
  EXPECT_THAT(error({{"day", "ts", "", {}}, {"hour", "ts", "", {}}}), HasMessage(HasSubstr("more than one of year")));
  EXPECT_THAT(error({{"weekly", "ts", "", {}}}), HasMessage(HasSubstr("known are identity")));
}

}  // namespace
}  // namespace flare::lake
