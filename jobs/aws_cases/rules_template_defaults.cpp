#include "jobs/aws_cases/rules_template.hpp"

namespace supportd::aws_cases {

std::map<std::string, Texts> default_texts() {
  return {{"en",
           {"[{{agency}}] {{subject}}",
            "[{{agency}}] Opened on behalf of our customer\n\n"
            "Customer\n"
            "- Company: {{company}}\n"
            "- Contact: {{name}}\n"
            "- Mail: {{mail}}\n"
            "- AWS account: {{account}}\n\n"
            "Problem\n{{problem}}\n\n"
            "Our ticket: {{system}} #{{ticket}}",
            "[{{agency}}] This follows case {{previous}}, which is resolved\n\n"
            "Customer\n"
            "- Company: {{company}}\n"
            "- Contact: {{name}}\n"
            "- Mail: {{mail}}\n"
            "- AWS account: {{account}}\n\n"
            "What is new\n{{problem}}\n\n"
            "Our ticket: {{system}} #{{ticket}}",
            "AWS Support case opened\n\n"
            "- Case: {{case}}\n"
            "- Opened: {{time}}\n"
            "- Severity: {{severity}}\n"
            "- State: {{state}}\n\n"
            "What AWS answers will appear on this ticket.{{note}}",
            "No AWS Support case was opened: {{reason}}",
            "The AWS Support case waits for an approval of severity {{severity}} until {{until}}. Without one it opens "
            "with a lower severity.",
            "[AWS Support update] {{case}}", "This was not sent to AWS Support: {{reason}}"}},
          {"ko",
           {"[{{agency}}] {{subject}}",
            "[{{agency}}] 고객을 대신하여 접수하는 케이스입니다\n\n"
            "고객\n"
            "- 회사: {{company}}\n"
            "- 담당자: {{name}}\n"
            "- 메일: {{mail}}\n"
            "- AWS 계정: {{account}}\n\n"
            "문의 내용\n{{problem}}\n\n"
            "당사 티켓: {{system}} #{{ticket}}",
            "[{{agency}}] 해결된 케이스 {{previous}}에 이어지는 문의입니다\n\n"
            "고객\n"
            "- 회사: {{company}}\n"
            "- 담당자: {{name}}\n"
            "- 메일: {{mail}}\n"
            "- AWS 계정: {{account}}\n\n"
            "추가 내용\n{{problem}}\n\n"
            "당사 티켓: {{system}} #{{ticket}}",
            "AWS Support 케이스가 열렸습니다\n\n"
            "- 케이스: {{case}}\n"
            "- 접수 시각: {{time}}\n"
            "- 심각도: {{severity}}\n"
            "- 상태: {{state}}\n\n"
            "AWS의 답변은 이 티켓에 그대로 표시됩니다.{{note}}",
            "AWS Support 케이스를 열지 않았습니다: {{reason}}",
            "심각도 {{severity}} 승인을 {{until}}까지 기다립니다. 승인이 없으면 더 낮은 심각도로 케이스를 엽니다.",
            "[AWS Support 업데이트] {{case}}", "AWS Support로 보내지 않았습니다: {{reason}}"}}};
}

}  // namespace supportd::aws_cases
