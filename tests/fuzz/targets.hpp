// What is done with foreign bytes, a function for each parser: libFuzzer calls them with what it makes up, the plain
// tests with the corpus and mutations of it. Whatever the bytes, none may do anything but return.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace supportd::fuzz {

using Target = void (*)(std::string_view bytes);

// By name; each has a folder of that name in the corpus.
const std::map<std::string, Target>& targets();

// What a parser may throw of bytes it does not like. Anything else is a finding.
void may_refuse(const std::function<void()>& parse);
// A property that held for every input; its failure is a finding.
void require(bool holds, const char* what);

}  // namespace supportd::fuzz
