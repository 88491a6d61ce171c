#pragma once

namespace igudar {

// The whole program: prepares the process, takes the command line apart, runs the command, tells its errors. Returns
// the exit status (base/error_codes.def). The one place above the operations where errors are caught.
int run_program(int argc, char** argv);

}  // namespace igudar
