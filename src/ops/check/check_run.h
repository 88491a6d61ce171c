#pragma once

#include <stop_token>

#include "base/error.h"
#include "base/translate.h"
#include "ops/check/check.h"
#include "ops/check/findings.h"
#include "repo/repository.h"

namespace igudar {

// What all steps of one check work with.
struct CheckRun {
  const Repository& repository;
  const CheckOptions& options;
  RunMonitor& monitor;
  CheckSummary& summary;
  Findings& findings;
  std::stop_token stop;

  void throw_if_stopped() const {
    if (stop.stop_requested()) throw Error(ErrorCode::interrupted, tr("the check was stopped"));
  }
};

}  // namespace igudar
