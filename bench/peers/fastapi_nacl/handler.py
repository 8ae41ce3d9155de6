"""FastAPI routes and validates, PyNaCl verifies, an adapter brings Lambda's events to both."""

import json
import os

from fastapi import FastAPI, HTTPException, Request
from mangum import Mangum
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from pydantic import BaseModel

KEY = VerifyKey(bytes.fromhex(os.environ["DISCORD_PUBLIC_KEY"]))
HELP = "\n".join(
    f"**/command-{number:02}**: one line of about a hundred characters on what it does for you" for number in range(50)
)

app = FastAPI()


class Data(BaseModel):
    name: str


class Interaction(BaseModel):
    id: str
    type: int
    data: Data | None = None


@app.post("/interactions/{name}")
async def interactions(name: str, request: Request):
    body = await request.body()
    try:
        signature = bytes.fromhex(request.headers["x-signature-ed25519"])
        KEY.verify(request.headers["x-signature-timestamp"].encode() + body, signature)
    except (BadSignatureError, KeyError, ValueError):
        raise HTTPException(401, "invalid request signature") from None
    interaction = Interaction.model_validate_json(body)
    print(json.dumps({"message": "answered", "id": interaction.id, "app": name}))
    if interaction.type == 1:
        return {"type": 1}
    if interaction.data and interaction.data.name == "help":
        return {"type": 4, "data": {"content": HELP, "flags": 64}}
    raise HTTPException(404, "unknown command")


handler = Mangum(app, lifespan="off")
