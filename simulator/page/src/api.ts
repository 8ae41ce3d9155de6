/** The page's requests to the local server, which signs and posts; nothing here knows the game. */
import { portrait } from "./avatar";
import type { Clockwork, Discord, Exchange, MessageData, Persona, Setup } from "./types";

export class Refused extends Error {}

async function ask<T>(path: string, body?: unknown): Promise<T> {
  const asked =
    body === undefined
      ? fetch(path)
      : fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const answer = await asked.catch(() => {
    throw new Refused("The local server does not answer: is `make run` still running?");
  });
  const found = (await answer.json()) as T & { error?: string };
  if (!answer.ok) throw new Refused(found.error ?? `The local server answered ${answer.status}.`);
  return found;
}

export const setup = () => ask<Setup>("api/setup");
export const addPersona = (name: string, kind: string) => ask<Persona>("api/personas", { name, kind });
export const interact = (asked: object) => ask<Exchange>("api/interactions", asked);
export const clockwork = (userId: string) => ask<Clockwork>(`api/clockwork?user_id=${userId}`);
export const discord = () => ask<Discord>("api/discord");
export const run = (schedule: string) => ask<{ answer: unknown; seconds: number }>(`api/schedules/${schedule}`, {});
export const mischief = (name: string) => ask<{ told: string; exchange?: Exchange }>(`api/mischief/${name}`, {});

/** The data with a URL for each attached file, as Discord adds it. */
export function withFiles<T extends MessageData>(data: T, exchange: number): T {
  if (!data.attachments?.length) return data;
  return JSON.parse(JSON.stringify(data).replaceAll("attachment://", `api/files/${exchange}/`)) as T;
}

/**
 * Where a picture of a message is. The local server keeps what Discord would keep on its own, and the personas have no
 * account whose picture could be fetched: theirs is drawn here.
 */
export const placed = (url: string): string =>
  /^https:\/\/cdn\.discordapp\.com\/(?:embed\/)?avatars\//.test(url)
    ? portrait(url)
    : url.replace("https://cdn.discordapp.com/attachments/", "api/attachments/");
