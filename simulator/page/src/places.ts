/** Where people are: the channels of a server, and direct messages. A message stands in one of them. */
import type { Persona } from "./types";

export interface Place {
  id: string;
  name: string;
  topic: string;
  icon: string;
  group: string;
  /** Only who has one of these permissions sees it; "0" is everybody. */
  needs: bigint;
}

const ADMINISTRATOR = 1n << 3n;
const MODERATE_MEMBERS = 1n << 40n;
const everybody = 0n;

const CHANNELS: Place[] = [
  {
    id: "announcements",
    name: "announcements",
    topic: "Levels, milestones and raids, posted by the game",
    icon: "megaphone",
    group: "Information",
    needs: everybody,
  },
  {
    id: "general",
    name: "general",
    topic: "Small acts of courage. Type / to play",
    icon: "hash",
    group: "Community",
    needs: everybody,
  },
  {
    id: "admins",
    name: "admins",
    topic: "What moderators and admins should know",
    icon: "lock",
    group: "Staff",
    needs: ADMINISTRATOR | MODERATE_MEMBERS,
  },
  {
    id: "alerts",
    name: "alerts",
    topic: "What fails, and what to do about it",
    icon: "lock",
    group: "Staff",
    needs: ADMINISTRATOR,
  },
];
const ELSEWHERE: Place = {
  id: "elsewhere",
  name: "general",
  topic: "The game was never added to this server",
  icon: "hash",
  group: "Community",
  needs: everybody,
};
export const DIRECT: Place = {
  id: "direct",
  name: "Mastermind",
  topic: "Direct messages with the game",
  icon: "at",
  group: "",
  needs: everybody,
};

/** The channels of the server that somebody is in, as far as they may see them. */
export function channels(who?: Persona): Place[] {
  if (!who || who.kind === "direct") return [];
  if (who.kind === "stranger") return [ELSEWHERE];
  const has = BigInt(who.permissions);
  return CHANNELS.filter(({ needs }) => needs === everybody || (has & needs) !== 0n || (has & ADMINISTRATOR) !== 0n);
}

export const placesOf = (who?: Persona): Place[] => [...channels(who), DIRECT];

/** Where somebody is at first. */
export const home = (who?: Persona): Place => channels(who).find(({ name }) => name === "general") ?? DIRECT;

/** Where the bot or a webhook posts: a channel of that name, the general one if there is none. */
export const channelOf = (name: string): string => CHANNELS.find((one) => one.name === name)?.id ?? "general";
