// Variant functions whose signature is fixed; variant_get and to_variant_object are made for a statement.
#include "engine/function_lists.h"
#include "engine/json_reader.h"
#include "engine/recent.h"
#include "engine/record_text.h"
#include "engine/typed_output.h"
#include "engine/variant_cast.h"

namespace flare::engine {

using sql::Type;
using sql::TypeId;

namespace {

/// Standard JSON and nothing else.
constexpr JsonLeniency kStrictJson = {.single_quotes = false, .non_numeric_numbers = false};

VariantJson ParseJson(std::string_view json, std::string* variant) {
  JsonReader reader(json, kStrictJson);
  return AppendVariantOfJson(&reader, variant);
}

TextResultOf ParseJsonStrictly(std::string_view json) {
  std::string variant;
  VariantJson outcome = ParseJson(json, &variant);
  if (outcome == VariantJson::kGood) return std::optional(std::move(variant));
  Error error = MalformedRecord(json);
  if (outcome == VariantJson::kMalformed) return error;
  return std::move(error).With("[VARIANT_DUPLICATE_KEY] an object names a key twice");
}

std::optional<std::string> TryParseJson(std::string_view json) {
  std::string variant;
  if (ParseJson(json, &variant) != VariantJson::kGood) return std::nullopt;
  return variant;
}

using ZoneText = std::string (*)(const Variant&, const TimeZone&);

std::string CastText(const Variant& variant, const TimeZone& zone) { return variant.ToText(zone); }

std::string JsonText(const Variant& variant, const TimeZone& zone) {
  std::string json;
  variant.AppendJson(zone, &json);
  return json;
}

template <ZoneText kText, bool kNullIsNull>
TextResultOf TextIn(std::string_view bytes, std::string_view zone_name) {
  static thread_local Recent<const TimeZone*> zones;
  Variant variant(bytes);
  if (kNullIsNull && variant.is_null()) return std::optional<std::string>();
  ASSIGN_OR_RETURN(const TimeZone* const* zone, zones.Get(zone_name, [](std::string_view name) { return TimeZone::Find(name); }));
  return std::optional(kText(variant, **zone));
}

std::optional<bool> IsVariantNull(std::string_view bytes) { return Variant(bytes).is_null(); }

std::optional<std::string> SchemaOfVariant(std::string_view bytes) { return SchemaOfVariants({Variant(bytes)}); }

/// spark_schema_of_variants(variants): one text for all that are not NULL.
void RunSchemaOfVariants(ScalarCall& call) {
  ValueReader<duckdb_list_entry> entries(call.input(0));
  StringReader variants(duckdb_list_vector_get_child(call.input(0)));
  StringWriter writer(call.output());
  for (uint64_t row = 0; row < call.rows(); ++row) {
    std::vector<Variant> group;
    duckdb_list_entry entry = entries.IsNull(row) ? duckdb_list_entry{0, 0} : entries[row];
    for (uint64_t i = entry.offset; i < entry.offset + entry.length; ++i) {
      if (!variants.IsNull(i)) group.emplace_back(variants.View(i));
    }
    writer.SetCopy(row, SchemaOfVariants(group));
  }
}

/// spark_variant_entries(variant): what variant_explode yields, an empty list for a scalar.
void RunVariantEntries(ScalarCall& call) {
  static const Type* type = new Type(Type::Array(Type::Struct({{"pos", Type(TypeId::kInt), false, ""},
                                                               {"key", Type(TypeId::kString), true, ""},
                                                               {"value", Type(TypeId::kVariant), false, ""}})));
  TypedOutput root = MakeTypedOutput(*type);
  root.Bind(call.output());
  StringReader variants(call.input(0));
  for (uint64_t row = 0; row < call.rows(); ++row) {
    uint64_t first = root.list_size;
    Variant variant(variants.IsNull(row) ? std::string_view() : variants.View(row));
    for (size_t i = 0; i < variant.size(); ++i) {
      uint64_t element = root.Append();
      TypedOutput& entry = root.children[0];
      entry.SetValid(element);
      entry.children[0].Set(element, static_cast<int32_t>(i));
      entry.children[1].SetNull(element);
      if (variant.kind() == VariantKind::kObject) entry.children[1].SetText(element, variant.Key(i), true);
      entry.children[2].SetText(element, variant.Element(i).bytes(), true);
    }
    root.SetEntry(row, first);
  }
  CommitListSizes(root);
}

}  // namespace

std::vector<ScalarFunction> VariantFunctions() {
  constexpr auto kText = DUCKDB_TYPE_VARCHAR;
  constexpr auto kVariant = DUCKDB_TYPE_BLOB;
  using View = std::string_view;
  return {{"spark_parse_json", {kText}, kVariant, Checked<View, View>(ParseJsonStrictly)},
          {"spark_try_parse_json", {kText}, kVariant, RowWiseText<View>(TryParseJson)},
          {"spark_is_variant_null", {kVariant}, DUCKDB_TYPE_BOOLEAN, RowWise<bool, View>(IsVariantNull)},
          {"spark_schema_of_variant", {kVariant}, kText, RowWiseText<View>(SchemaOfVariant)},
          {"spark_variant_to_string", {kVariant, kText}, kText, Checked<View, View, View>(TextIn<CastText, true>)},
          {"spark_variant_to_json", {kVariant, kText}, kText, Checked<View, View, View>(TextIn<JsonText, false>)}};
}

Status RegisterNestedVariantFunctions(Connection& connection) {
  OwnedLogicalType text(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  OwnedLogicalType variant(duckdb_create_logical_type(DUCKDB_TYPE_BLOB));
  OwnedLogicalType number(duckdb_create_logical_type(DUCKDB_TYPE_INTEGER));
  OwnedLogicalType variants(duckdb_create_list_type(variant.get()));
  duckdb_logical_type types[] = {number.get(), text.get(), variant.get()};
  const char* names[] = {"f0", "f1", "f2"};
  OwnedLogicalType entry(duckdb_create_struct_type(types, names, 3));
  OwnedLogicalType entries(duckdb_create_list_type(entry.get()));
  RETURN_IF_ERROR(RegisterScalarFunction(connection, "spark_schema_of_variants", {variants.get()}, text.get(),
                                         RunSchemaOfVariants));
  return RegisterScalarFunction(connection, "spark_variant_entries", {variant.get()}, entries.get(), RunVariantEntries);
}

}  // namespace flare::engine
