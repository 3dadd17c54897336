#pragma once
#include "manifest/job_draft.h"

namespace flare::manifest {

/// Reads one `type: workflow` document (or a bare `dag:`), its jobs and the rules between them.
Workflow ReadWorkflow(const Node& document, const ReadContext& context);

}  // namespace flare::manifest
