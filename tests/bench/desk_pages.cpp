#include "tests/bench/desk_pages.hpp"

#include "connectors/freshdesk/model.hpp"
#include "connectors/freshdesk/position.hpp"
#include "daemon/json.hpp"

namespace supportd::bench {
namespace {

using namespace std::chrono_literals;
namespace freshdesk = connectors::freshdesk;

constexpr Instant first_created{1'760'000'000'000ms};
constexpr std::int64_t first_contact = 43'000'000'000, contacts = 5'000;
constexpr std::int64_t first_agent = 44'000'000'000, agents = 40;
constexpr std::int64_t first_company = 45'000'000'000, companies = 200;

constexpr const char* subjects[] = {"EC2 인스턴스에 SSH 접속이 되지 않습니다", "RDS failover took eleven minutes",
                                    "S3 버킷 정책 적용 후 403 오류",           "CloudFront returns stale objects",
                                    "EKS 노드 그룹 업그레이드 실패",           "Bill of last month is twice as high"};
constexpr const char* paragraph[] = {
    "<p>어제 저녁부터 서울 리전의 인스턴스에 접속할 수 없습니다. 보안 그룹과 라우팅 테이블은 바꾸지 않았습니다.</p>",
    "<p>We restarted the service twice; the error came back within five minutes each time.</p>",
    "<p>로그를 첨부합니다. 요청 식별자는 아래와 같으며 재현 절차도 함께 적어 두었습니다.</p>",
    "<p>Impact: checkout is slow for about 20 % of our customers &amp; the queue grows.</p>"};

std::string body(int number, int paragraphs) {
  std::string out = "<div>";
  for (int i = 0; i < paragraphs; ++i) out += paragraph[(number + i) % 4];
  return out + "<p>#" + std::to_string(number) + "</p></div>";
}

std::int64_t customer_of(int ticket) { return first_contact + ticket * 7 % contacts; }
std::int64_t agent_of(int ticket) { return first_agent + ticket % agents; }
std::int64_t company_of(int ticket) { return first_company + ticket * 7 % contacts % companies; }
Instant created_at(int ticket) { return first_created + ticket * 60s; }

void write_ticket(json::Writer& out, int ticket) {
  out.object([&] {
    out.member("id", ticket + 1).member("subject", subjects[ticket % 6]).member("description", body(ticket, 6));
    out.member("description_text", "").member("status", 2 + ticket % 6).member("priority", 1 + ticket % 4);
    out.member("source", 2).member("type", "Incident").member("requester_id", customer_of(ticket));
    out.member("company_id", company_of(ticket)).member("responder_id", agent_of(ticket));
    out.member("group_id", std::int64_t{46'000'000'001}).member("spam", false).member("is_escalated", false);
    out.member("tags", std::vector<std::string>{"aws", "tier-" + std::to_string(ticket % 3), "ko"});
    out.key("custom_fields").object([&] {
      out.member("cf_environment", "production").member("cf_region", "ap-northeast-2");
      out.key("cf_aws_support_case_id").null();
      out.member("cf_severity", ticket % 5);
    });
    out.key("cc_emails").array([] {});
    out.member("created_at", time::to_text(created_at(ticket)));
    out.member("updated_at", time::to_text(created_at(ticket) + 3h));
    out.member("due_by", time::to_text(created_at(ticket) + 72h));
  });
}

std::string conversations(int ticket) {
  json::Writer out;
  out.array([&] {
    for (int i = 0; i < 3; ++i) {
      out.object([&] {
        const bool incoming = i == 1;
        out.member("id", std::int64_t{47'000'000'000} + ticket * 3 + i).member("ticket_id", ticket + 1);
        out.member("body", body(ticket + i, 3)).member("body_text", "").member("incoming", incoming);
        out.member("private", i == 2).member("source", 0);
        out.member("user_id", incoming ? customer_of(ticket) : agent_of(ticket));
        out.member("created_at", time::to_text(created_at(ticket) + 1h * (i + 1)));
        out.member("updated_at", time::to_text(created_at(ticket) + 1h * (i + 1)));
        out.key("attachments").array([] {});
      });
    }
  });
  return out.take();
}

connectors::DeskComment opening_of(const connectors::DeskTicket& row) {
  connectors::DeskComment out;
  out.author_id = row.requester_id;
  out.from_customer = out.is_public = true;
  out.created = row.created;
  out.html = row.html;
  return out;
}

// Each contact and agent is met once, on the page of the first ticket that names them.
void introduce(desk_sync::Reading& reading, int ticket) {
  const auto seen = [&](std::int64_t id, tickets::PersonKind kind, const std::string& mail) {
    reading.people.push_back({{"freshdesk:main", std::to_string(id), kind, "김민준", mail, {}}, {}});
  };
  if (ticket < contacts) {
    const std::string number = std::to_string(customer_of(ticket));
    seen(customer_of(ticket), tickets::PersonKind::customer, "c" + number + "@customer.example");
  }
  if (ticket < agents) {
    seen(agent_of(ticket), tickets::PersonKind::agent, "a" + std::to_string(ticket) + "@desk.example");
  }
  if (ticket < companies) {
    const std::string number = std::to_string(company_of(ticket));
    reading.organisations[number] = "Company " + number;
  }
}

}  // namespace

PageText page_text(int number) {
  PageText out;
  json::Writer page;
  page.array([&] {
    for (int i = 0; i < tickets_a_page; ++i) {
      write_ticket(page, number * tickets_a_page + i);
      out.conversations.push_back(conversations(number * tickets_a_page + i));
    }
  });
  out.tickets = page.take();
  return out;
}

std::vector<desk_sync::Reading> read_page(const PageText& text) {
  std::vector<desk_sync::Reading> out;
  const auto page = json::Document::parse(text.tickets, "Freshdesk tickets");
  for (const json::View& row : page.root().items()) {
    freshdesk::listed(row);  // the connector remembers the hash of each row
    desk_sync::Reading reading;
    reading.us.id = "1";
    reading.row = freshdesk::parse_ticket(row);
    reading.opening = opening_of(reading.row);
    const auto answer = json::Document::parse(text.conversations.at(out.size()), "Freshdesk conversations");
    for (const json::View& comment : answer.root().items()) {
      reading.comments.push_back(freshdesk::parse_comment(comment, false));
    }
    introduce(reading, std::stoi(reading.row.id) - 1);
    out.push_back(std::move(reading));
  }
  return out;
}

}  // namespace supportd::bench
