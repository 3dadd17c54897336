#pragma once
#include <string_view>

#include "base/result.h"

namespace flare {

/// A named place where tests can make the process fail, wait or die. Armed by the environment variable
/// FLARE_FAIL_POINTS="name=fail;name=kill@3;name=delay:250" (kill@3 = at the third visit), read once. With
/// FLARE_FAIL_POINTS_TRACE=FILE each visit appends the line "P<tab>name" to that file, before anything else happens.
/// Costs one load and branch while nothing is armed; stands at durable steps only, never a record.
/// Every name is listed in base/fail_point_names.h.
Status FailPoint(std::string_view name);

/// Arms this process anew from such a text; "" disarms everything. For tests that crash and restart a job
/// inside one process.
void ArmFailPoints(std::string_view text);

}  // namespace flare

#define FAIL_POINT(name) RETURN_IF_ERROR(::flare::FailPoint(name))
