#include "lake/deletion.h"

#include "base/fail_point.h"

namespace flare::lake {

Status DeleteFiles(const std::set<std::string>& paths, std::string_view before, std::string_view after,
                   io::FileSystem* files, Deletion* deletion) {
  for (const std::string& path : paths) {
    FAIL_POINT(before);
    auto size = files->Size(path);
    Status removed = files->Remove(path);
    if (removed) {
      deletion->files += size ? 1 : 0;
      deletion->bytes += size.value_or(0);
    } else {
      ++deletion->failed;
      if (!deletion->first_failure) deletion->first_failure = std::move(removed).error();
    }
    FAIL_POINT(after);
  }
  return Ok();
}

}  // namespace flare::lake
