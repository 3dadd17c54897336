// Digests, checksums, and the hashes by which Iceberg places rows.
#include <openssl/evp.h>
#include <zlib.h>

#include "engine/function_lists.h"
#include "engine/murmur3.h"
#include "engine/utf8.h"

namespace flare::engine {
namespace {

using Text = std::string_view;
constexpr auto kText = DUCKDB_TYPE_VARCHAR;
constexpr auto kBlob = DUCKDB_TYPE_BLOB;
constexpr auto kInteger = DUCKDB_TYPE_INTEGER;
constexpr auto kBigint = DUCKDB_TYPE_BIGINT;

TextResultOf HexDigest(const EVP_MD* algorithm, Text bytes) {
  static thread_local std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                                EVP_MD_CTX_free);
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_DigestInit_ex(context.get(), algorithm, nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), digest, &size) != 1) {
    return Internal("OpenSSL cannot compute a digest");
  }
  std::string hex(2 * size, '0');
  for (unsigned i = 0; i < size; ++i) {
    hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
    hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
  }
  return std::optional(std::move(hex));
}

TextResultOf Sha2(Text bytes, int32_t bits) {
  switch (bits) {
    case 224:
      return HexDigest(EVP_sha224(), bytes);
    case 0:
    case 256:
      return HexDigest(EVP_sha256(), bytes);
    case 384:
      return HexDigest(EVP_sha384(), bytes);
    case 512:
      return HexDigest(EVP_sha512(), bytes);
    default:
      return std::optional<std::string>();
  }
}

TextResultOf Digest(Text algorithm, Text bytes) {
  const std::pair<Text, const EVP_MD*> known[] = {{"MD5", EVP_md5()},        {"SHA-1", EVP_sha1()},
                                                  {"SHA-256", EVP_sha256()}, {"SHA-384", EVP_sha384()},
                                                  {"SHA-512", EVP_sha512()}, {"SHA-224", EVP_sha224()}};
  for (auto [name, method] : known) {
    if (name == algorithm) return HexDigest(method, bytes);
  }
  return InvalidArgument("digest '{}' is not known; use MD5, SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512",
                         algorithm);
}

std::optional<int64_t> Crc32(Text bytes) {
  return static_cast<int64_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

Result<std::optional<int32_t>> Bucket(int32_t hash, int32_t buckets) {
  if (buckets <= 0) return InvalidArgument("a bucket transform needs at least 1 bucket, not {}", buckets);
  return std::optional((hash & 0x7fffffff) % buckets);
}

Result<std::optional<int32_t>> BucketText(Text bytes, int32_t buckets) {
  return Bucket(Murmur3(bytes), buckets);
}

Result<std::optional<int32_t>> BucketLong(int64_t value, int32_t buckets) {
  return Bucket(Murmur3Long(value), buckets);
}

std::optional<int64_t> TruncateLong(int64_t value, int32_t width) {
  if (width <= 0) return std::nullopt;
  int64_t rest = value % width;
  int64_t truncated = 0;
  if (__builtin_sub_overflow(value, rest < 0 ? rest + width : rest, &truncated)) return std::nullopt;
  return truncated;
}

/// Slices of the input, by pointer.
void Truncate(ScalarCall& call, bool by_code_points) {
  ForEachRow<Text, Text, int32_t>(
      call, [&](ScalarCall& c, StringWriter& writer, uint64_t row, Text text, int32_t width) {
        if (width <= 0) {
          c.Fail(InvalidArgument("a truncate transform needs a width of at least 1, not {}", width));
          return false;
        }
        size_t size = by_code_points ? OffsetOfCodePoint(text, static_cast<size_t>(width))
                                     : static_cast<size_t>(width);
        writer.SetPointer(row, text.substr(0, size));
        return true;
      });
}

}  // namespace

std::vector<ScalarFunction> HashFunctions() {
  return {
      {"spark_sha2", {kBlob, kInteger}, kText, Checked<Text, Text, int32_t>(Sha2)},
      {"spark_hash_digest", {kText, kBlob}, kText, Checked<Text, Text, Text>(Digest)},
      {"spark_crc32", {kBlob}, kBigint, RowWise<int64_t, Text>(Crc32)},
  };
}

std::vector<ScalarFunction> IcebergFunctions() {
  return {
      {"iceberg_bucket", {kBigint, kInteger}, kInteger, Checked<int32_t, int64_t, int32_t>(BucketLong)},
      {"iceberg_bucket", {kText, kInteger}, kInteger, Checked<int32_t, Text, int32_t>(BucketText)},
      {"iceberg_bucket", {kBlob, kInteger}, kInteger, Checked<int32_t, Text, int32_t>(BucketText)},
      {"iceberg_truncate", {kBigint, kInteger}, kBigint, RowWise<int64_t, int64_t, int32_t>(TruncateLong)},
      {"iceberg_truncate", {kText, kInteger}, kText, [](ScalarCall& call) { Truncate(call, true); }},
      {"iceberg_truncate", {kBlob, kInteger}, kBlob, [](ScalarCall& call) { Truncate(call, false); }},
  };
}

}  // namespace flare::engine
