#pragma once

#include <string>
#include <string_view>

namespace igudar {

// All functions here may be called concurrently.

// A URL as it may be shown and stored: of http: or https:, without user, password, query and fragment, which may hold
// secrets. Throws usage for what is no such URL.
std::string public_url(const std::string& url);

// "https://host:port" of a URL of http: or https:, lower case, the port only where it is not the scheme's own. Throws
// like public_url().
std::string origin_of(const std::string& url);

// RFC 3986, section 2.1: all but letters, digits and -._~ as %XX; `keep` names what else is left as it is.
std::string percent_encoded(std::string_view text, std::string_view keep = {});
// The way back; a '%' without its two digits is left as it is.
std::string leniently_percent_decoded(std::string_view text);

}  // namespace igudar
