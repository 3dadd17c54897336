#include <cstdio>

int main() {
  std::puts("flare");
  return 0;
}
