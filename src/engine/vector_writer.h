#pragma once
#include <duckdb.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace flare::engine {

/// Strings up to this many bytes are stored inside duckdb_string_t, longer ones by pointer.
inline constexpr size_t kInlineStringBytes = 12;

/// Builds DuckDB's string in place, without copying more than kInlineStringBytes. `data` must outlive
/// every use of the vector (for a scan: until the thread's next Fill). Sizes up to 4 GiB - 1.
inline void SetStringPointer(duckdb_string_t* target, const char* data, size_t size) {
  auto length = static_cast<uint32_t>(size);
  if (size <= kInlineStringBytes) {
    // Unused bytes must be zero: DuckDB compares inlined strings as words.
    std::memset(target, 0, sizeof(*target));
    target->value.inlined.length = length;
    if (size > 0) std::memcpy(target->value.inlined.inlined, data, size);
    return;
  }
  target->value.pointer.length = length;
  std::memcpy(target->value.pointer.prefix, data, sizeof(target->value.pointer.prefix));
  target->value.pointer.ptr = const_cast<char*>(data);
}

/// The bytes of a DuckDB string; for a short one they lie inside `text` itself.
inline std::string_view StringView(const duckdb_string_t& text) {
  uint32_t length = text.value.inlined.length;
  const char* data =
      length <= kInlineStringBytes ? text.value.inlined.inlined : text.value.pointer.ptr;
  return {data, length};
}

/// Marks rows of an output vector NULL; a row is valid until marked. Threads: one at a time.
class ValidityWriter {
 public:
  explicit ValidityWriter(duckdb_vector vector) : vector_(vector) {}
  void SetNull(uint64_t row) {
    if (bits_ == nullptr) {
      duckdb_vector_ensure_validity_writable(vector_);
      bits_ = duckdb_vector_get_validity(vector_);
    }
    bits_[row / 64] &= ~(uint64_t{1} << (row % 64));
  }

 protected:
  duckdb_vector vector_;

 private:
  uint64_t* bits_ = nullptr;
};

/// Writes an output vector of fixed-size values: int8_t to int64_t, float, double, bool,
/// duckdb_hugeint; dates as int32_t days, timestamps as int64_t microseconds.
template <class T>
class ValueWriter : public ValidityWriter {
 public:
  explicit ValueWriter(duckdb_vector vector)
      : ValidityWriter(vector), data_(static_cast<T*>(duckdb_vector_get_data(vector))) {}
  void Set(uint64_t row, T value) { data_[row] = value; }
  /// The raw values, duckdb_vector_size() of them (or what was reserved, under a list).
  std::span<T> Values(uint64_t count) { return {data_, count}; }

 private:
  T* data_;
};

/// Writes an output vector of VARCHAR or BLOB.
class StringWriter : public ValidityWriter {
 public:
  explicit StringWriter(duckdb_vector vector)
      : ValidityWriter(vector),
        data_(static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))) {}
  /// Zero-copy: `data` must outlive every use of the vector. VARCHAR must be valid UTF-8: unchecked.
  void SetPointer(uint64_t row, const char* data, size_t size) {
    SetStringPointer(&data_[row], data, size);
  }
  void SetPointer(uint64_t row, std::string_view text) {
    SetPointer(row, text.data(), text.size());
  }
  /// Copies into memory that the vector owns. VARCHAR must be valid UTF-8: unchecked.
  void SetCopy(uint64_t row, std::string_view text) {
    if (text.size() <= kInlineStringBytes) return SetPointer(row, text);
    duckdb_unsafe_vector_assign_string_element_len(vector_, row, text.data(), text.size());
  }
  /// An existing DuckDB string as it is (a slice of an input vector that outlives this one).
  void SetString(uint64_t row, const duckdb_string_t& text) { data_[row] = text; }

 private:
  duckdb_string_t* data_;
};

/// Appends entries to a LIST vector, row by row. A MAP is a LIST of STRUCT(key, value).
class ListWriter : public ValidityWriter {
 public:
  explicit ListWriter(duckdb_vector vector)
      : ValidityWriter(vector),
        data_(static_cast<duckdb_list_entry*>(duckdb_vector_get_data(vector))),
        size_(duckdb_list_vector_get_size(vector)),
        capacity_(duckdb_vector_size()) {}
  /// Makes room for `length` elements of `row` and returns the index of the first in the child. The
  /// child's data pointers change: take new writers on child() afterwards.
  uint64_t Begin(uint64_t row, uint64_t length) {
    uint64_t offset = size_;
    data_[row] = {offset, length};
    size_ += length;
    if (size_ > capacity_) {
      while (capacity_ < size_) capacity_ *= 2;
      duckdb_list_vector_reserve(vector_, capacity_);
    }
    duckdb_list_vector_set_size(vector_, size_);
    return offset;
  }
  duckdb_vector child() const { return duckdb_list_vector_get_child(vector_); }

 private:
  duckdb_list_entry* data_;
  uint64_t size_;
  uint64_t capacity_;
};

/// Reads one flat input vector. Threads: safe from any.
class ValidityReader {
 public:
  explicit ValidityReader(duckdb_vector vector) : bits_(duckdb_vector_get_validity(vector)) {}
  bool IsNull(uint64_t row) const {
    return bits_ != nullptr && (bits_[row / 64] >> (row % 64) & 1) == 0;
  }

 private:
  const uint64_t* bits_;
};

template <class T>
class ValueReader : public ValidityReader {
 public:
  explicit ValueReader(duckdb_vector vector)
      : ValidityReader(vector), data_(static_cast<const T*>(duckdb_vector_get_data(vector))) {}
  const T& operator[](uint64_t row) const { return data_[row]; }

 private:
  const T* data_;
};

class StringReader : public ValueReader<duckdb_string_t> {
 public:
  using ValueReader::ValueReader;
  std::string_view View(uint64_t row) const { return StringView((*this)[row]); }
};

}  // namespace flare::engine
