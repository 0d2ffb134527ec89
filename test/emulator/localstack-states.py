"""Starts LocalStack with its Step Functions; their tasks call the functions of the test's own server (FUNCTIONS_URL).

LocalStack's Lambda needs Docker, so that its calls go elsewhere; and where a task names a function by its ARN, LocalStack
calls each refusal "Exception", where AWS says "Lambda." and the exception's name:
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

import os

import boto3
from botocore.exceptions import ClientError
from localstack.runtime.main import main
from localstack.services.stepfunctions.asl.component.common.error_name.custom_error_name import CustomErrorName
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task import lambda_eval_utils
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.state_task_lambda import StateTaskLambda
from localstack.services.stepfunctions.asl.utils.boto_client import _BOTO_CLIENT_CONFIG

failure_of = StateTaskLambda._from_error


def failure_as_aws_names_it(self, env, ex):
    failure = failure_of(self, env, ex)
    if isinstance(ex, ClientError):
        failure.error_name = CustomErrorName(f"Lambda.{ex.response['Error']['Code']}")
    return failure


def functions_client(service, region, state_credentials):
    credentials = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, region, endpoint_url=os.environ["FUNCTIONS_URL"], config=_BOTO_CLIENT_CONFIG, **credentials)


StateTaskLambda._from_error = failure_as_aws_names_it
lambda_eval_utils.boto_client_for = functions_client
main()
