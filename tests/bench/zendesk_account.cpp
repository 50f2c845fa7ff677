#include "tests/bench/zendesk_account.hpp"

#include "tests/fakes/codec.hpp"

namespace supportd::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t first_field = 8'447'346'621'310;
constexpr int fields = 26, customers = 200, agents = 8, organizations = 20;
constexpr const char* mail = "bot@desk.example";
constexpr const char* token = "token";

constexpr const char* subjects[] = {"EC2 인스턴스에 SSH 접속이 되지 않습니다", "RDS failover took eleven minutes",
                                    "S3 버킷 정책 적용 후 403 오류",           "CloudFront returns stale objects",
                                    "EKS 노드 그룹 업그레이드 실패",           "Bill of last month is twice as high"};
constexpr const char* paragraphs[] = {
    "어제 저녁부터 서울 리전의 인스턴스에 접속할 수 없습니다. 보안 그룹과 라우팅 테이블은 바꾸지 않았습니다.\n",
    "We restarted the service twice; the error came back within five minutes each time.\n",
    "로그를 첨부합니다. 요청 식별자는 아래와 같으며 재현 절차도 함께 적어 두었습니다.\n",
    "Impact: checkout is slow for about 20 % of our customers & the queue grows.\n"};
constexpr const char* priorities[] = {"low", "normal", "high", "urgent"};

fakes::ZendeskOptions account() {
  fakes::ZendeskOptions out;
  out.quotas = {0, 0, 0, 0, 0, 0};
  out.fields.clear();
  for (int i = 0; i < fields; ++i) {
    out.fields.push_back({.id = first_field + i, .title = "Field " + std::to_string(i)});
  }
  return out;
}

// Every other field is filled in, as people leave them.
std::map<std::int64_t, std::string> values(int number) {
  std::map<std::int64_t, std::string> out;
  for (int i = number % 2; i < fields; i += 2) {
    out[first_field + i] = fakes::json_text("value " + std::to_string((number + i) % 100));
  }
  return out;
}

fakes::Zendesk::Opening opening(int number) {
  fakes::Zendesk::Opening out;
  out.mail = "c" + std::to_string(number % customers) + "@customer.example";
  out.subject = subjects[number % 6];
  for (int i = 0; i < 4; ++i) out.text += paragraphs[(number + i) % 4];
  out.tags = {"aws", "ko", "tier-" + std::to_string(number % 3)};
  out.fields = values(number);
  out.priority = priorities[number % 4];
  return out;
}

}  // namespace

ZendeskAccount::ZendeskAccount(fakes::SetClock& clock, int tickets) : zen(account()), clock_(clock) {
  zen.add_api_token(token);
  zen.add_agent("supportd", mail, "admin");
  std::vector<std::int64_t> staff, companies;
  for (int i = 0; i < agents; ++i) {
    const std::string name = "a" + std::to_string(i);
    staff.push_back(zen.add_agent("이서연 " + name, name + "@desk.example"));
  }
  agent = staff.front();
  for (int i = 0; i < organizations; ++i) {
    const std::string number = std::to_string(i);
    companies.push_back(zen.add_organization("Company " + number, "company" + number + ".example"));
  }
  for (int i = 0; i < customers; ++i) {
    const std::string name = "c" + std::to_string(i);
    zen.add_user("김민준 " + name, name + "@customer.example", companies[static_cast<std::size_t>(i % organizations)]);
  }
  for (int i = 0; i < tickets; ++i) {
    clock.at += 10s;
    ids.push_back(zen.customer_opens(opening(i), clock.at));
    zen.agent_sets(
        ids.back(),
        [&](fakes::ZendeskTicket& it) {
          it.assignee_id = staff[static_cast<std::size_t>(i % agents)];
          it.type = "incident";
          it.status = "open";
        },
        clock.at + 5s);
  }
  clock.at += 3h;
}

void ZendeskAccount::change_all() {
  ++changes_;
  int number = changes_;
  for (const std::int64_t id : ids) {
    ++number;
    zen.agent_sets(
        id,
        [&](fakes::ZendeskTicket& it) {
          it.priority = priorities[number % 4];
          it.fields[first_field + number % fields] = fakes::json_text("changed " + std::to_string(number));
        },
        clock_.at);
  }
  clock_.at += 3h;
}

std::shared_ptr<connectors::zendesk::Client> ZendeskAccount::connect(http::Client& http) const {
  return std::make_shared<connectors::zendesk::Client>(
      http, clock_, connectors::zendesk::ClientOptions{.base_url = std::string("https://") + host, .email = mail},
      [](const std::string&) { return token; });
}

}  // namespace supportd::bench
