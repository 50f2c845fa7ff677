// The default tables: the nine services and five categories of the source document, with AWS's own codes.
#include "jobs/aws_cases/rules_classify.hpp"

namespace supportd::aws_cases {

ClassifyRules default_classify_rules() {
  ClassifyRules rules;
  rules.services["bedrock"] = {
      "service-bedrock",
      {"bedrock", "베드락", "claude", "클로드", "nova", "titan", "foundation model", "파운데이션 모델", "생성형",
       "invokemodel", "knowledge base", "guardrail", "guardrails", "llm", "프롬프트", "토큰 한도", "모델 액세스"},
      {}};
  rules.services["cloudwatch"] = {
      "amazon-cloudwatch",
      {"cloudwatch", "클라우드워치", "alarm", "alarms", "알람", "경보", "log group", "로그 그룹", "metric filter",
       "지표", "metrics", "metric", "대시보드", "dashboard", "logs insights", "cloudwatch agent", "메트릭"},
      {}};
  rules.services["ec2"] = {
      "amazon-elastic-compute-cloud-linux",
      {"ec2",  "instance",     "instances",    "인스턴스",     "ami",          "ebs",        "ssh",      "rdp",
       "spot", "스팟",         "auto scaling", "오토스케일링", "status check", "상태 검사",  "키 페어",  "key pair",
       "볼륨", "kernel panic", "부팅",         "t3",           "m5",           "elastic ip", "탄력적 ip"},
      {{"amazon-elastic-compute-cloud-windows", {"windows", "윈도우", "윈도우즈", "rdp"}}}};
  rules.services["eks"] = {
      "service-eks",
      {"eks",        "kubernetes", "쿠버네티스", "kubectl", "pod",     "pods",       "파드",
       "node group", "nodegroup",  "노드 그룹",  "helm",    "coredns", "ingress",    "인그레스",
       "fargate",    "karpenter",  "클러스터",   "kubelet", "k8s",     "deployment", "디플로이먼트"},
      {}};
  rules.services["iam"] = {"aws-identity-and-access-management",
                           {"iam",        "role",         "roles",        "역할",       "policy",
                            "policies",   "정책",         "accessdenied", "assumerole", "assume role",
                            "access key", "액세스 키",    "mfa",          "sso",        "identity center",
                            "자격 증명",  "credential",   "credentials",  "permission", "permissions",
                            "권한",       "trust policy", "scp",          "sts",        "로그인"},
                           {}};
  rules.services["lambda"] = {"aws-lambda",
                              {"lambda", "람다", "cold start", "콜드 스타트", "layer", "레이어", "concurrency",
                               "동시성", "provisioned concurrency", "handler", "핸들러", "서버리스", "serverless",
                               "함수", "function timeout", "event source mapping", "런타임", "runtime"},
                              {}};
  rules.services["rds"] = {
      "amazon-relational-database-service-mysql",
      {"rds",        "aurora",       "오로라",   "mysql",       "postgresql",    "postgres",         "mariadb",
       "database",   "데이터베이스", "디비",     "db",          "read replica",  "읽기 전용 복제본", "복제본",
       "slow query", "슬로우 쿼리",  "failover", "페일오버",    "파라미터 그룹", "parameter group",  "deadlock",
       "데드락",     "쿼리",         "query",    "db 인스턴스", "db instance",   "스냅샷 복원",      "다중 az",
       "multi-az"},
      {{"amazon-relational-database-service-postgresql", {"postgresql", "postgres"}}}};
  rules.services["s3"] = {
      "amazon-simple-storage-service",
      {"s3",           "bucket",         "buckets",          "버킷",       "object",         "objects",
       "객체",         "오브젝트",       "glacier",          "글래시어",   "lifecycle rule", "수명 주기",
       "presigned",    "미리 서명된",    "multipart upload", "멀티파트",   "putobject",      "getobject",
       "정적 웹",      "static website", "복제 규칙",        "versioning", "버전 관리",      "스토리지 클래스",
       "storage class"},
      {}};
  rules.services["vpc"] = {"amazon-virtual-private-cloud",
                           {"vpc",
                            "subnet",
                            "subnets",
                            "서브넷",
                            "nat gateway",
                            "nat 게이트웨이",
                            "security group",
                            "보안 그룹",
                            "route table",
                            "라우팅 테이블",
                            "라우팅",
                            "peering",
                            "피어링",
                            "vpn",
                            "direct connect",
                            "다이렉트 커넥트",
                            "transit gateway",
                            "트랜짓 게이트웨이",
                            "endpoint",
                            "엔드포인트",
                            "privatelink",
                            "nacl",
                            "network acl",
                            "cidr",
                            "인터넷 게이트웨이",
                            "internet gateway",
                            "flow log",
                            "flow logs",
                            "플로우 로그"},
                           {}};

  rules.categories["account"] = {{"login-issues", "account-management", "other-billing-questions"},
                                 {"account", "계정", "로그인", "login", "sign in", "password", "비밀번호", "mfa"}};
  rules.categories["api"] = {{"api-usage", "function-errors", "using-aws"},
                             {"api", "sdk", "cli", "throttling", "스로틀링", "호출", "5xx", "500", "4xx"}};
  rules.categories["network"] = {
      {"network-connectivity", "connectivity", "vpn"},
      {"network", "네트워크", "connect", "connection", "연결", "접속", "timeout", "타임아웃", "unreachable", "통신"}};
  rules.categories["performance"] = {
      {"performance", "performance-issue"},
      {"slow", "느림", "느려", "느립니다", "latency", "지연", "performance", "성능", "cpu", "부하"}};
  rules.categories["permission"] = {
      {"permissions", "access-denied", "security-identity", "model-access"},
      {"permission", "권한", "access denied", "accessdenied", "403", "거부", "denied", "unauthorized"}};
  return rules;
}

}  // namespace supportd::aws_cases
