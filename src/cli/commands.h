#pragma once
#include "cli/arguments.h"
#include "cli/host.h"

namespace flare::cli {

// One function a command, each in its own file. They print and return the exit code.

int Run(const RunArguments& arguments, const Host& host);
int Lint(const LintArguments& arguments, const Host& host);
int Explain(const ExplainArguments& arguments, const Host& host);
int Query(const QueryArguments& arguments, const Host& host);
int Sql(const SqlArguments& arguments, const Host& host);
int Functions(const FunctionsArguments& arguments, const Host& host);
int ShowCheckpoint(const CheckpointArguments& arguments, const Host& host);
int VerifyCheckpoint(const CheckpointArguments& arguments, const Host& host);
int ResetCheckpoint(const CheckpointArguments& arguments, const Host& host);
int Maintain(const MaintainArguments& arguments, const Host& host);
int Demo(const DemoArguments& arguments, const Host& host);
int ShowVersion(const Host& host);

}  // namespace flare::cli
