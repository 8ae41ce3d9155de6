/** The page's state: personas, messages, exchanges. All seats share it. */
import { computed, signal } from "@preact/signals";
import * as api from "./api";
import { EPHEMERAL } from "./types";
import type { Choice, Clockwork, Discord, Exchange, MessageData, ModalData, Part, Persona, Setup } from "./types";
import type { Written } from "./modal";

export interface Shown {
  key: string;
  id: string;
  author: string;
  app: string;
  asked: string;
  persona: string;
  at: number;
  data: MessageData;
  note?: string;
  exchange?: number;
  /** What the bot wrote: its message's id, how often it was edited, and whether it is a direct message. */
  posted?: string;
  edits?: number;
  direct?: boolean;
}

export interface OpenModal {
  modal: ModalData;
  app: string;
  persona: string;
  source?: Shown;
}

export const setup = signal<Setup | null>(null);
export const trouble = signal("");
export const seats = signal<string[]>([]);
export const messages = signal<Shown[]>([]);
export const exchanges = signal<Exchange[]>([]);
export const busy = signal<ReadonlySet<string>>(new Set());
export const modals = signal<Record<string, OpenModal | undefined>>({});
export const clockwork = signal<Clockwork | null>(null);
export const discord = signal<Discord | null>(null);
export const logs = signal<{ function: string; line: string; number: number }[]>([]);
export const inspected = signal<number | null>(null);
export const told = signal("");

export const personas = computed(() => setup.value?.personas ?? []);
export const persona = (id: string): Persona | undefined => personas.value.find((one) => one.id === id);
export const names = { user: (id: string) => personas.value.find((one) => one.user_id === id)?.name };

const KEPT = 200;
let counted = 0;

/** Flags of an update: it does not change who sees the message. */
const asPrivate = (data: MessageData, message: Shown) =>
  ((data.flags ?? message.data.flags ?? 0) & ~EPHEMERAL) | ((message.data.flags ?? 0) & EPHEMERAL);

export const isPrivate = (message: Shown) => Boolean((message.data.flags ?? 0) & EPHEMERAL);

/** Whether a persona sees a message: everybody in the same place sees what is public. */
export function sees(who: string, message: Shown): boolean {
  if (message.persona === who) return true;
  if (message.direct) return false;
  const [mine, its] = [persona(who)?.kind, persona(message.persona)?.kind];
  const apart = (kind?: string) => kind === "direct" || kind === "stranger";
  return !isPrivate(message) && !message.note && !apart(mine) && !apart(its);
}

export async function begin(): Promise<void> {
  try {
    setup.value = await api.setup();
    if (!seats.value.length) seats.value = [setup.value.personas[0]?.id ?? ""];
    trouble.value = "";
  } catch (error) {
    trouble.value = said(error);
  }
}

export const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const key = () => {
  counted += 1;
  return `m${counted}`;
};

function keep(message: Omit<Shown, "key" | "id" | "at">, at = Date.now()): void {
  const fresh = { ...message, key: key(), id: `${Date.now()}${counted}`, at };
  messages.value = [...messages.value, fresh].slice(-KEPT);
}

export function note(who: string, text: string): void {
  keep({ author: "This page", app: "", asked: "", persona: who, data: { flags: EPHEMERAL }, note: text });
}

function record(exchange: Exchange): void {
  if (exchanges.value.some((known) => known.number === exchange.number)) return;
  exchanges.value = [...exchanges.value, exchange].slice(-KEPT);
}

async function during<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
  busy.value = new Set([...busy.value, what]);
  try {
    return await work();
  } catch (error) {
    trouble.value = said(error);
    return undefined;
  } finally {
    busy.value = new Set([...busy.value].filter((one) => one !== what));
  }
}

function post(who: string, app: string, type: number, data: object, source?: Shown): Promise<Exchange> {
  const message = source && {
    id: source.id,
    type: 0,
    flags: source.data.flags ?? 0,
    components: source.data.components,
  };
  return api.interact({ persona: who, app, type, data, message: message ?? null, direct: source?.direct ?? false });
}

/** The data with a URL for each attached file, as Discord adds it. */
function withFiles<T extends MessageData>(data: T, exchange: number): T {
  if (!data.attachments?.length) return data;
  return JSON.parse(JSON.stringify(data).replaceAll("attachment://", `api/files/${exchange}/`)) as T;
}

/** Show what came back, as Discord would. */
function follow(exchange: Exchange, asked: string, source?: Shown): void {
  const who = exchange.persona;
  record(exchange);
  void look();
  const response = exchange.status === 200 ? exchange.response : null;
  if (!response) {
    note(who, `The application did not respond (HTTP ${exchange.status}).`);
    return;
  }
  const data = withFiles(response.data ?? {}, exchange.number);
  switch (response.type) {
    case 4:
      keep({ author: exchange.app, app: exchange.app, asked, persona: who, data, exchange: exchange.number });
      break;
    case 7:
      messages.value = messages.value.map((message) =>
        message.key === source?.key
          ? { ...message, data: { ...data, flags: asPrivate(data, message) }, exchange: exchange.number }
          : message,
      );
      break;
    case 9:
      modals.value = {
        ...modals.value,
        [who]: { modal: data as ModalData, app: exchange.app, persona: who, source },
      };
      break;
    case 5:
    case 6:
      note(who, "The application asked for more time; this page does not wait for follow-ups.");
      break;
    default:
      note(who, `The application answered with type ${response.type}.`);
  }
}

export async function command(who: string, app: string, data: object, asked: string): Promise<void> {
  await during(`command-${who}`, async () => follow(await post(who, app, 2, data), asked));
}

export async function act(who: string, message: Shown, part: Part, values?: string[]): Promise<void> {
  const data: Record<string, unknown> = { id: part.id ?? 1, custom_id: part.custom_id, component_type: part.type };
  if (values) data.values = values;
  await during(message.key, async () =>
    follow(await post(who, message.app, 3, data, message), part.label ?? "a choice", message),
  );
}

export async function submit(opened: OpenModal, components: Written): Promise<void> {
  const who = opened.persona;
  await during(`modal-${who}`, async () => {
    const data = { custom_id: opened.modal.custom_id, components };
    const exchange = await post(who, opened.app, 5, data, opened.source);
    closeModal(who);
    follow(exchange, opened.modal.title, opened.source);
  });
}

export function closeModal(who: string): void {
  modals.value = { ...modals.value, [who]: undefined };
}

export async function complete(who: string, app: string, data: object): Promise<Choice[]> {
  const exchange = await post(who, app, 4, data).catch(() => undefined);
  if (exchange) record(exchange);
  return exchange?.response?.data?.choices ?? [];
}

let newest = ""; // the time of the newest webhook message shown

/** Load the clockwork, and show new webhook messages in the channel. */
export async function look(): Promise<void> {
  try {
    const found = await api.clockwork(persona(seats.value[0] ?? "")?.user_id ?? "");
    clockwork.value = found;
    for (const received of found.webhooks) {
      if (received.at <= newest) continue; // answers may overtake each other, and old messages are dropped
      newest = received.at;
      const said = { author: `webhook: ${received.webhook}`, app: "", asked: "", persona: "", data: received.message };
      keep(said, Date.parse(received.at));
    }
    show(await api.discord());
    trouble.value = "";
  } catch (error) {
    trouble.value = said(error);
  }
}

/** What the bot wrote, changed and took away, and the answers that were edited since. */
function show(found: Discord): void {
  discord.value = found;
  const there = new Map(found.messages.map((one) => [one.id, one]));
  const edited = new Map(found.edits.map((one) => [one.exchange, one]));
  messages.value = messages.value
    .filter((message) => !message.posted || there.has(message.posted))
    .map((message) => {
      const posted = there.get(message.posted ?? "");
      if (posted && posted.edits !== message.edits) return { ...message, data: posted.message, edits: posted.edits };
      const edit = edited.get(message.exchange ?? 0);
      if (!edit || edit.edits === message.edits) return message;
      const data = withFiles({ ...message.data, components: edit.components }, message.exchange ?? 0);
      return { ...message, data, edits: edit.edits };
    });
  const known = new Set(messages.value.map((message) => message.posted));
  for (const one of found.messages) {
    if (known.has(one.id) || dropped.has(one.id)) continue;
    dropped.add(one.id);
    const recipient = personas.value.find((persona) => persona.user_id === one.recipient)?.id ?? "";
    const author = one.recipient ? "Mastermind, in a direct message" : `Mastermind, in #${one.channel}`;
    const posted = { posted: one.id, edits: one.edits, direct: Boolean(one.recipient) };
    keep({ author, app: "main", asked: "", persona: recipient, data: one.message, ...posted }, Date.parse(one.at));
  }
}

/** Messages that were shown once: they are not shown again when older ones are let go. */
const dropped = new Set<string>();

export async function mischief(name: string): Promise<void> {
  await during("mischief", async () => {
    const done = await api.mischief(name).catch((error: unknown) => ({ told: said(error), exchange: undefined }));
    told.value = done.told;
    if (done.exchange) {
      record(done.exchange);
      inspected.value = done.exchange.number;
    }
    await look();
  });
}

export async function run(schedule: string): Promise<void> {
  await during("mischief", async () => {
    told.value = "Running ...";
    const done = await api.run(schedule).catch((error: unknown) => said(error));
    told.value =
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
    logs.value = [...logs.value, { ...line, number }].slice(-KEPT);
  };
}

export const tab = signal("inspector");

export function inspect(number: number | null): void {
  inspected.value = number;
  tab.value = "inspector";
}

/** Create a persona; its id, or undefined if that failed. */
export async function meet(name: string, kind: string): Promise<string | undefined> {
  return during("personas", async () => {
    const made = await api.addPersona(name, kind);
    await begin();
    return made.id;
  });
}
