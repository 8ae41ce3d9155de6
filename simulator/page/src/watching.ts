/** What happens without the page: webhooks, the bot's messages, edits, logs; and what the tools set off. */
import * as api from "./api";
import { channelOf, DIRECT } from "./places";
import * as store from "./store";
import { inTurn } from "./turns";
import type { Discord, Received } from "./types";

const titled = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** Load the clockwork, and show what is new in the channels. */
export const look = inTurn(async () => {
  try {
    const found = await api.clockwork(store.persona(store.seats.value[0] ?? "")?.user_id ?? "");
    if (store.clockwork.value && store.clockwork.value.code.revision !== found.code.revision) await store.begin();
    store.clockwork.value = found;
    for (const received of found.webhooks) hook(received);
    show(await api.discord());
    store.trouble.value = "";
  } catch (error) {
    store.trouble.value = store.said(error);
  }
});

/** The key of each webhook's message that was shown, by its id: it is changed, not shown again. */
const hooked = new Map<string, string>();

function hook({ id, webhook, at, message: data }: Received): void {
  const key = hooked.get(id);
  if (key) {
    store.change(key, { data });
    return;
  }
  const from = { author: data.username ?? titled(webhook), app: "webhook", persona: "", cause: {} };
  hooked.set(id, store.keep({ place: channelOf(webhook), ...from, data, at: Date.parse(at) }));
}

/** What the bot wrote, changed and took away, and the answers that were edited since. */
function show(found: Discord): void {
  store.discord.value = found;
  const there = new Map(found.messages.map((one) => [one.id, one]));
  const edited = new Map(found.edits.map((one) => [one.exchange, one]));
  store.messages.value = store.messages.value
    .filter((message) => !message.posted || there.has(message.posted))
    .map((message) => {
      const posted = there.get(message.posted ?? "");
      if (posted && posted.edits > (message.edits ?? 0))
        return { ...message, data: posted.message, edits: posted.edits };
      const edit = message.exchange ? edited.get(message.exchange) : undefined;
      if (!edit || edit.edits <= (message.edits ?? 0)) return message;
      const data = api.withFiles({ ...message.data, components: edit.components }, message.exchange ?? 0);
      return { ...message, data, edits: edit.edits, state: "shown" as const };
    });
  const known = new Set(store.messages.value.map((message) => message.posted));
  for (const one of found.messages) {
    if (known.has(one.id) || dropped.has(one.id)) continue;
    dropped.add(one.id);
    const recipient = store.personas.value.find((persona) => persona.user_id === one.recipient)?.id ?? "";
    const place = one.recipient ? DIRECT.id : channelOf(one.channel);
    const posted = { posted: one.id, edits: one.edits, at: Date.parse(one.at) };
    const from = { place, persona: recipient, author: store.appName("main"), app: "main", cause: {} };
    store.keep({ ...from, data: one.message, ...posted });
  }
}

/** Messages that were shown once: they are not shown again when older ones are let go. */
const dropped = new Set<string>();

export async function mischief(name: string): Promise<void> {
  await store.during("mischief", "", async () => {
    const done = await api.mischief(name).catch((error: unknown) => ({ told: store.said(error), exchange: undefined }));
    store.told.value = done.told;
    if (done.exchange) {
      store.record(done.exchange);
      store.inspected.value = done.exchange.number;
    }
    await look();
  });
}

export async function run(schedule: string): Promise<void> {
  await store.during("mischief", "", async () => {
    store.told.value = "Running ...";
    const done = await api.run(schedule).catch((error: unknown) => store.said(error));
    store.told.value =
      typeof done === "string" ? done : `${schedule} took ${done.seconds} s and says: ${JSON.stringify(done.answer)}`;
    await look();
  });
}

export function listen(): void {
  const source = new EventSource("api/logs");
  let number = 0;
  source.onmessage = (event) => {
    number += 1;
    const line = JSON.parse(event.data) as { function: string; line: string };
    store.logs.value = [...store.logs.value, { ...line, number }].slice(-KEPT);
  };
}

const KEPT = 200;
