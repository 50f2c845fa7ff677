#!/usr/bin/python3
"""The sandbox's AWS must satisfy a client that nobody here wrote: Debian's python3-boto3."""
import json
import os
import pathlib
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from sandbox_process import call, sandbox

try:
    import boto3
    import botocore.config
    from botocore.exceptions import ClientError
except ImportError:
    print("python3-boto3 is not installed: skipped")
    sys.exit(77)

EPOCH = "1767225600000"  # a clock far from the machine's would be refused for its skew: see skewed_clock


def client(about, service, key=None, secret=None, token=None, retries=0):
    return boto3.client(
        service,
        endpoint_url=about[{"support": "aws_support", "sts": "sts", "secretsmanager": "secrets_manager"}[service]],
        region_name="us-east-1",
        aws_access_key_id=key or about["access_key_id"],
        aws_secret_access_key=secret or about["secret_access_key"],
        aws_session_token=token,
        config=botocore.config.Config(retries={"max_attempts": retries, "mode": "standard"}),
    )


def fails(code, function, **arguments):
    try:
        function(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, (code, error.response["Error"])
        return error
    raise AssertionError(f"no {code}")


def create(support, **more):
    arguments = dict(
        subject="EC2 does not start",
        serviceCode="amazon-elastic-compute-cloud-linux",
        categoryCode="instance-issue",
        severityCode="normal",
        communicationBody="It hangs & says <booting>.  \r\nPlease help.\r\n",
        language="en",
        issueType="technical",
    )
    arguments.update(more)
    return support.create_case(**arguments)["caseId"]


def round_trip(about):
    support = client(about, "support")
    first = create(support)
    case = support.describe_cases(caseIdList=[first])["cases"][0]
    assert case["status"] == "opened" and case["submittedBy"].startswith("supportd (Role) &lt;"), case
    said = case["recentCommunications"]["communications"][0]
    assert said["body"] == "It hangs &amp; says &lt;booting&gt;.\nPlease help.", said
    assert "communicationId" not in said

    assert support.add_communication_to_case(caseId=first, communicationBody="더 있습니다")["result"] is True
    for number in range(30):
        support.add_communication_to_case(caseId=first, communicationBody=f"line {number}")
    pages = support.get_paginator("describe_communications").paginate(caseId=first, PaginationConfig={"PageSize": 10})
    bodies = [said["body"] for page in pages for said in page["communications"]]
    assert bodies == [f"line {n}" for n in range(29, -1, -1)] + ["더 있습니다", said["body"]], bodies
    case = support.describe_cases(caseIdList=[first])["cases"][0]
    assert len(case["recentCommunications"]["communications"]) == 5 and case["recentCommunications"]["nextToken"]

    others = {create(support, subject=f"case {n}") for n in range(24)}
    cases = [c["caseId"] for page in support.get_paginator("describe_cases").paginate(
        includeCommunications=False, PaginationConfig={"PageSize": 10}) for c in page["cases"]]
    assert len(cases) == 25 and set(cases) == others | {first}

    answer = support.resolve_case(caseId=first)
    assert answer["initialCaseStatus"] == "opened" and answer["finalCaseStatus"] == "resolved"
    open_cases = [c["caseId"] for page in support.get_paginator("describe_cases").paginate() for c in page["cases"]]
    assert first not in open_cases
    assert support.describe_cases(caseIdList=[first], includeResolvedCases=True)["cases"]


def attachments(about):
    support = client(about, "support")
    data = bytes(range(256)) * 8192  # 2 MiB: large enough for Expect: 100-continue where a client sends it
    made = support.add_attachments_to_set(attachments=[{"fileName": "core.bin", "data": data}])
    again = support.add_attachments_to_set(
        attachmentSetId=made["attachmentSetId"], attachments=[{"fileName": "로그.txt", "data": b"x"}])
    assert again["attachmentSetId"] == made["attachmentSetId"] and again["expiryTime"] == made["expiryTime"]
    case = create(support, attachmentSetId=made["attachmentSetId"])
    files = support.describe_communications(caseId=case)["communications"][0]["attachmentSet"]
    assert [f["fileName"] for f in files] == ["core.bin", "로그.txt"]
    assert support.describe_attachment(attachmentId=files[0]["attachmentId"])["attachment"]["data"] == data
    errors = support.exceptions
    for wrong, function in (
        (errors.AttachmentSetIdNotFound, lambda: create(support, attachmentSetId=made["attachmentSetId"])),
        (errors.AttachmentIdNotFound, lambda: support.describe_attachment(attachmentId="attachment-none")),
        (errors.AttachmentSetSizeLimitExceeded, lambda: support.add_attachments_to_set(
            attachments=[{"fileName": f"{n}", "data": b"x"} for n in range(4)])),
    ):
        try:
            function()
        except wrong:
            continue
        raise AssertionError(wrong)


def error_classes(about):
    support = client(about, "support")
    try:
        support.describe_communications(caseId="case-none")
        raise AssertionError("no error")
    except support.exceptions.CaseIdNotFound as error:
        assert "case-none" in str(error)
    fails("CaseIdNotFound", support.describe_cases, caseIdList=["case-none"])
    fails("ValidationException", support.create_case, subject="s", communicationBody="b")
    fails("ValidationException", create, support=support, communicationBody="x" * 8001)
    fails("ValidationException", create, support=support, severityCode="critical")
    fails("ValidationException", support.describe_cases, nextToken="bm90IG91cnM=")
    fails("UnrecognizedClientException", client(about, "support", key="AKIANOBODY").describe_cases)
    fails("InvalidSignatureException", client(about, "support", secret="wrong").describe_cases)
    levels = [level["code"] for level in support.describe_severity_levels(language="en")["severityLevels"]]
    assert levels == ["low", "normal", "high", "urgent"], levels
    services = support.describe_services(serviceCodeList=["aws-lambda"])["services"]
    assert services[0]["categories"] and len(services) == 1


def roles_and_plans(about):
    sts = client(about, "sts")

    def assume(account, **more):
        arguments = dict(RoleArn=f"arn:aws:iam::{account}:role/{about['role_name']}", RoleSessionName="supportd",
                         ExternalId=about["external_id"])
        arguments.update(more)
        return sts.assume_role(**arguments)["Credentials"]

    def assumed(account):
        keys = assume(account)
        assert keys["Expiration"]
        return client(about, "support", keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])

    customers = about["customers"]
    assert assumed(customers["northwind.example"]).describe_severity_levels()["severityLevels"][-1]["code"] == "critical"
    fails("SubscriptionRequiredException", assumed(customers["tailor.example"]).describe_cases)
    fails("AccessDenied", assume, account=customers["tailor.example"], ExternalId="somebody-else")
    fails("AccessDenied", assume, account="999999999999")
    fails("ValidationError", assume, account=customers["tailor.example"], DurationSeconds=43200)
    secret = client(about, "secretsmanager").get_secret_value(SecretId=about["freshdesk_secret"])
    assert secret["SecretString"] == about["freshdesk_key"]
    fails("ResourceNotFoundException", client(about, "secretsmanager").get_secret_value, SecretId="none")


def queue(about):
    """Of Debian's boto3, which spoke SQS's older protocol, with the model of the newer one."""
    model = pathlib.Path(__file__).resolve().parents[3] / "shared/specs/aws/sqs"
    if not model.is_dir():
        print("no shared folder: SQS by boto3 is skipped")
        return
    with tempfile.TemporaryDirectory() as directory:
        place = pathlib.Path(directory) / "sqs/2012-11-05"
        place.mkdir(parents=True)
        for file in model.iterdir():
            (place / file.name).write_bytes(file.read_bytes())
        os.environ["AWS_DATA_PATH"] = directory
        url = about["queue_url"]
        sqs = boto3.session.Session().client(
            "sqs", endpoint_url=url[:url.index("/", 8)], region_name=about["region"],
            aws_access_key_id=about["access_key_id"], aws_secret_access_key=about["secret_access_key"],
            config=botocore.config.Config(retries={"max_attempts": 0}))
        assert sqs.meta.service_model.metadata["protocol"] == "json"
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            sqs.delete_message_batch(QueueUrl=url, Entries=[
                {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(messages)])
        case = create(client(about, "support"), subject="what the queue tells")
        message, = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)["Messages"]
        event = json.loads(message["Body"])
        assert event["detail-type"] == "Support Case Update" and event["detail"]["case-id"] == case, event
        assert event["detail"]["event-name"] == "CreateCase" and event["account"] == about["account"]
        assert "Messages" not in sqs.receive_message(QueueUrl=url), "it is out of sight"
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        fails("AWS.SimpleQueueService.NonExistentQueue", sqs.receive_message, QueueUrl=url + "-none")
        fails("InvalidParameterValue", sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=11)


def throttling(program):
    with sandbox(program) as about:
        support = client(about, "support")
        for _ in range(10):
            support.describe_cases()
        error = fails("ThrottlingException", support.describe_cases)
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    # boto3's own retries get through once the limit's minute is short, and twelve calls are made well within it.
    with sandbox(program, "--clock", f"20@{int(time.time() * 1000)}") as about:
        support = client(about, "support", retries=8)
        for _ in range(12):
            support.describe_cases()
        assert call(about["control"] + "/sandbox/progress")[2]["calls"] > 12


def skewed_clock(program):
    with sandbox(program, "--clock", f"1000000@{EPOCH}") as about:
        fails("InvalidSignatureException", client(about, "support").describe_cases)


def main():
    program = sys.argv[1]
    with sandbox(program, "--aws-calls", "0", "--list-lag", "0") as about:
        for check in (round_trip, attachments, error_classes, roles_and_plans, queue):
            check(about)
            print(f"{check.__name__}: ok")
    for check in (throttling, skewed_clock):
        check(program)
        print(f"{check.__name__}: ok")


if __name__ == "__main__":
    main()
