#include "tests/fakes/aws_describe.hpp"

#include <algorithm>

namespace supportd::fakes {

std::string describe_services(const json::View& body) {
  const auto wanted = body.strings("serviceCodeList");
  json::Writer out;
  out.object([&] {
    out.key("services").array([&] {
      for (const auto& service : aws_services()) {
        if (!wanted.empty() && std::ranges::find(wanted, service.code) == wanted.end()) continue;
        out.object([&] {
          out.member("code", service.code).member("name", service.name);
          out.key("categories").array([&] {
            for (const auto& category : service.categories) {
              out.object([&] { out.member("code", category.code).member("name", category.name); });
            }
          });
        });
      }
    });
  });
  return out.take();
}

std::string describe_severity_levels(SupportPlan plan) {
  json::Writer out;
  out.object([&] {
    out.key("severityLevels").array([&] {
      for (const auto& level : severity_levels(plan)) {
        out.object([&] { out.member("code", level.code).member("name", level.name); });
      }
    });
  });
  return out.take();
}

std::string describe_supported_languages() {
  json::Writer out;
  const auto language = [&](std::string_view code, std::string_view name, std::string_view display) {
    out.object([&] { out.member("code", code).member("language", name).member("display", display); });
  };
  out.object([&] {
    out.key("supportedLanguages").array([&] {
      language("en", "English", "English");
      language("ja", "Japanese", "日本語");
      language("ko", "Korean", "한국어");
      language("zh", "Chinese", "中文");
    });
  });
  return out.take();
}

std::string describe_create_case_options() {
  json::Writer out;
  out.object([&] {
    out.member("languageAvailability", "available");
    out.key("communicationTypes").array([&] {
      for (const std::string_view type : {"web", "chat", "call"}) {
        out.object([&] {
          out.member("type", type);
          out.key("supportedHours").array([&] {
            out.object([&] { out.member("startTime", "00:00").member("endTime", "23:59"); });
          });
          out.key("datesWithoutSupport").array([] {});
        });
      }
    });
  });
  return out.take();
}

}  // namespace supportd::fakes
