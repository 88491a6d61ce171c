#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "net/http_client.h"

namespace igudar {

// All functions here may be called concurrently.

// A date of HTTP (RFC 9110, section 5.6.7); nullopt for what is none.
std::optional<TimeNs> parse_http_date(const std::string& text);
// "Fri, 26 Jun 2015 23:39:12 GMT", whatever the locale.
std::string format_http_date(TimeNs time);
// The server's clock when it answered; nullopt when it does not say.
std::optional<TimeNs> answered_at(const HttpResponse& response);
// How long the server asks to be left alone (Retry-After); 0 when it does not, at most a day.
std::chrono::milliseconds retry_after(const HttpResponse& response);

}  // namespace igudar
