#pragma once

#include "ops/erase/erase.h"

namespace igudar {

// Erasing a domain: the grants of its keys are destroyed, so that nobody opens any of it any more, wherever copies of
// its objects still are; then its objects are removed. `main` is the repository (or a copy of it) opened for the domain
// "main". Thread-safe functions.

// Throws not_found for a name that is not there, usage for "main".
ErasedDomain find_domain(const Repository& main, const std::string& name, std::stop_token stop);
// What there is of it; nothing where its keys are gone already.
ErasurePreview preview_of(const Repository& main, const ErasedDomain& domain, std::stop_token stop);
// Goes on where an interrupted run stopped.
ErasedCopy erase_domain_from_copy(const Repository& main, const ErasedDomain& domain, std::stop_token stop);

}  // namespace igudar
