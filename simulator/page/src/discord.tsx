/** What Discord would show of the server beside the messages: who is in it, with which roles, and who may not write. */
import * as store from "./store";
import { now, relative } from "./timestamp";

const shown = (role: { id: string; managed: boolean }, guild: string) => role.id !== guild && !role.managed;

export function Discord() {
  const found = store.discord.value;
  const guild = store.setup.value?.guild.id ?? "";
  if (!found) return <p class="hush">Loading ...</p>;
  const roles = new Map(found.roles.map((role) => [role.id, role]));
  const names = (ids: string[]) => ids.flatMap((id) => roles.get(id)?.name ?? []).join(", ");
  return (
    <div class="clockwork">
      <h3>Members</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">member</th>
            <th scope="col">roles</th>
            <th scope="col">time-out</th>
          </tr>
        </thead>
        <tbody>
          {found.members.map((member) => (
            <tr key={member.user.id}>
              <th scope="row">{member.name}</th>
              <td>{names(member.roles) || "none"}</td>
              <td>{ends(member.communication_disabled_until)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>Roles, the highest first</h3>
      <ol class="plain">
        {found.roles
          .filter((role) => shown(role, guild))
          .toSorted((one, other) => other.position - one.position)
          .map((role) => (
            <li key={role.id}>{role.name}</li>
          ))}
      </ol>
      <h3>Bans</h3>
      {found.bans.length ? (
        <ul class="plain">
          {found.bans.map((ban) => (
            <li key={ban.user_id}>
              <strong>{store.names.user(ban.user_id) ?? ban.user_id}</strong>: {ban.reason || "no reason"}
            </li>
          ))}
        </ul>
      ) : (
        <p class="hush">Nobody is banned.</p>
      )}
      <h3>Audit log</h3>
      {found.audit.length ? (
        <ul class="plain">
          {found.audit.toReversed().map((entry) => (
            <li key={entry.at + entry.user_id + entry.action}>
              {entry.action} of <strong>{store.names.user(entry.user_id) ?? entry.user_id}</strong>: {entry.reason}
            </li>
          ))}
        </ul>
      ) : (
        <p class="hush">The bot has changed nothing yet.</p>
      )}
    </div>
  );
}

function ends(until: string | null): string {
  const unix = until ? Date.parse(until) / 1000 : 0;
  return unix > now.value ? relative(unix, now.value) : "none";
}
