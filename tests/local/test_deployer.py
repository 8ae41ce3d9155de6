"""A stack is created, left alone, updated, or given up with CloudFormation's own reasons."""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from devkit.processes import ChildProcesses
from devkit.template import Template
from local.aws import Aws
from local.builder import Build
from local.cloud import EMULATOR_PYTHON
from local.deployer import LIMIT, Deployer, DeployError
from local.emulator import Emulator
from local.execution import Deployment
from local.lambda_runtime import prepare_runtime
from local.logs import LogReader
from local.runner import Runner

STACK = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Greeting: {Type: String}
Resources:
  Gate:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub ${AWS::StackName}-gate
      Runtime: python3.13
      Handler: handler.handler
      Timeout: 30
      CodeUri: gate/
      LoggingConfig: {LogFormat: JSON}
      Environment: {Variables: {GREETING: !Ref Greeting}}
  Asked:
    Type: Custom::Asked
    Properties: {ServiceToken: !GetAtt Gate.Arn, Greeting: !Ref Greeting}
Outputs:
  Said: {Value: !GetAtt Asked.Said}
"""
GATE = """
import json, os, urllib.request
def handler(event, context):
    status = "FAILED" if os.environ["GREETING"] == "nothing" else "SUCCESS"
    answer = {"Status": status, "Reason": "there is nothing to say", "PhysicalResourceId": "asked",
              "StackId": event["StackId"], "RequestId": event["RequestId"],
              "LogicalResourceId": event["LogicalResourceId"], "Data": {"Said": os.environ["GREETING"]}}
    request = urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT")
    urllib.request.urlopen(request).close()
"""


class Place:
    """An emulator and a runner in a folder, and the code of one function."""

    def __init__(self, folder: Path) -> None:
        self._code = folder / "gate"
        self._code.mkdir()
        (folder / "template.yaml").write_text(STACK)
        self._template = Template.read(folder / "template.yaml")
        self.write(GATE)
        self.children = ChildProcesses(folder / "processes.json")
        self.logs = LogReader(folder / "logs")
        self.emulator = Emulator(folder / "emulator", EMULATOR_PYTHON, self.children)
        self.runner = Runner(prepare_runtime(folder / "runtime"), self.children, self.logs, self._deployment, overlay)
        self.deployer = self.with_greeting("hello")
        self.emulator.choose_address()
        self.emulator.start(self.runner.url, self.deployer.function_names)
        self.aws = Aws(self.emulator.url)

    def write(self, code: str) -> None:
        (self._code / "handler.py").write_text(code)

    def with_greeting(self, greeting: str) -> Deployer:
        builds = {"Gate": Build("Gate", self._code, str(hash((self._code / "handler.py").read_text())), is_layer=False)}
        self.deployer = Deployer("toy", self._template, builds, {"Greeting": greeting, "NotInTheTemplate": "x"})
        return self.deployer

    def deploy(self) -> None:
        self.runner.refresh()
        self.deployer.deploy(self.aws, self.runner.failure_of)

    def _deployment(self, name: str) -> Deployment:
        return self.deployer.deployment(self.aws, name)

    def close(self) -> None:
        self.aws.close()
        self.emulator.stop()
        self.runner.stop()
        self.children.close()


def overlay(_deployment: Deployment) -> Mapping[str, str]:
    return {}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with closing(Place(tmp_path)) as place:
        yield place


def test_a_stack_is_created_once_and_updated_when_something_changed(place: Place):
    assert not place.deployer.is_deployed(place.aws)
    place.deploy()
    assert place.deployer.is_deployed(place.aws)
    assert place.deployer.outputs(place.aws) == {"Said": "hello"}

    place.with_greeting("good evening")
    assert not place.deployer.is_deployed(place.aws)
    place.deploy()
    assert place.deployer.is_deployed(place.aws)
    assert place.deployer.outputs(place.aws) == {"Said": "good evening"}


def test_the_runner_learns_the_configuration_that_was_deployed(place: Place):
    place.deploy()
    deployment = place.deployer.deployment(place.aws, "toy-gate")
    assert (deployment.handler, deployment.timeout, deployment.layers) == ("handler.handler", 30, ())
    assert deployment.environment["GREETING"] == "hello"
    assert deployment.environment["AWS_LAMBDA_LOG_FORMAT"] == "JSON"
    assert deployment.arn.endswith(":function:toy-gate")


def test_a_failed_custom_resource_is_reported_with_its_reason(place: Place):
    place.with_greeting("nothing")
    with pytest.raises(DeployError, match="there is nothing to say"):
        place.deploy()
    assert place.deployer.is_broken(place.aws)


def test_a_function_that_breaks_before_it_can_answer_is_not_waited_for(place: Place):
    place.write("import no_such_module")
    place.with_greeting("hello")
    began = time.monotonic()
    with pytest.raises(DeployError, match="no_such_module"):
        place.deploy()
    assert time.monotonic() - began < LIMIT
    assert place.deployer.is_broken(place.aws)
