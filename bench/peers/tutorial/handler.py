"""What most tutorials end with: PyNaCl verifies, json reads and writes."""

import json
import os

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

KEY = VerifyKey(bytes.fromhex(os.environ["DISCORD_PUBLIC_KEY"]))
HELP = "\n".join(
    f"**/command-{number:02}**: one line of about a hundred characters on what it does for you" for number in range(50)
)


def handler(event, context):
    headers = {name.lower(): value for name, value in event["headers"].items()}
    try:
        signed = headers["x-signature-timestamp"].encode() + event["body"].encode()
        KEY.verify(signed, bytes.fromhex(headers["x-signature-ed25519"]))
    except (BadSignatureError, KeyError, ValueError):
        return respond(401, {"error": "invalid request signature"})
    interaction = json.loads(event["body"])
    print(json.dumps({"message": "answered", "id": interaction["id"], "request_id": context.aws_request_id}))
    if interaction["type"] == 1:
        return respond(200, {"type": 1})
    if interaction["data"]["name"] == "help":
        return respond(200, {"type": 4, "data": {"content": HELP, "flags": 64}})
    return respond(404, {"error": "unknown command"})


def respond(status, body):
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
