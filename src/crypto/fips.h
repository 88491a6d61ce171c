#pragma once

#include <string>

namespace igudar {

// FIPS 140: this process uses only what NIST approves, and has OpenSSL's FIPS provider do it where the system has one;
// else OpenSSL's default provider does the same algorithms. What has no approved form is refused with a reason, where
// it would be used, whoever asked for it. libsodium then only wipes and compares memory and writes base64.
//
// Thread-safe functions. There is no way back: whoever asked for it shall not be given something else later.

struct FipsStatus {
  bool in_force = false;
  std::string provider;  // its name and version, such as "OpenSSL FIPS Provider 3.0.19"; empty: none does the work
  std::string remark;    // for people: why none does; empty otherwise
};

// Before any key is derived: what was looked up in the default provider until then stays as it is.
void enter_fips_mode();
bool in_fips_mode();
// Whether the FIPS provider does the work.
bool uses_fips_provider();
FipsStatus fips_status();

// Throws unsupported in FIPS mode. `algorithm` is what is asked for, by name; `instead` says what can be used.
void require_outside_fips_mode(const char* algorithm, const char* instead);
// The Error that tells of it, for those who see it coming.
[[noreturn]] void refuse_unapproved(const std::string& algorithm, const std::string& instead);

}  // namespace igudar
