"""The template is read as CloudFormation reads it, and deployed with nothing changed but where the code lies."""

import json
from pathlib import Path

import pytest
from yaml.constructor import ConstructorError

from devkit.template import Template
from local.cloud import ROOT
from local.deployer import parts

SHORT = """
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/
      FunctionName: !Sub "${AWS::StackName}-fn"
      Role: !GetAtt Role.Arn
      Layers: [!Ref Layer]
      Name: !Join ["-", [a, !Ref B]]
  Layer:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layers/shared/}
  Inline:
    Type: AWS::Serverless::Function
    Properties: {InlineCode: "pass", FunctionName: !Sub "x"}
  Ask:
    Type: Custom::Ask
    Properties: {ServiceToken: !GetAtt Fn.Arn}
"""


@pytest.fixture
def template(tmp_path: Path) -> Template:
    file = tmp_path / "template.yaml"
    file.write_text(SHORT)
    return Template.read(file)


def test_short_forms_become_long_ones_and_dates_stay_words(template: Template):
    assert template.body["AWSTemplateFormatVersion"] == "2010-09-09"
    assert template.body["Resources"]["Fn"]["Properties"] == {
        "CodeUri": "functions/",
        "FunctionName": {"Fn::Sub": "${AWS::StackName}-fn"},
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Layers": [{"Ref": "Layer"}],
        "Name": {"Fn::Join": ["-", ["a", {"Ref": "B"}]]},
    }


LOOPS = """
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Mappings:
  Limits: {MainErrors: {Limit: 1}, MainSlow: {Limit: 2}, TenseyErrors: {Limit: 3}, TenseySlow: {Limit: 4}}
  Names: {Main: {Name: main}, Tensey: {Name: tensey}}
Resources:
  Fn::ForEach::Functions:
    - Function
    - [Main, Tensey]
    - ${Function}Log:
        Type: Log
        Name: !Sub ["/${AWS::StackName}/${Name}/${Id}", {Name: !FindInMap [Names, !Ref Function, Name], Id: !Ref Id}]
      Fn::ForEach::Metrics:
        - Metric
        - [Errors, Slow]
        - ${Function}${Metric}Alarm:
            Type: Alarm
            Metric: !Ref Metric
            Of: {Ref: !Sub "${Function}"}
            Arn: !GetAtt [!Sub "${Function}Log", Arn]
            Limit: !FindInMap [Limits, !Sub "${Function}${Metric}", Limit]
            Size: !FindInMap [Sizes, !Ref Size, Number]
            Plain: ${Function}
Outputs:
  Fn::ForEach::Said: [Function, [Main], {"${Function}Name": {Value: !Sub "${AWS::Region} ${Function}"}}]
"""


def test_loops_are_expanded_as_cloudformation_does_it(tmp_path: Path):
    file = tmp_path / "template.yaml"
    file.write_text(LOOPS)
    body = Template.read(file).body
    assert body["Transform"] == ["AWS::Serverless-2016-10-31"]
    assert [*body["Resources"]] == [
        *("MainLog", "MainErrorsAlarm", "MainSlowAlarm", "TenseyLog", "TenseyErrorsAlarm", "TenseySlowAlarm")
    ]
    assert body["Resources"]["MainLog"]["Name"] == {
        "Fn::Sub": ["/${AWS::StackName}/main/${Id}", {"Id": {"Ref": "Id"}}],
    }
    assert body["Resources"]["TenseySlowAlarm"] == {
        "Type": "Alarm",
        "Metric": "Slow",
        "Of": {"Ref": "Tensey"},
        "Arn": {"Fn::GetAtt": ["TenseyLog", "Arn"]},
        "Limit": 4,
        "Size": {"Fn::FindInMap": ["Sizes", {"Ref": "Size"}, "Number"]},
        "Plain": "${Function}",
    }
    assert body["Outputs"] == {"MainName": {"Value": {"Fn::Sub": "${AWS::Region} Main"}}}


def test_functions_and_layers_with_code_of_ours_are_its_artifacts(template: Template):
    assert {one.logical_id: one.folder for one in template.artifacts()} == {
        "Fn": "functions/",
        "Layer": "layers/shared/",
    }
    assert template.function_names()["Fn"] == "${AWS::StackName}-fn"
    assert template.custom_functions() == {"Fn"}


def test_only_the_places_of_code_are_changed_for_a_deploy():
    template = Template.read(ROOT / "template.yaml")
    place = {"Bucket": "b", "Key": "k"}
    artifacts = list(template.artifacts())
    built = template.with_code({one.logical_id: place for one in artifacts})
    for artifact in artifacts:
        assert built.body["Resources"][artifact.logical_id]["Properties"].pop(artifact.property) == place
        template.body["Resources"][artifact.logical_id]["Properties"].pop(artifact.property, None)
    assert json.loads(built.text()) == json.loads(template.text())


def test_every_function_and_layer_of_ours_has_a_target_to_build_it():
    template = Template.read(ROOT / "template.yaml")
    for part in parts(template, ROOT):
        assert f"build-{part.logical_id}" in part.makefile.read_text(), part.logical_id


def test_a_key_that_stands_twice_is_refused(tmp_path: Path):
    file = tmp_path / "template.yaml"
    file.write_text("Resources:\n  Queue: {Type: A}\n  Topic: {Type: B}\n  Queue: {Type: C}\n")
    with pytest.raises(ConstructorError, match=r"(?s)the key 'Queue' stands twice.+line 4"):
        Template.read(file)
