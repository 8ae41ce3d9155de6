/** Who is in the server, by their highest role; and what the bot did to them. */
import { Avatar } from "./avatar";
import { Icon } from "./icons";
import { groups } from "./roles";
import type { Group } from "./roles";
import * as store from "./store";
import type { Discord, Member } from "./types";

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
