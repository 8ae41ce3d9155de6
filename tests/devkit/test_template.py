"""The template is read as CloudFormation reads it, and deployed with nothing changed but where the code lies."""

import json
from pathlib import Path

import pytest

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
