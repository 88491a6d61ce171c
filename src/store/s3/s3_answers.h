#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "store/bucket/object_service.h"

namespace igudar {

// The XML that services which speak S3 answer with (Amazon S3 API reference). All thread-safe. Functions that read what
// a success must hold throw Error(failed) when it is not there.

struct S3ErrorAnswer {
  std::string code;  // "NoSuchBucket"; empty when the answer is no XML of S3
  std::string message;
  std::string region;  // where the service says that the bucket is
};
S3ErrorAnswer parse_s3_error(ByteView body);

// ListObjectsV2: a page, with the keys' own names.
ListPage parse_s3_list(ByteView body);
// CreateMultipartUpload: the upload's id.
std::string parse_s3_upload_id(ByteView body);
// ListMultipartUploads: those begun before `time`.
std::vector<Upload> parse_s3_uploads(ByteView body, TimeNs before);
// What CompleteMultipartUpload asks for.
std::string s3_parts(const std::vector<std::string>& tags);

}  // namespace igudar
