/** Who is in the server, by their highest role; and what the bot did to them. */
import { Avatar } from "./avatar";
import { Icon } from "./icons";
import * as store from "./store";
import type { Discord, Member } from "./types";

/** Colours of roles on the list and of names, the highest role first; each is readable by day and by night. */
const COLOURS = ["amber", "green", "violet", "rose", "blue"];

interface Group {
  name: string;
  colour: string;
  members: Member[];
}

export function Members({ who }: { who: string }) {
  const found = store.discord.value;
  const isStranger = store.persona(who)?.kind === "stranger";
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <aside class="members" aria-label="Members" tabIndex={0}>
      {found && !isStranger
        ? groups(found).map((group) => <Listed key={group.name} group={group} found={found} />)
        : null}
    </aside>
  );
}

/** Those with a role of their own first, then the rest, then the bots. */
function groups(found: Discord): Group[] {
  const guild = store.setup.value?.guild.id ?? "";
  const roles = found.roles
    .filter((role) => role.id !== guild && !role.managed)
    .toSorted((one, other) => other.position - one.position);
  const highest = (member: Member) => roles.find((role) => member.roles.includes(role.id));
  const people = found.members.filter((member) => !member.user.bot);
  const named = roles.map((role, place) => ({
    name: role.name,
    colour: COLOURS[place % COLOURS.length] ?? "",
    members: people.filter((member) => highest(member) === role),
  }));
  const rest = { name: "Online", colour: "", members: people.filter((member) => !highest(member)) };
  const bots = { name: "Apps", colour: "", members: found.members.filter((member) => member.user.bot) };
  return [...named, rest, bots].filter((group) => group.members.length);
}

function Listed({ group, found }: { group: Group; found: Discord }) {
  return (
    <section>
      <h3>
        {group.name} — {group.members.length}
      </h3>
      <ul>
        {group.members.map((member) => (
          <li key={member.user.id}>
            <Avatar name={member.name} app={isMain(member) ? "main" : undefined} size={32} status />
            <span class={`name ${group.colour}`}>{member.name}</span>
            {isOwner(member) ? (
              <span class="crown">
                <Icon name="crown" size={14} />
              </span>
            ) : null}
            {member.user.bot ? <span class="tag">APP</span> : null}
            <Timeout until={member.communication_disabled_until} />
          </li>
        ))}
      </ul>
    </section>
  );

  function isMain(member: Member): boolean {
    const bot = found.roles.find((role) => role.managed);
    return bot !== undefined && member.roles.includes(bot.id);
  }
}

const isOwner = (member: Member) =>
  store.personas.value.some((one) => one.user_id === member.user.id && one.kind === "owner");

function Timeout({ until }: { until: string | null }) {
  if (!until || Date.parse(until) < Date.now()) return null;
  return <small class="bad">timed out</small>;
}
