#!/usr/bin/env python3
"""Writes deploy/models/: of AWS's public service models the operations that we plan, and the shapes they take.

    python3 -m venv build/botocore
    build/botocore/bin/pip install --no-deps botocore==1.43.67
    build/botocore/bin/python scripts/extract-service-shapes.py

Only inputs are kept, and of a shape only what a value can be held against: documentation is most of a model's weight.
The same botocore gives the same bytes. Its license and notice are copied beside the data.
"""

import gzip
import json
import shutil
import sys
from importlib import metadata
from pathlib import Path

BOTOCORE_VERSION = "1.43.67"
TARGET = Path(__file__).resolve().parent.parent / "deploy" / "models"

# Our name of a service -> botocore's folder, the operations.
SERVICES = {
    "sagemaker": (
        "sagemaker",
        """
        CreateModel CreateEndpointConfig CreateEndpoint UpdateEndpoint UpdateEndpointWeightsAndCapacities
        DeleteModel DeleteEndpointConfig DeleteEndpoint DescribeModel DescribeEndpointConfig DescribeEndpoint
        ListModels ListEndpointConfigs ListEndpoints CreateTransformJob StopTransformJob DescribeTransformJob
        ListTransformJobs AddTags ListTags CreateProcessingJob DescribeProcessingJob StopProcessingJob
        """,
    ),
    "application-auto-scaling": (
        "application-autoscaling",
        """
        RegisterScalableTarget DeregisterScalableTarget DescribeScalableTargets PutScalingPolicy DeleteScalingPolicy
        DescribeScalingPolicies
        """,
    ),
    "cloudwatch": (
        "cloudwatch",
        "PutMetricAlarm DeleteAlarms DescribeAlarms PutDashboard DeleteDashboards GetDashboard ListDashboards GetMetricData",
    ),
    "logs": (
        "logs",
        """
        CreateLogGroup PutRetentionPolicy DeleteLogGroup DescribeLogGroups DescribeLogStreams GetLogEvents
        FilterLogEvents
        """,
    ),
    "s3": (
        "s3",
        """
        PutObject HeadObject GetObject DeleteObject GetBucketLocation HeadBucket ListObjectsV2 CreateMultipartUpload
        UploadPart CompleteMultipartUpload AbortMultipartUpload ListMultipartUploads
        """,
    ),
    "sns": ("sns", "CreateTopic Subscribe"),
    "iam": ("iam", "CreateRole PutRolePolicy GetRole SimulatePrincipalPolicy"),
    "ecr": (
        "ecr",
        "DescribeImages BatchGetImage GetDownloadUrlForLayer CreateRepository DescribeRepositories GetAuthorizationToken",
    ),
    "ecs": ("ecs", "RegisterTaskDefinition CreateService UpdateService"),
    "sts": ("sts", "GetCallerIdentity"),
    "service-quotas": ("service-quotas", "ListServiceQuotas"),
}

# Java's classes that JavaScript has no name for.
PATTERN_CLASSES = {r"\p{Print}": r"[\x20-\x7e]"}


def read_model(folder: str) -> dict:
    import botocore

    versions = sorted((Path(botocore.__file__).parent / "data" / folder).glob("*/service-2.json.gz"))
    with gzip.open(versions[-1]) as file:
        return json.load(file)


def reduce_shape(shape: dict) -> dict:
    """What a value of this shape must be."""
    kind = shape["type"]
    reduced = {"type": kind}
    for limit in ("min", "max"):
        if limit in shape:
            reduced[limit] = shape[limit]
    if kind == "structure":
        members = shape.get("members", {})
        # What every client fills in by itself is nothing to ask of a caller.
        required = [n for n in shape.get("required", []) if not members[n].get("idempotencyToken")]
        if required:
            reduced["required"] = required
        if shape.get("union"):
            reduced["union"] = True
        reduced["members"] = {name: member["shape"] for name, member in members.items()}
    elif kind == "list":
        reduced["member"] = shape["member"]["shape"]
    elif kind == "map":
        reduced["key"] = shape["key"]["shape"]
        reduced["value"] = shape["value"]["shape"]
    elif kind == "string":
        if "enum" in shape:
            reduced["enum"] = shape["enum"]
        if "pattern" in shape:
            pattern = shape["pattern"]
            for name, characters in PATTERN_CLASSES.items():
                pattern = pattern.replace(name, characters)
            reduced["pattern"] = pattern
    return reduced


def shapes_below(name: str, shapes: dict, found: dict) -> None:
    if name in found:
        return
    shape = shapes[name]
    found[name] = reduce_shape(shape)
    references = [*shape.get("members", {}).values(), *(shape[key] for key in ("member", "key", "value") if key in shape)]
    for reference in references:
        shapes_below(reference["shape"], shapes, found)


def to_text(service: dict) -> str:
    """A line for each operation and each shape, so that a new version's changes can be read."""

    def block(entries: dict) -> str:
        lines = [f"    {json.dumps(name)}: {json.dumps(value, separators=(', ', ': '))}" for name, value in entries.items()]
        return "{\n" + ",\n".join(lines) + "\n  }"

    head = ", ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in service["source"].items())
    return (
        "{\n"
        f'  "source": {{{head}}},\n'
        f'  "operations": {block(service["operations"])},\n'
        f'  "shapes": {block(dict(sorted(service["shapes"].items())))}\n'
        "}\n"
    )


def extract(folder: str, operations: str) -> dict:
    model = read_model(folder)
    found: dict = {}
    inputs = {}
    for operation in operations.split():
        shape = model["operations"][operation].get("input", {}).get("shape")
        inputs[operation] = shape
        if shape is not None:
            shapes_below(shape, model["shapes"], found)
    source = {
        "package": "botocore",
        "version": BOTOCORE_VERSION,
        "license": "Apache-2.0",
        "apiVersion": model["metadata"]["apiVersion"],
    }
    return {"source": source, "operations": inputs, "shapes": found}


def copy_license() -> None:
    for file in metadata.files("botocore") or []:
        if file.name in ("LICENSE.txt", "NOTICE"):
            shutil.copyfile(file.locate(), TARGET / f"botocore-{file.name.removesuffix('.txt')}.txt")


def main() -> int:
    installed = metadata.version("botocore")
    if installed != BOTOCORE_VERSION:
        print(f"botocore {BOTOCORE_VERSION} is wanted, {installed} is installed.", file=sys.stderr)
        return 1
    for name, (folder, operations) in SERVICES.items():
        text = to_text(extract(folder, operations))
        (TARGET / f"{name}.json").write_text(text, encoding="utf-8")
        print(f"{name}: {len(text):,} bytes")
    copy_license()
    return 0


if __name__ == "__main__":
    sys.exit(main())
