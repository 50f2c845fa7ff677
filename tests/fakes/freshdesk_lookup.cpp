// Fields, people, search.
#include <algorithm>

#include "tests/fakes/codec.hpp"
#include "tests/fakes/freshdesk.hpp"

namespace supportd::fakes {
namespace {

constexpr std::size_t search_page = 30, search_pages = 10;

http::Response json_answer(std::string body) {
  return {200, {{"Content-Type", "application/json; charset=utf-8"}}, std::move(body)};
}

struct Term {
  std::string field, value;
  char compare = '=';  // '=', '<', '>'
};

// "status:2 AND updated_at:>'2026-11-01'": terms joined by AND alone or by OR alone.
struct Query {
  std::vector<Term> terms;
  bool any = false;
};

FreshdeskFault bad_query() { return validation_failed({{"query", "Given query is invalid", "invalid_value"}}); }

Query parse_query_text(std::string text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"' || text.size() > 512 + 2) throw bad_query();
  text = text.substr(1, text.size() - 2);
  Query query;
  query.any = text.find(" OR ") != std::string::npos;
  const std::string joint = query.any ? " OR " : " AND ";
  while (!text.empty()) {
    const std::size_t end = text.find(joint);
    const std::string part = text.substr(0, end);
    text = end == std::string::npos ? "" : text.substr(end + joint.size());
    const std::size_t colon = part.find(':');
    if (colon == std::string::npos || colon + 1 == part.size()) throw bad_query();
    Term term{part.substr(0, colon), part.substr(colon + 1)};
    if (term.value[0] == '<' || term.value[0] == '>') {
      term.compare = term.value[0];
      term.value.erase(0, 1);
    }
    if (term.value.size() >= 2 && term.value.front() == '\'' && term.value.back() == '\'')
      term.value = term.value.substr(1, term.value.size() - 2);
    query.terms.push_back(std::move(term));
  }
  return query;
}

bool meets(const FreshdeskTicket& ticket, const Term& term) {
  if (term.field == "tag") return ticket.has_tag(term.value);
  std::string value;
  if (term.field == "status") {
    value = std::to_string(ticket.status);
  } else if (term.field == "priority") {
    value = std::to_string(ticket.priority);
  } else if (term.field == "created_at") {
    value = to_second(ticket.created).substr(0, 10);
  } else if (term.field == "updated_at") {
    value = to_second(ticket.updated).substr(0, 10);
  } else if (term.field.starts_with("cf_")) {
    value = ticket.field(term.field);
  } else {
    throw bad_query();
  }
  if (term.compare == '>') return value >= term.value;
  if (term.compare == '<') return value <= term.value;
  return value == term.value;
}

}  // namespace

http::Response Freshdesk::search(const Call& call) {
  const auto text = call.query.find("query");
  if (text == call.query.end()) throw bad_query();
  const Query query = parse_query_text(text->second);
  const auto given = call.query.find("page");
  const std::size_t page = given == call.query.end() ? 1 : static_cast<std::size_t>(std::atoi(given->second.c_str()));
  if (page < 1 || page > search_pages)
    throw validation_failed({{"page", "It should be a Positive Integer less than or equal to 10", "invalid_value"}});
  std::vector<const FreshdeskTicket*> found;
  for (const auto& [id, it] : rows_) {
    const FreshdeskTicket* ticket = shown(it, call.now - options_.search_lag);
    if (!ticket || ticket->deleted || ticket->spam || archived(*ticket, call.now)) continue;
    const auto met = [&](const Term& term) { return meets(*ticket, term); };
    if (query.any ? std::ranges::any_of(query.terms, met) : std::ranges::all_of(query.terms, met))
      found.push_back(ticket);
  }
  json::Writer out;
  out.object([&] {
    out.member("total", found.size());
    out.key("results").array([&] {
      for (std::size_t i = (page - 1) * search_page; i < found.size() && i < page * search_page; ++i)
        write_ticket(out, *found[i], {.description = true}, call.now);
    });
  });
  return json_answer(out.take());
}

http::Response Freshdesk::ticket_fields(const Call&) const {
  json::Writer out;
  std::int64_t id = 100;
  out.array([&] {
    out.object([&] {
      out.member("id", ++id).member("name", "status").member("label", "Status").member("type", "default_status");
      out.member("default", true).member("required_for_closure", false);
      out.key("choices").object([&] {
        for (const auto& [status, labels] : options_.statuses)
          out.member(std::to_string(status), std::vector<std::string>{labels.first, labels.second});
      });
    });
    out.object([&] {
      out.member("id", ++id).member("name", "priority").member("label", "Priority").member("type", "default_priority");
      out.member("default", true).member("required_for_closure", false);
      out.key("choices").object(
          [&] { out.member("Low", 1).member("Medium", 2).member("High", 3).member("Urgent", 4); });
    });
    out.object([&] {
      out.member("id", ++id).member("name", "ticket_type").member("label", "Type");
      out.member("type", "default_ticket_type").member("default", true).member("required_for_closure", false);
      out.member("choices", std::vector<std::string>{"Question", "Incident", "Problem", "Feature Request"});
    });
    for (const auto& field : options_.fields) {
      out.object([&] {
        out.member("id", ++id).member("name", field.name).member("label", field.name).member("type", field.type);
        out.member("default", false).member("required_for_closure", field.required_for_closure);
        if (!field.choices.empty()) out.member("choices", field.choices);
      });
    }
  });
  return json_answer(out.take());
}

http::Response Freshdesk::groups(const Call& call) const {
  if (call.path.size() != 1) throw FreshdeskFault{404, ""};
  json::Writer out;
  out.array([&] {
    for (const auto& [id, name] : options_.groups) {
      out.object([&] { out.member("id", id).member("name", name).key("description").null(); });
    }
  });
  return json_answer(out.take());
}

http::Response Freshdesk::people(const Call& call) const {
  json::Writer out;
  const auto contact = [&](const FreshdeskContact& it) {
    out.object([&] {
      out.member("id", it.id).member("name", it.name).member("email", it.mail).member("active", true);
      out.key("company_id");
      if (it.company_id == 0) {
        out.null();
      } else {
        out.value(it.company_id);
      }
    });
  };
  const bool one = call.path.size() == 2;
  if (call.path[0] == "contacts" && !one) {
    const auto mail = call.query.find("email");
    out.array([&] {
      for (const auto& [id, it] : contacts_) {
        if (mail == call.query.end() || it.mail == mail->second) contact(it);
      }
    });
    return json_answer(out.take());
  }
  if (!one) throw FreshdeskFault{404, ""};
  const std::int64_t id = call.path[1] == "me" ? call.agent->id : std::atoll(call.path[1].c_str());
  if (call.path[0] == "agents" && agents_.contains(id)) {
    const FreshdeskAgent& it = agents_.at(id);
    out.object([&] {
      out.member("id", it.id).member("available", true).member("occasional", false);
      out.key("contact").object([&] { out.member("active", true).member("name", it.name).member("email", it.mail); });
    });
  } else if (call.path[0] == "contacts" && contacts_.contains(id)) {
    contact(contacts_.at(id));
  } else if (call.path[0] == "companies" && companies_.contains(id)) {
    const FreshdeskCompany& it = companies_.at(id);
    out.object([&] {
      out.member("id", it.id).member("name", it.name).member("domains", std::vector<std::string>{it.domain});
    });
  } else {
    throw FreshdeskFault{404, ""};
  }
  return json_answer(out.take());
}

}  // namespace supportd::fakes
