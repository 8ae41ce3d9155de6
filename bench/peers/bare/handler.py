"""A handler that does nothing: what every Python function costs."""

import json

PONG = json.dumps({"type": 1})


def handler(event, context):
    print(json.dumps({"message": "answered", "request_id": context.aws_request_id}))
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": PONG}
