#pragma once
#include <map>
#include <memory>
#include <string>

#include "engine/scalar_function.h"
#include "engine/time_zone.h"
#include "engine/variant.h"
#include "sql/types.h"

namespace flare::engine {

/// variant_get(variant, path) for one result type, also casts from VARIANT. Options: timezone; function names it in
/// errors; try = true makes NULL of what cannot be cast. Threads: safe.
class VariantGet {
 public:
  static Result<std::shared_ptr<const VariantGet>> Make(const sql::Type& type,
                                                        const std::map<std::string, std::string>& options);
  /// Arguments: the variant's BLOB and the path.
  void Run(ScalarCall& call) const;

 private:
  VariantGet() = default;
  sql::Type type_;
  const TimeZone* zone_ = nullptr;
  std::string function_;
  bool is_try_ = false;
};

/// Values of one type as variants: to_variant_object and casts to VARIANT. Threads: safe.
class ToVariant {
 public:
  static Result<std::shared_ptr<const ToVariant>> Make(const sql::Type& type);
  void Run(ScalarCall& call) const;

 private:
  ToVariant() = default;
  sql::Type type_;
};

/// DDL-like text of the type that holds all variants, with OBJECT for STRUCT.
std::string SchemaOfVariants(const std::vector<Variant>& variants);

}  // namespace flare::engine
