#pragma once
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "manifest/job.h"
#include "manifest/yaml_tree.h"

namespace flare::manifest {

/// Where mistakes of one file go.
class Reporter {
 public:
  Reporter(Diagnostics* out, bool strict) : out_(out), strict_(strict) {}
  /// Values that must not be shown: `found` stays empty from here on.
  void HideValues(bool hide) { hide_values_ = hide; }

  void Error(const SourcePosition& where, std::string code, std::string message,
             std::string found = "", std::string expected = "", std::string hint = "");
  void Warn(const SourcePosition& where, std::string code, std::string message,
            std::string found = "", std::string expected = "", std::string hint = "");
  /// A warning that `--strict` turns into an error.
  void WarnOrRefuse(const SourcePosition& where, std::string code, std::string message,
                    std::string found = "", std::string expected = "", std::string hint = "");
  /// Errors so far about keys that are absent or have the wrong shape, so that a value is missing.
  size_t missing_values() const { return missing_values_; }
  /// "`path` has the wrong shape", with what was found and expected.
  void WrongShape(const Node& node, const std::string& path, std::string_view expected);

 private:
  void Add(Severity severity, const SourcePosition& where, std::string code, std::string message,
           std::string found, std::string expected, std::string hint);

  Diagnostics* out_;
  bool strict_;
  bool hide_values_ = false;
  size_t missing_values_ = 0;
};

/// Reads the keys of one map, each by name and as a type. What has the wrong shape is reported and
/// read as absent; Finish reports the keys that nobody asked for. Keys match in any case, a
/// difference with a warning.
class MapReader {
 public:
  /// Anything but a map is reported and read as an empty map; null (a key without a value) is
  /// silent.
  MapReader(const Node* node, std::string path, Reporter* reporter);

  bool Has(std::string_view key);
  /// The value of `key`, or null when absent or empty.
  const Node* Take(std::string_view key);
  /// The first of several spellings that is present.
  const Node* TakeAny(std::initializer_list<std::string_view> keys);

  Text TakeText(std::string_view key);
  /// The same, reporting an absent or empty key. `hint` says what to write.
  Text NeedText(std::string_view key, std::string_view hint);
  std::optional<bool> TakeBool(std::string_view key);
  std::optional<int64_t> TakeInt(std::string_view key, int64_t low, int64_t high);
  std::optional<Millis> TakeDuration(std::string_view key);
  std::vector<Text> TakeTexts(std::string_view key);
  std::vector<std::string> TakeStrings(std::string_view key);
  /// A map of scalars, in written order.
  std::vector<std::pair<Text, Text>> TakePairs(std::string_view key);
  /// The items of a list of maps; a single map is reported.
  std::vector<const Node*> TakeMaps(std::string_view key);
  /// Known keys that do not change running.
  void Accept(std::initializer_list<std::string_view> keys);
  /// Reports what is left. `place` names the section in words, e.g. "an input".
  void Finish();

  const Node& node() const { return *node_; }
  SourcePosition where() const { return node_->where; }
  /// The place of the key itself, or of the map when the key is absent.
  SourcePosition KeyPlace(std::string_view key) const;
  std::string Path(std::string_view key) const;

 private:
  const Entry* FindEntry(std::string_view key);

  const Node* node_;
  std::string path_;
  Reporter* reporter_;
  std::vector<bool> used_;
  std::vector<std::string> asked_;
};

/// Reads a scalar; anything else is reported.
std::optional<Text> AsText(const Node& node, const std::string& path, Reporter* reporter);
/// Reads a list of scalars; anything else is reported.
std::vector<Text> AsTexts(const Node& node, const std::string& path, Reporter* reporter);
/// Reads a map of scalars in the written order; anything else is reported.
std::vector<std::pair<Text, Text>> AsPairs(const Node& node, const std::string& path,
                                           Reporter* reporter);
/// Reads `true` or `false`; anything else is reported.
std::optional<bool> AsBool(const Node& node, const std::string& path, Reporter* reporter);

}  // namespace flare::manifest
