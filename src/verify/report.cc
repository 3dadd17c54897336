#include "verify/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace flare::verify {
namespace {

const char* NameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kProven: return "proven";
    case Verdict::kNote: return "note";
    case Verdict::kUnproven: return "unproven";
    case Verdict::kContradicted: return "WRONG";
  }
  return "";
}

}  // namespace

size_t Report::Count(Verdict verdict) const {
  return static_cast<size_t>(
      std::count_if(findings_.begin(), findings_.end(), [&](const Finding& f) { return f.verdict == verdict; }));
}

bool Report::Has(Verdict verdict) const { return Count(verdict) > 0; }

std::string Report::ToText() const {
  std::string text = fmt::format("checkpoint {}\n", checkpoint_);
  std::string subject;
  for (const auto& finding : findings_) {
    if (finding.subject != subject) text += fmt::format("\n{}\n", finding.subject);
    subject = finding.subject;
    text += fmt::format("  {:<9} {}\n", NameOf(finding.verdict), finding.text);
  }
  return text + fmt::format("\n{} proven, {} not provable, {} wrong\n", Count(Verdict::kProven),
                            Count(Verdict::kUnproven), Count(Verdict::kContradicted));
}

std::string Report::ToJson() const {
  auto list = nlohmann::ordered_json::array();
  for (const auto& finding : findings_) {
    list.push_back({{"verdict", finding.verdict == Verdict::kContradicted ? "wrong" : NameOf(finding.verdict)},
                    {"subject", finding.subject},
                    {"text", finding.text}});
  }
  nlohmann::ordered_json json = {{"checkpoint", checkpoint_},
                                 {"result", Has(Verdict::kContradicted) ? "wrong"
                                            : Has(Verdict::kUnproven)   ? "not everything proven"
                                                                        : "proven"},
                                 {"findings", std::move(list)}};
  return json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace flare::verify
