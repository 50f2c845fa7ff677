#include "tests/fakes/service_model.hpp"

namespace supportd::fakes {

// The requests of the AWS Support API of 2013-04-15 that this project makes, in the model's own form. A test compares
// it with the published model where that is at hand.
ServiceModel ServiceModel::aws_support_built_in() {
  return parse(R"({
"operations": {
  "AddAttachmentsToSet": {"input": {"shape": "AddAttachmentsToSetRequest"}},
  "AddCommunicationToCase": {"input": {"shape": "AddCommunicationToCaseRequest"}},
  "CreateCase": {"input": {"shape": "CreateCaseRequest"}},
  "DescribeAttachment": {"input": {"shape": "DescribeAttachmentRequest"}},
  "DescribeCases": {"input": {"shape": "DescribeCasesRequest"}},
  "DescribeCommunications": {"input": {"shape": "DescribeCommunicationsRequest"}},
  "DescribeCreateCaseOptions": {"input": {"shape": "DescribeCreateCaseOptionsRequest"}},
  "DescribeServices": {"input": {"shape": "DescribeServicesRequest"}},
  "DescribeSeverityLevels": {"input": {"shape": "DescribeSeverityLevelsRequest"}},
  "DescribeSupportedLanguages": {"input": {"shape": "DescribeSupportedLanguagesRequest"}},
  "ResolveCase": {"input": {"shape": "ResolveCaseRequest"}}
},
"shapes": {
  "Text": {"type": "string"},
  "Flag": {"type": "boolean"},
  "Data": {"type": "blob"},
  "Code": {"type": "string", "min": 0, "max": 100},
  "IssueType": {"type": "string", "min": 9, "max": 22},
  "CommunicationBody": {"type": "string", "min": 1, "max": 8000},
  "MaxResults": {"type": "integer", "min": 10, "max": 100},
  "CaseIdList": {"type": "list", "member": {"shape": "Text"}, "min": 0, "max": 100},
  "CcList": {"type": "list", "member": {"shape": "Text"}, "min": 0, "max": 10},
  "ServiceCodeList": {"type": "list", "member": {"shape": "Text"}, "min": 0, "max": 100},
  "Attachment": {"type": "structure", "members": {"fileName": {"shape": "Text"}, "data": {"shape": "Data"}}},
  "Attachments": {"type": "list", "member": {"shape": "Attachment"}},
  "AddAttachmentsToSetRequest": {"type": "structure", "required": ["attachments"], "members": {
    "attachmentSetId": {"shape": "Text"}, "attachments": {"shape": "Attachments"}}},
  "AddCommunicationToCaseRequest": {"type": "structure", "required": ["communicationBody"], "members": {
    "caseId": {"shape": "Text"}, "communicationBody": {"shape": "CommunicationBody"},
    "ccEmailAddresses": {"shape": "CcList"}, "attachmentSetId": {"shape": "Text"}}},
  "CreateCaseRequest": {"type": "structure", "required": ["subject", "communicationBody"], "members": {
    "subject": {"shape": "Text"}, "serviceCode": {"shape": "Text"}, "severityCode": {"shape": "Text"},
    "categoryCode": {"shape": "Text"}, "communicationBody": {"shape": "CommunicationBody"},
    "ccEmailAddresses": {"shape": "CcList"}, "language": {"shape": "Text"}, "issueType": {"shape": "Text"},
    "attachmentSetId": {"shape": "Text"}}},
  "DescribeAttachmentRequest": {"type": "structure", "required": ["attachmentId"], "members": {
    "attachmentId": {"shape": "Text"}}},
  "DescribeCasesRequest": {"type": "structure", "members": {
    "caseIdList": {"shape": "CaseIdList"}, "displayId": {"shape": "Text"}, "afterTime": {"shape": "Text"},
    "beforeTime": {"shape": "Text"}, "includeResolvedCases": {"shape": "Flag"}, "nextToken": {"shape": "Text"},
    "maxResults": {"shape": "MaxResults"}, "language": {"shape": "Text"}, "includeCommunications": {"shape": "Flag"}}},
  "DescribeCommunicationsRequest": {"type": "structure", "required": ["caseId"], "members": {
    "caseId": {"shape": "Text"}, "beforeTime": {"shape": "Text"}, "afterTime": {"shape": "Text"},
    "nextToken": {"shape": "Text"}, "maxResults": {"shape": "MaxResults"}}},
  "DescribeCreateCaseOptionsRequest": {"type": "structure",
    "required": ["issueType", "serviceCode", "language", "categoryCode"], "members": {
    "issueType": {"shape": "Text"}, "serviceCode": {"shape": "Text"}, "language": {"shape": "Text"},
    "categoryCode": {"shape": "Text"}}},
  "DescribeServicesRequest": {"type": "structure", "members": {
    "serviceCodeList": {"shape": "ServiceCodeList"}, "language": {"shape": "Text"}}},
  "DescribeSeverityLevelsRequest": {"type": "structure", "members": {"language": {"shape": "Text"}}},
  "DescribeSupportedLanguagesRequest": {"type": "structure",
    "required": ["issueType", "serviceCode", "categoryCode"], "members": {
    "issueType": {"shape": "IssueType"}, "serviceCode": {"shape": "Code"}, "categoryCode": {"shape": "Code"}}},
  "ResolveCaseRequest": {"type": "structure", "members": {"caseId": {"shape": "Text"}}}
}})");
}

// Likewise of SQS, API version 2012-11-05.
ServiceModel ServiceModel::sqs_built_in() {
  return parse(R"({
"operations": {
  "DeleteMessage": {"input": {"shape": "DeleteMessageRequest"}},
  "DeleteMessageBatch": {"input": {"shape": "DeleteMessageBatchRequest"}},
  "ReceiveMessage": {"input": {"shape": "ReceiveMessageRequest"}}
},
"shapes": {
  "String": {"type": "string"},
  "NullableInteger": {"type": "integer"},
  "StringList": {"type": "list", "member": {"shape": "String"}},
  "DeleteMessageRequest": {"type": "structure", "required": ["QueueUrl", "ReceiptHandle"], "members": {
    "QueueUrl": {"shape": "String"}, "ReceiptHandle": {"shape": "String"}}},
  "DeleteMessageBatchRequestEntry": {"type": "structure", "required": ["Id", "ReceiptHandle"], "members": {
    "Id": {"shape": "String"}, "ReceiptHandle": {"shape": "String"}}},
  "Entries": {"type": "list", "member": {"shape": "DeleteMessageBatchRequestEntry"}},
  "DeleteMessageBatchRequest": {"type": "structure", "required": ["QueueUrl", "Entries"], "members": {
    "QueueUrl": {"shape": "String"}, "Entries": {"shape": "Entries"}}},
  "ReceiveMessageRequest": {"type": "structure", "required": ["QueueUrl"], "members": {
    "QueueUrl": {"shape": "String"}, "AttributeNames": {"shape": "StringList"},
    "MessageSystemAttributeNames": {"shape": "StringList"}, "MessageAttributeNames": {"shape": "StringList"},
    "MaxNumberOfMessages": {"shape": "NullableInteger"}, "VisibilityTimeout": {"shape": "NullableInteger"},
    "WaitTimeSeconds": {"shape": "NullableInteger"}, "ReceiveRequestAttemptId": {"shape": "String"}}}
}})");
}

}  // namespace supportd::fakes
