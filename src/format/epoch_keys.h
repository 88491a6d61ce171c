#pragma once

#include <vector>

#include "base/secret.h"
#include "crypto/cipher_suite.h"
#include "crypto/sealed_box.h"
#include "format/byte_writer.h"
#include "format/field_list.h"
#include "format/index_keys.h"

namespace igudar {

// The secrets of one epoch of a domain's keys, as far as they are granted: empty where they are not (docs/format.md
// section 5.2). The id key and the chunker key are the same in all epochs.
struct EpochKeys {
  std::uint16_t epoch = 0;
  CipherSuite suite = CipherSuite::aes_256_gcm;  // that new objects are sealed with
  SecretBytes id_key, chunker_key, index_key;
  BoxPublicKey data_public_key;
  SecretBytes data_secret_key;

  EpochKeys clone() const;
  IndexKeys::Key index() const { return {epoch, suite, index_key.view()}; }
};

// As key slots and grants hold them: fields of `tag`, ascending by epoch. Reading throws damaged or unsupported.
void write_epochs(ByteWriter& writer, std::uint64_t tag, const std::vector<EpochKeys>& epochs);
std::vector<EpochKeys> read_epochs(const FieldList& fields, std::uint64_t tag);

}  // namespace igudar
