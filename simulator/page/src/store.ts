/** The page's state: personas, messages, exchanges. All seats share it. */
import { computed, signal } from "@preact/signals";
import * as api from "./api";
import { DIRECT, home, type Place, placesOf } from "./places";
import { inTurn } from "./turns";
import { EPHEMERAL } from "./types";
import type { Clockwork, Discord, Exchange, MessageData, ModalData, Part, Persona, Setup } from "./types";

/** What a message answers: a command that somebody used, or a message whose button or form they used. */
export interface Cause {
  command?: string;
  reply?: { app: string; text: string };
}

/** `waiting`: sent, or the game thinks. `failed`: there was no answer. `broken`: to the last tap there was none. */
export type State = "shown" | "waiting" | "thinking" | "failed" | "broken";

export interface Shown {
  key: string;
  id: string;
  /** Counts all messages of this page. */
  order: number;
  at: number;
  place: string;
  /** Whose it is: the one who asked, who wrote it, or to whom it was sent. */
  persona: string;
  author: string;
  /** The application that wrote it; "" for a person, "webhook" for a webhook. */
  app: string;
  cause: Cause;
  data: MessageData;
  state: State;
  exchange?: number;
  /** What the bot wrote: its message's id, and how often it was edited. */
  posted?: string;
  edits?: number;
}

export interface OpenModal {
  modal: ModalData;
  app: string;
  persona: string;
  place: string;
  cause: Cause;
  source?: Shown;
  broken?: boolean;
}

export const setup = signal<Setup | null>(null);
export const trouble = signal("");
export const seats = signal<string[]>([]);
/** The place that each persona looks at. */
export const whereabouts = signal<Record<string, string>>({});
export const messages = signal<Shown[]>([]);
export const exchanges = signal<Exchange[]>([]);
/** What is being done: a message's key with the part that was used, or a word. */
export const busy = signal<ReadonlyMap<string, string>>(new Map());
export const modals = signal<Record<string, OpenModal | undefined>>({});
export const clockwork = signal<Clockwork | null>(null);
export const discord = signal<Discord | null>(null);
export const logs = signal<{ function: string; line: string; number: number }[]>([]);
export const inspected = signal<number | null>(null);
export const told = signal("");
export const tools = signal(false);
export const tab = signal("inspector");

export const personas = computed(() => setup.value?.personas ?? []);
export const persona = (id: string): Persona | undefined => personas.value.find((one) => one.id === id);
/** What the applications are called in the server. */
const APPS: Record<string, string> = { main: "Mastermind", tensey: "Tensey" };
export const appName = (app: string): string => APPS[app] ?? app;
export const names = {
  user: (id: string) => personas.value.find((one) => one.user_id === id)?.name,
  role: (id: string) => discord.value?.roles.find((one) => one.id === id)?.name,
};

const KEPT = 300;
let counted = 0;

export const isPrivate = (message: Shown) => Boolean((message.data.flags ?? 0) & EPHEMERAL);

/** Whether a persona sees a message, in one of the places they can go to. */
export function sees(who: string, message: Shown): boolean {
  if (message.persona === who) return true;
  if (message.place === DIRECT.id || isPrivate(message) || message.state !== "shown") return false;
  return placesOf(persona(who)).some((place) => place.id === message.place);
}

export function placeOf(who: string): Place {
  const places = placesOf(persona(who));
  return places.find((place) => place.id === whereabouts.value[who]) ?? home(persona(who));
}

export const goTo = (who: string, place: string): void => {
  whereabouts.value = { ...whereabouts.value, [who]: place };
};

export const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Load what can be played; the whole page, when the local server was started again since. */
export const begin = inTurn(async () => {
  try {
    const found = await api.setup();
    if (setup.value && setup.value.run !== found.run) location.reload();
    if (!setup.value) trouble.value = "";
    setup.value = found;
    if (!seats.value.length) seats.value = [setup.value.personas[0]?.id ?? ""];
  } catch (error) {
    trouble.value = said(error);
  }
});

export type Fresh = Omit<Shown, "key" | "id" | "order" | "at" | "state"> & { state?: State; at?: number };

/** Add a message to its place; its key. */
export function keep(message: Fresh): string {
  counted += 1;
  const made = { state: "shown" as const, at: Date.now(), ...message, key: `m${counted}`, order: counted };
  messages.value = [...messages.value, { ...made, id: `${made.at}${counted}` }].slice(-KEPT);
  return made.key;
}

export function change(key: string, changed: Partial<Shown>): void {
  messages.value = messages.value.map((one) => (one.key === key ? { ...one, ...changed } : one));
}

/** Take a message away: an own private one, or one that came to nothing. */
export function dismiss(key: string): void {
  messages.value = messages.value.filter((one) => one.key !== key);
}

/** Somebody talks. */
export function say(who: string, text: string): void {
  const author = persona(who)?.name ?? "";
  keep({ place: placeOf(who).id, persona: who, author, app: "", cause: {}, data: { content: text } });
}

/** The page itself says something to one person. */
export function note(who: string, text: string): void {
  const data = { content: text, flags: EPHEMERAL };
  keep({ place: placeOf(who).id, persona: who, author: "This page", app: "page", cause: {}, data });
}

export function record(exchange: Exchange): void {
  if (exchanges.value.some((known) => known.number === exchange.number)) return;
  exchanges.value = [...exchanges.value, exchange].slice(-KEPT);
}

export async function during<T>(what: string, part: string, work: () => Promise<T>): Promise<T | undefined> {
  busy.value = new Map([...busy.value, [what, part]]);
  try {
    return await work();
  } catch (error) {
    trouble.value = said(error);
    return undefined;
  } finally {
    busy.value = new Map([...busy.value].filter(([one]) => one !== what));
  }
}

export function inspect(number: number | null): void {
  inspected.value = number;
  tab.value = "inspector";
  tools.value = true;
}

/** Create a persona; its id, or undefined if that failed. */
export async function meet(name: string, kind: string): Promise<string | undefined> {
  return during("personas", "", async () => {
    const made = await api.addPersona(name, kind);
    await begin();
    return made.id;
  });
}

/** What a message says first, in one line and without markup. */
export function gist(data: MessageData): string {
  const text = data.content || data.embeds?.[0]?.title || firstText(data.components ?? []);
  return (text.split("\n")[0] ?? "").replace(/^(#+|-#|>) /, "").replace(/\*\*|__|`/g, "");
}

function firstText(parts: Part[]): string {
  for (const part of parts) {
    const text = part.content || firstText(part.components ?? []);
    if (text) return text;
  }
  return "";
}
