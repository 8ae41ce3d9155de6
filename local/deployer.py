"""The deployer: uploads the code to the emulator's S3, and creates or updates the stack through CloudFormation."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import time
import zipfile
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from devkit.content.files import OWN
from devkit.content.look import LookFile
from local.builder import Part, architecture
from local.execution import Deployment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from types_boto3_cloudformation.type_defs import ParameterTypeDef, StackTypeDef

    from devkit.template import Template
    from local.aws import Aws
    from local.builder import Build

BUCKET = "local-deployments"
CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
LIMIT = 120  # seconds for a stack to settle; 1-2 measured
HASH = "local:hash"  # a tag of the stack: what was deployed
# A community's own files, named in the environment.
OWN_CONTENT = tuple(kind.VARIABLE for kind in OWN)
PICTURES = "Pictures"
"""The function whose look a community can bring."""
DEPLOYED = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


class DeployError(Exception):
    """The stack could not be created or updated; the message has CloudFormation's reasons."""


def parts(template: Template, root: Path) -> Iterator[Part]:
    """What has to be built: each artifact with the makefile beside its code and what that reads."""
    # The layer's makefile puts these in the place of our content.
    own = tuple(root / file for name in OWN_CONTENT if (file := os.environ.get(name)))
    own += (root / "devkit" / "content",) if own else ()
    own += (root / "devkit" / "compiler.py",)
    look = os.environ.get(LookFile.VARIABLE)
    for artifact in template.artifacts():
        folder, is_layer = root / artifact.folder, artifact.property == "ContentUri"
        # The functions' makefile puts a fingerprint of the template beside the migrations.
        reads = (root / "migrations", root / "template.yaml")
        if is_layer:
            reads = (folder.parent / "layer.mk", *(own if (folder / "mastermind").is_dir() else ()))
        if artifact.logical_id == PICTURES and look:
            reads = (root / look, root / "devkit" / "content", *reads)
        reads = (folder, root / "layers" / "platform.mk", root / "layers" / "own.mk", *reads)
        yield Part(artifact.logical_id, folder / "Makefile", reads, is_layer)


class Deployer:
    """Deploys one stack from the template, the builds and the parameters."""

    def __init__(
        self, stack: str, template: Template, builds: Mapping[str, Build], parameters: Mapping[str, str]
    ) -> None:
        self._stack, self._builds = stack, builds
        self._template = template.with_code({name: _place(build) for name, build in builds.items()})
        known = {"Architecture": architecture(), **parameters}
        self._parameters = {name: value for name, value in known.items() if name in template.parameters}
        said = self._template.text() + repr(sorted(self._parameters.items()))
        self._hash = hashlib.sha256(said.encode()).hexdigest()
        self._names = {name.replace("${AWS::StackName}", stack): key for key, name in template.function_names().items()}

    @property
    def _custom(self) -> list[str]:
        """The deployed names of the functions behind custom resources."""
        behind = self._template.custom_functions()
        return [name for name, logical_id in self._names.items() if logical_id in behind]

    @property
    def function_names(self) -> tuple[str, ...]:
        """The deployed names of all functions, known before the stack is."""
        return tuple(self._names)

    def is_deployed(self, aws: Aws) -> bool:
        """Whether the stack is deployed with exactly this template, code and parameters."""
        found = self._describe(aws)
        if found is None or found["StackStatus"] not in DEPLOYED:
            return False
        return {"Key": HASH, "Value": self._hash} in found.get("Tags", [])

    def is_broken(self, aws: Aws) -> bool:
        """Whether an earlier attempt left a stack that can be neither used nor updated."""
        found = self._describe(aws)
        return found is not None and found["StackStatus"] not in DEPLOYED | {"UPDATE_ROLLBACK_COMPLETE"}

    def deploy(self, aws: Aws, failure_of: Callable[[str], str | None]) -> None:
        """Create the stack, or update it; raises DeployError with CloudFormation's reasons.

        `failure_of` returns how a function's last call failed. A custom resource whose function fails before it can
        answer would keep CloudFormation waiting for minutes; this ends the wait at once.
        """
        self._upload(aws)
        url = f"https://s3.amazonaws.com/{BUCKET}/{self._hash}.template"
        begin = aws.cloudformation.create_stack if self._describe(aws) is None else aws.cloudformation.update_stack
        parameters: list[ParameterTypeDef] = [
            {"ParameterKey": name, "ParameterValue": value} for name, value in self._parameters.items()
        ]
        try:
            begin(
                StackName=self._stack,
                TemplateURL=url,
                Parameters=parameters,
                Capabilities=list(CAPABILITIES),
                Tags=[{"Key": HASH, "Value": self._hash}],
            )
        except aws.cloudformation.exceptions.ClientError as error:
            raise DeployError(f"CloudFormation refused the template: {error}") from error
        self._await(aws, failure_of)

    def _upload(self, aws: Aws) -> None:
        aws.s3.create_bucket(Bucket=BUCKET)
        there = {found["Key"] for found in aws.s3.list_objects_v2(Bucket=BUCKET).get("Contents", []) if "Key" in found}
        for build in self._builds.values():
            key = _place(build)["Key"]
            if key not in there:
                aws.s3.put_object(Bucket=BUCKET, Key=key, Body=_zip(build))
        aws.s3.put_object(Bucket=BUCKET, Key=f"{self._hash}.template", Body=self._template.text().encode())

    def _describe(self, aws: Aws) -> StackTypeDef | None:
        try:
            return aws.cloudformation.describe_stacks(StackName=self._stack)["Stacks"][0]
        except aws.cloudformation.exceptions.ClientError:
            return None

    def _await(self, aws: Aws, failure_of: Callable[[str], str | None]) -> None:
        deadline = time.monotonic() + LIMIT
        while (found := self._describe(aws)) is None or found["StackStatus"].endswith("IN_PROGRESS"):
            if time.monotonic() > deadline:
                raise DeployError(f"The stack did not settle within {LIMIT} seconds.")
            for name in self._custom:
                if failure := failure_of(name):
                    raise DeployError(f"{name} failed, and the deploy waits for it:\n{failure}")
            time.sleep(0.05)
        if found["StackStatus"] not in DEPLOYED:
            raise DeployError(
                f"The stack ended as {found['StackStatus']}:\n" + "\n".join(dict.fromkeys(self._reasons(aws)))
            )

    def _reasons(self, aws: Aws) -> Iterator[str]:
        """The newest first; a rollback alone fills more than a page."""
        for page in aws.cloudformation.get_paginator("describe_stack_events").paginate(StackName=self._stack):
            for event in page["StackEvents"]:
                if event.get("ResourceStatus", "").endswith("FAILED"):
                    yield f"  {event.get('LogicalResourceId', '')}: {event.get('ResourceStatusReason', '')}"

    def outputs(self, aws: Aws) -> dict[str, str]:
        """The stack's outputs by name."""
        found = self._describe(aws)
        outputs = found.get("Outputs", []) if found else []
        return {output.get("OutputKey", ""): output.get("OutputValue", "") for output in outputs}

    def deployment(self, aws: Aws, name: str) -> Deployment:
        """What the runner needs of a function: its deployed configuration, and the build that was deployed."""
        config = aws.functions.get_function_configuration(FunctionName=name)
        variables = config.get("Environment", {}).get("Variables", {})
        if config.get("LoggingConfig", {}).get("LogFormat") == "JSON":
            variables = {"AWS_LAMBDA_LOG_FORMAT": "JSON", **variables}
        layers = [one.get("Arn", "") for one in config.get("Layers", [])]
        return Deployment(
            name=name,
            arn=config["FunctionArn"],
            handler=config["Handler"],
            timeout=config["Timeout"],
            memory=config["MemorySize"],
            environment=variables,
            code=_folder(self._builds[self._names[name]], config["CodeSha256"]),
            layers=tuple(self._layer(aws, arn) for arn in layers),
            revision=config.get("RevisionId", ""),
        )

    def _layer(self, aws: Aws, arn: str) -> Path:
        """A version of a layer by its name, which begins with the logical id."""
        name, content = arn.split(":")[6], aws.functions.get_layer_version_by_arn(Arn=arn)["Content"]
        builds = (build for build in self._builds.values() if build.is_layer and name.startswith(build.logical_id))
        return _folder(next(builds), content.get("CodeSha256", ""))


def _place(build: Build) -> dict[str, str]:
    return {"Bucket": BUCKET, "Key": f"{build.logical_id}/{build.key}.zip"}


def _folder(build: Build, sha256: str) -> Path:
    """The folder of the deployed code: this build, or an older one after a rollback."""
    older = (folder for folder in sorted(build.folder.parent.iterdir()) if len(folder.name) == len(build.folder.name))
    candidates = (build, *(replace(build, folder=folder, key=folder.name) for folder in older))
    return next((one.folder for one in candidates if _sha256(one) == sha256), build.folder)


@cache
def _sha256(build: Build) -> str:
    """The hash that Lambda reports for the zip."""
    return base64.b64encode(hashlib.sha256(_zip(build)).digest()).decode()


def _zip(build: Build) -> bytes:
    """The build as a zip. Of a layer only its list of contents: the emulator keeps a layer's bytes in its memory.

    (Nobody reads them there, the runner takes the build itself; they took 122 MB and 1.3 s of each start and stop.)
    """
    packed = io.BytesIO()
    files = [file for file in sorted(build.folder.rglob("*")) if file.is_file()]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        if build.is_layer:
            listed = "".join(f"{file.stat().st_size} {file.relative_to(build.folder)}\n" for file in files)
            archive.writestr(zipfile.ZipInfo("CONTENTS"), f"{build.key}\n{listed}")  # without a date: always the same
        else:
            for file in files:
                archive.write(file, file.relative_to(build.folder))
    return packed.getvalue()
