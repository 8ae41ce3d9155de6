"""A library for bots, with its own server for interactions; Lambda's events are handed to that server."""

import asyncio
import json
import os

import hikari

HELP = "\n".join(
    f"**/command-{number:02}**: one line of about a hundred characters on what it does for you" for number in range(50)
)

loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
bot = hikari.RESTBot("token", hikari.TokenType.BOT, public_key=os.environ["DISCORD_PUBLIC_KEY"], banner=None)


async def help_command(interaction):
    return interaction.build_response().set_content(HELP).set_flags(hikari.MessageFlag.EPHEMERAL)


bot.set_listener(hikari.CommandInteraction, help_command)


def handler(event, context):
    headers = {name.lower(): value for name, value in event["headers"].items()}
    response = loop.run_until_complete(
        bot.on_interaction(
            event["body"].encode(),
            bytes.fromhex(headers["x-signature-ed25519"]),
            headers["x-signature-timestamp"].encode(),
        )
    )
    print(json.dumps({"message": "answered", "request_id": context.aws_request_id}))
    body = response.payload.decode() if response.payload else ""
    return {"statusCode": response.status_code, "headers": {"content-type": response.content_type}, "body": body}
