#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "manifest/source_text.h"

namespace flare::manifest {

struct Node;
using NodePtr = std::shared_ptr<Node>;

/// One key of a map with its value.
struct Entry {
  std::string key;
  SourcePosition where;  ///< of the key
  NodePtr value;
};

/// A value of a YAML document, as written: scalars are text. Aliases share their node.
struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  std::string text;         ///< scalars: after interpolation
  std::string written;      ///< scalars: as YAML gives it
  bool plain = true;        ///< scalars: without quotes, not a block
  bool unresolved = false;  ///< holds a variable that has no value
  size_t offset =
      0;  ///< of the value's first byte in the source text (for a block scalar its `|` or `>`)
  SourcePosition where;
  std::vector<Entry> entries;  ///< maps, in the written order
  std::vector<NodePtr> items;  ///< lists
  size_t weight = 1;           ///< values below and including this one, aliases counted in full

  bool is_null() const { return kind == Kind::kNull; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }
  /// The value of `key`, or null.
  const Node* Find(std::string_view key) const;
  /// Whether this or a value below holds a variable that has no value.
  bool HasUnresolved() const;
  /// "a list", "a map", "nothing" or the text in quotes (shortened): for `found:` in messages.
  std::string Describe() const;
};

/// The documents of a YAML file.
struct YamlFile {
  std::vector<NodePtr> documents;  ///< without empty ones
  std::vector<NodePtr> all_nodes;  ///< every node once
};

/// Parses YAML. The first mistake that the parser meets ends the reading and is reported with line
/// and column; what was complete before it is returned. Depth is limited to 100 levels, size with
/// aliases written out to 100,000 values. Repeated keys are reported. `<<` merges maps.
YamlFile ParseYaml(const SourceText& source, Diagnostics* diagnostics);

}  // namespace flare::manifest
