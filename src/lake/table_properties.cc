#include "lake/table_properties.h"

#include <array>
#include <cctype>
#include <charconv>

namespace flare::lake {
namespace {

std::string Lower(std::string_view text) {
  std::string lower;
  for (char c : text) lower.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  return lower;
}

/// Reads typed values; the first mistake is kept.
class Reader {
 public:
  explicit Reader(const Properties& properties) : properties_(properties) {}

  std::optional<std::string> Text(const char* key) const {
    auto found = properties_.find(key);
    return found == properties_.end() ? std::nullopt : std::optional<std::string>(Lower(found->second));
  }

  template <class T>
  void Number(const char* key, T smallest, T* out) {
    auto text = Text(key);
    if (!text) return;
    T value{};
    auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size() || value < smallest) {
      Fail(InvalidArgument("the table property {} must be a whole number of at least {}, found '{}'", key, smallest, *text));
      return;
    }
    *out = value;
  }

  template <class T>
  void Number(const char* key, T smallest, std::optional<T>* out) {
    if (!Text(key)) return;
    T value{};
    Number(key, smallest, &value);
    *out = value;
  }

  void Bool(const char* key, bool* out) {
    auto text = Text(key);
    if (!text) return;
    if (*text != "true" && *text != "false") {
      Fail(InvalidArgument("the table property {} must be true or false, found '{}'", key, *text));
      return;
    }
    *out = *text == "true";
  }

  void Fail(Error error) {
    if (status_) status_ = std::move(error);
  }
  Status status() const { return status_; }

 private:
  const Properties& properties_;
  Status status_;
};

void ReadCodecs(Reader* reader, WriterProperties* out) {
  if (auto codec = reader->Text("write.metadata.compression-codec")) {
    // Iceberg knows none and gzip; whoever asks for another codec wants it compressed.
    out->gzip_metadata = *codec != "none" && *codec != "uncompressed" && !codec->empty();
  }
  if (auto codec = reader->Text("write.manifest.compression-codec")) {
    if (*codec == "none" || *codec == "uncompressed") out->manifest_codec = AvroCodec::kNull;
  }
  auto parquet = reader->Text("write.parquet.compression-codec");
  if (!parquet) return;
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kCodecs = {
      {{"zstd", "zstd"}, {"snappy", "snappy"}, {"gzip", "gzip"}, {"brotli", "brotli"}, {"lz4", "lz4_raw"},
       {"lz4_raw", "lz4_raw"}, {"uncompressed", "uncompressed"}, {"none", "uncompressed"}}};
  for (const auto& [name, duckdb] : kCodecs) {
    if (*parquet != name) continue;
    out->parquet_codec = duckdb;
    return;
  }
  reader->Fail(InvalidArgument("the table property write.parquet.compression-codec is '{}'; known are zstd, snappy, "
                               "gzip, brotli, lz4 and uncompressed", *parquet));
}

}  // namespace

Result<WriterProperties> ParseWriterProperties(const Properties& properties) {
  WriterProperties out;
  Reader reader(properties);
  if (auto format = reader.Text("write.format.default"); format && *format != "parquet") {
    return Unsupported("the table property write.format.default is '{}'; data files are written as parquet only", *format);
  }
  ReadCodecs(&reader, &out);
  reader.Number("write.metadata.previous-versions-max", 1, &out.previous_versions_max);
  reader.Bool("write.metadata.delete-after-commit.enabled", &out.delete_after_commit);
  reader.Bool("commit.manifest-merge.enabled", &out.merge_manifests);
  reader.Number("commit.manifest.min-count-to-merge", 2, &out.merge_min_count);
  reader.Number("commit.manifest.target-size-bytes", int64_t{1}, &out.merge_target_bytes);
  reader.Number("commit.retry.num-retries", 0, &out.retries);
  reader.Number("commit.retry.min-wait-ms", int64_t{0}, &out.retry_min_wait_ms);
  reader.Number("commit.retry.max-wait-ms", int64_t{0}, &out.retry_max_wait_ms);
  reader.Number("commit.retry.total-timeout-ms", int64_t{0}, &out.retry_total_ms);
  reader.Number("write.parquet.compression-level", -100, &out.parquet_level);
  reader.Number("write.parquet.row-group-size-bytes", int64_t{1024}, &out.row_group_bytes);
  reader.Number("write.target-file-size-bytes", int64_t{1024}, &out.target_file_bytes);
  if (auto path = properties.find("write.data.path"); path != properties.end()) out.data_path = path->second;
  while (!out.data_path.empty() && out.data_path.back() == '/') out.data_path.pop_back();
  RETURN_IF_ERROR(reader.status());
  return out;
}

Result<RetentionProperties> ParseRetentionProperties(const Properties& properties) {
  RetentionProperties out;
  Reader reader(properties);
  reader.Number("history.expire.max-snapshot-age-ms", int64_t{0}, &out.max_snapshot_age_ms);
  reader.Number("history.expire.min-snapshots-to-keep", 1, &out.min_snapshots_to_keep);
  reader.Number("history.expire.max-ref-age-ms", int64_t{0}, &out.max_ref_age_ms);
  reader.Bool("gc.enabled", &out.gc_enabled);
  RETURN_IF_ERROR(reader.status());
  return out;
}

bool IsReservedProperty(std::string_view name) {
  static constexpr std::array<std::string_view, 9> kReserved = {
      "format-version", "uuid", "snapshot-count", "current-snapshot-id", "current-snapshot-summary",
      "current-snapshot-timestamp-ms", "current-schema", "default-partition-spec", "default-sort-order"};
  return std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
}

}  // namespace flare::lake
