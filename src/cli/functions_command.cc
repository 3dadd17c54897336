#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/functions_text.h"

namespace flare::cli {

int Functions(const FunctionsArguments& arguments, const Host& host) {
  auto text = arguments.json           ? FunctionsJson(arguments.name)
              : arguments.markdown     ? Result<std::string>(FunctionsMarkdown())
              : arguments.name.empty() ? Result<std::string>(FunctionsText())
                                       : FunctionText(arguments.name);
  if (!text) {
    PrintError(host, text.error());
    return kUsage;
  }
  host.out(*text);
  return kOk;
}

}  // namespace flare::cli
