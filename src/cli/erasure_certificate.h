#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"
#include "cli/json_fields.h"
#include "ops/erase/erase.h"
#include "repo/repository.h"

namespace igudar {

// The certificate of an erasure: what was erased, by whom and when, and what is left until when in each copy. Signed
// with the key of the slot in use, over its canonical JSON (keys sorted, no blanks; docs/erasure.md). Thread-safe
// functions.

// What an erasure did in a copy, as the fields of JSON documents.
Json erased_counts(const ErasedCopy& copy);
// The JSON document, ended by a line feed.
std::string erasure_certificate_json(const Repository& repository, const ErasureState& erasure);
// The same for people, on pages of A4, with the signature of the JSON document.
SecretBytes erasure_certificate_pdf(std::string_view json);

struct VerifiedCertificate {
  std::string repository;  // its id
  std::string plan;
  std::string issued;
  std::string authority;  // the public key whose word the signer's is worth
  std::string signer;
  bool complete = false;  // as the certificate says
};
// Throws forged when anything in it was changed, or its signer is not the authority's; usage when it is none.
VerifiedCertificate verify_erasure_certificate(std::string_view json);

}  // namespace igudar
