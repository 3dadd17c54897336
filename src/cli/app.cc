#include "cli/app.h"

#include "cli/commands.h"
#include "cli/exit_codes.h"

namespace flare::cli {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

int RunApp(const std::vector<std::string>& words, const Host& host) {
  auto arguments = ParseArguments(words);
  if (!arguments) {
    PrintError(host, arguments.error());
    return kUsage;
  }
  return std::visit(
      Overloaded{
          [&](const HelpText& help) {
            host.out(help.text);
            return static_cast<int>(kOk);
          },
          [&](const RunArguments& run) { return Run(run, host); },
          [&](const LintArguments& lint) { return Lint(lint, host); },
          [&](const ExplainArguments& explain) { return Explain(explain, host); },
          [&](const QueryArguments& query) { return Query(query, host); },
          [&](const SqlArguments& sql) { return Sql(sql, host); },
          [&](const FunctionsArguments& functions) { return Functions(functions, host); },
          [&](const CheckpointArguments& checkpoint) {
            switch (checkpoint.what) {
              case CheckpointArguments::What::kShow: return ShowCheckpoint(checkpoint, host);
              case CheckpointArguments::What::kVerify: return VerifyCheckpoint(checkpoint, host);
              case CheckpointArguments::What::kReset: break;
            }
            return ResetCheckpoint(checkpoint, host);
          },
          [&](const MaintainArguments& maintain) { return Maintain(maintain, host); },
          [&](const DemoArguments& demo) { return Demo(demo, host); },
          [&](const VersionArguments&) { return ShowVersion(host); },
      },
      *arguments);
}

}  // namespace flare::cli
