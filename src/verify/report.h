#pragma once
#include <string>
#include <vector>

namespace flare::verify {

enum class Verdict {
  kProven,
  kNote,          ///< worth knowing, says nothing about correctness
  kUnproven,      ///< could not be found out
  kContradicted,  ///< found to be otherwise
};

/// One thing that was looked at.
struct Finding {
  Verdict verdict = Verdict::kProven;
  std::string subject;  ///< "checkpoint", or a table's address
  std::string text;     ///< one sentence
};

/// Everything that a verification found, in the order in which it looked. A value.
class Report {
 public:
  explicit Report(std::string checkpoint) : checkpoint_(std::move(checkpoint)) {}

  void Add(Verdict verdict, const std::string& subject, std::string text) {
    findings_.push_back({verdict, subject, std::move(text)});
  }
  const std::vector<Finding>& findings() const { return findings_; }
  bool Has(Verdict verdict) const;

  /// A line a finding and a summary.
  std::string ToText() const;
  /// `{"checkpoint", "result": "proven"|"not everything proven"|"contradicted", "findings": [...]}`
  std::string ToJson() const;

 private:
  size_t Count(Verdict verdict) const;
  std::string checkpoint_;
  std::vector<Finding> findings_;
};

}  // namespace flare::verify
