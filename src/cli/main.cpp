#include "cli/program.h"

int main(int argc, char** argv) {
  return igudar::run_program(argc, argv);
}
