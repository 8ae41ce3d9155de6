/** The roles of the server as Discord shows them: who stands where on the list, and in which colour. */
import * as store from "./store";
import type { Discord, Member } from "./types";

/** Of names, for the highest role first; each is readable by day and by night. */
const COLOURS = ["amber", "green", "violet", "rose", "blue"];

export interface Group {
  name: string;
  colour: string;
  members: Member[];
}

/** Those that people are given, the highest first: not everybody's, and not the bot's own. */
function given(found: Discord) {
  const guild = store.setup.value?.guild.id ?? "";
  return found.roles
    .filter((role) => role.id !== guild && !role.managed)
    .toSorted((one, other) => other.position - one.position)
    .map((role, place) => ({ id: role.id, name: role.name, colour: COLOURS[place % COLOURS.length] ?? "" }));
}

const highest = (member: Member, roles: ReturnType<typeof given>) =>
  member.user.bot ? undefined : roles.find((role) => member.roles.includes(role.id));

/** Those with a role of their own first, then the rest, then the bots. */
export function groups(found: Discord): Group[] {
  const roles = given(found);
  const people = found.members.filter((member) => !member.user.bot);
  const of = (wanted?: string) => people.filter((member) => highest(member, roles)?.id === wanted);
  return [
    ...roles.map(({ id, name, colour }) => ({ name, colour, members: of(id) })),
    { name: "Online", colour: "", members: of() },
    { name: "Apps", colour: "", members: found.members.filter((member) => member.user.bot) },
  ].filter((group) => group.members.length);
}

/** The colour of somebody's name; "" for the plain one. */
export function colourOf(userId: string): string {
  const found = store.discord.value;
  const member = found?.members.find((one) => one.user.id === userId);
  return (found && member && highest(member, given(found))?.colour) || "";
}
