#include <csignal>
#include <string>
#include <vector>

#include "cli/app.h"
#include "cli/host.h"

int main(int argc, char** argv) {
  // A reader that closes its end (flare ... | head) must not kill a run in the middle of a batch.
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<std::string> words(argv + 1, argv + argc);
  return flare::cli::RunApp(words, flare::cli::ProcessHost(FLARE_VERSION, argv[0]));
}
