#pragma once

// Marks a text for the catalogue of translations without translating it yet.
#define N_(text) text
