#include <bit>
#include <cstring>
#include <limits>

#include "lake/avro.h"

namespace flare::lake {
namespace {

using Kind = AvroSchema::Kind;

static_assert(std::endian::native == std::endian::little, "Avro floats are written as they lie in memory");

void PutLong(int64_t value, std::string* out) {
  uint64_t bits = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  while (bits >= 0x80) {
    out->push_back(static_cast<char>(bits | 0x80));
    bits >>= 7;
  }
  out->push_back(static_cast<char>(bits));
}

template <class T>
void PutRaw(T value, std::string* out) {
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof(T));
  out->append(raw, sizeof(T));
}

Error DoesNotFit(const AvroSchema& schema) {
  return Internal("a value does not fit the Avro schema (kind {}, name '{}')", static_cast<int>(schema.kind),
                  schema.name);
}

Status PutList(const AvroSchema& schema, const AvroValue::List& items, std::string* out) {
  if (!items.empty()) PutLong(static_cast<int64_t>(items.size()), out);
  for (const AvroValue& item : items) {
    if (schema.kind == Kind::kArray) {
      RETURN_IF_ERROR(EncodeAvro(*schema.element, item, out));
      continue;
    }
    const auto* pair = std::get_if<AvroValue::List>(&item.data);
    const auto* key = pair != nullptr && pair->size() == 2 ? std::get_if<std::string>(&(*pair)[0].data) : nullptr;
    if (key == nullptr) return DoesNotFit(schema);
    PutLong(static_cast<int64_t>(key->size()), out);
    out->append(*key);
    RETURN_IF_ERROR(EncodeAvro(*schema.element, (*pair)[1], out));
  }
  PutLong(0, out);
  return Ok();
}

Status PutUnion(const AvroSchema& schema, const AvroValue& value, std::string* out) {
  for (size_t i = 0; i < schema.branches.size(); ++i) {
    bool null_branch = schema.branches[i]->kind == Kind::kNull;
    if (null_branch != value.is_null()) continue;
    PutLong(static_cast<int64_t>(i), out);
    return EncodeAvro(*schema.branches[i], value, out);
  }
  return DoesNotFit(schema);
}

/// A bounded view that remembers whether anything was read past its end.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}
  std::string_view rest() const { return rest_; }
  bool failed() const { return failed_; }
  void Fail() { failed_ = true; }

  int64_t Long() {
    uint64_t bits = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      auto byte = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      bits |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
    }
    failed_ = true;
    return 0;
  }

  std::string Bytes(int64_t size) {
    if (size < 0 || static_cast<uint64_t>(size) > rest_.size()) {
      failed_ = true;
      return {};
    }
    std::string bytes(rest_.substr(0, static_cast<size_t>(size)));
    rest_.remove_prefix(static_cast<size_t>(size));
    return bytes;
  }

  template <class T>
  double Real() {
    T value{};
    std::string raw = Bytes(sizeof(T));
    if (!failed_) std::memcpy(&value, raw.data(), sizeof(T));
    return static_cast<double>(value);
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

AvroValue Decode(const AvroSchema& schema, Cursor* in);

AvroValue DecodeList(const AvroSchema& schema, Cursor* in) {
  AvroValue::List items;
  for (;;) {
    int64_t count = in->Long();
    if (in->failed() || count == 0) break;
    if (count < 0) {
      if (count == std::numeric_limits<int64_t>::min()) {
        in->Fail();
        break;
      }
      count = -count;
      in->Long();  // the block's size in bytes, for those who skip it
    }
    for (int64_t i = 0; i < count && !in->failed(); ++i) {
      // Every element of Iceberg's files takes a byte or more; an empty rest means a corrupt count.
      if (in->rest().empty()) in->Fail();
      if (schema.kind == Kind::kArray) {
        items.push_back(Decode(*schema.element, in));
      } else {
        AvroValue key(in->Bytes(in->Long()));
        items.push_back(AvroValue::List{std::move(key), Decode(*schema.element, in)});
      }
    }
  }
  return items;
}

AvroValue Decode(const AvroSchema& schema, Cursor* in) {
  switch (schema.kind) {
    case Kind::kNull: return {};
    case Kind::kBoolean: {
      std::string byte = in->Bytes(1);
      return AvroValue(!byte.empty() && byte[0] != 0);
    }
    case Kind::kInt:
    case Kind::kLong:
    case Kind::kEnum: return AvroValue(in->Long());
    case Kind::kFloat: return AvroValue(in->Real<float>());
    case Kind::kDouble: return AvroValue(in->Real<double>());
    case Kind::kBytes:
    case Kind::kString: return AvroValue(in->Bytes(in->Long()));
    case Kind::kFixed: return AvroValue(in->Bytes(schema.size));
    case Kind::kRecord: {
      AvroValue::List fields;
      fields.reserve(schema.fields.size());
      for (const auto& field : schema.fields) {
        if (in->failed()) break;
        fields.push_back(Decode(*field.type, in));
      }
      return fields;
    }
    case Kind::kArray:
    case Kind::kMap: return DecodeList(schema, in);
    case Kind::kUnion: {
      int64_t branch = in->Long();
      if (branch < 0 || static_cast<size_t>(branch) >= schema.branches.size()) {
        in->Fail();
        return {};
      }
      return Decode(*schema.branches[static_cast<size_t>(branch)], in);
    }
  }
  return {};
}

}  // namespace

Status EncodeAvro(const AvroSchema& schema, const AvroValue& value, std::string* out) {
  switch (schema.kind) {
    case Kind::kNull: return value.is_null() ? Ok() : DoesNotFit(schema);
    case Kind::kUnion: return PutUnion(schema, value, out);
    case Kind::kBoolean:
      if (const bool* v = std::get_if<bool>(&value.data)) {
        out->push_back(*v ? 1 : 0);
        return Ok();
      }
      return DoesNotFit(schema);
    case Kind::kInt:
    case Kind::kLong:
    case Kind::kEnum:
      if (const int64_t* v = std::get_if<int64_t>(&value.data)) {
        PutLong(*v, out);
        return Ok();
      }
      return DoesNotFit(schema);
    case Kind::kFloat:
    case Kind::kDouble:
      if (const double* v = std::get_if<double>(&value.data)) {
        if (schema.kind == Kind::kFloat) {
          PutRaw(static_cast<float>(*v), out);
        } else {
          PutRaw(*v, out);
        }
        return Ok();
      }
      return DoesNotFit(schema);
    case Kind::kBytes:
    case Kind::kString:
    case Kind::kFixed: {
      const auto* v = std::get_if<std::string>(&value.data);
      if (v == nullptr || (schema.kind == Kind::kFixed && v->size() != static_cast<size_t>(schema.size))) {
        return DoesNotFit(schema);
      }
      if (schema.kind != Kind::kFixed) PutLong(static_cast<int64_t>(v->size()), out);
      out->append(*v);
      return Ok();
    }
    case Kind::kRecord: {
      const auto* fields = std::get_if<AvroValue::List>(&value.data);
      if (fields == nullptr || fields->size() != schema.fields.size()) return DoesNotFit(schema);
      for (size_t i = 0; i < fields->size(); ++i) {
        RETURN_IF_ERROR(EncodeAvro(*schema.fields[i].type, (*fields)[i], out));
      }
      return Ok();
    }
    case Kind::kArray:
    case Kind::kMap: {
      const auto* items = std::get_if<AvroValue::List>(&value.data);
      if (items == nullptr) return DoesNotFit(schema);
      return PutList(schema, *items, out);
    }
  }
  return DoesNotFit(schema);
}

Result<AvroValue> DecodeAvro(const AvroSchema& schema, std::string_view* bytes) {
  Cursor in(*bytes);
  AvroValue value = Decode(schema, &in);
  if (in.failed()) return Corruption("the Avro data end too early or hold an impossible length");
  *bytes = in.rest();
  return value;
}

}  // namespace flare::lake
