"""Discord's own package for Python verifies, Flask routes, an adapter brings Lambda's events to both."""

import json
import os

import serverless_wsgi
from discord_interactions import InteractionResponseFlags, InteractionResponseType, verify_key_decorator
from flask import Flask, jsonify, request

HELP = "\n".join(
    f"**/command-{number:02}**: one line of about a hundred characters on what it does for you" for number in range(50)
)

app = Flask(__name__)


@app.post("/interactions/<name>")
@verify_key_decorator(os.environ["DISCORD_PUBLIC_KEY"])
def interactions(name):
    interaction = request.json
    print(json.dumps({"message": "answered", "id": interaction["id"], "app": name}))
    if interaction["data"]["name"] != "help":
        return jsonify(error="unknown command"), 404
    answer = {"content": HELP, "flags": InteractionResponseFlags.EPHEMERAL}
    return jsonify(type=InteractionResponseType.CHANNEL_MESSAGE_WITH_SOURCE, data=answer)


def handler(event, context):
    return serverless_wsgi.handle_request(app, event, context)
