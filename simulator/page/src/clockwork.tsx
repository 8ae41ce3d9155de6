/** The state behind the answers, and buttons that run the schedules now. */
import { inline } from "./markdown";
import * as store from "./store";
import { now, relative } from "./timestamp";
import { run } from "./watching";

export function Clockwork() {
  const found = store.clockwork.value;
  if (!found) return <p class="hush">Loading ...</p>;
  const me = store.persona(store.seats.value[0] ?? "");
  return (
    <div class="clockwork">
      <h3>Awards</h3>
      {found.pending.length ? (
        <ul class="plain">
          {found.pending.map((award) => (
            <li key={award.award_id}>
              {award.display_name}: {award.challenge_id}, {award.xp} XP, <strong>{award.status}</strong>
              {award.status === "pending" ? <Countdown due={award.due_at} /> : null}
            </li>
          ))}
        </ul>
      ) : (
        <p class="hush">None is pending.</p>
      )}
      <h3>Queues</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">queue</th>
            <th scope="col">waiting</th>
            <th scope="col">delayed</th>
            <th scope="col">in flight</th>
            <th scope="col">dead</th>
          </tr>
        </thead>
        <tbody>
          {found.queues.map((queue) => (
            <tr key={queue.name}>
              <th scope="row">{queue.name}</th>
              <td>{queue.visible}</td>
              <td>{queue.delayed}</td>
              <td>{queue.in_flight}</td>
              <td class={queue.dead_letters ? "bad" : undefined}>{queue.dead_letters}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>Ledger of {me?.name ?? "nobody"}</h3>
      {found.ledger.length ? (
        <ol class="plain" reversed>
          {found.ledger.map((row) => (
            <li key={row.id}>
              <strong>{row.xp > 0 ? `+${row.xp}` : row.xp} XP</strong> {row.source}, {row.kind}, {row.day}{" "}
              <code>{JSON.stringify(row.details)}</code>
            </li>
          ))}
        </ol>
      ) : (
        <p class="hush">It is empty.</p>
      )}
      <h3>Schedules</h3>
      <ul class="plain">
        {found.schedules.map((schedule) => (
          <li key={schedule.name}>
            <button
              type="button"
              class="button secondary small"
              disabled={store.busy.value.has("mischief")}
              onClick={() => void run(schedule.name)}
            >
              Run {schedule.name} now
            </button>{" "}
            {schedule.what}
          </li>
        ))}
      </ul>
      <Told />
      <h3>Webhooks</h3>
      {found.webhooks.length ? (
        <ul class="plain">
          {found.webhooks.toReversed().map((received) => (
            <li key={received.at}>
              <strong>{received.webhook}</strong> <time dateTime={received.at}>{clock(received.at)}</time>:{" "}
              {inline(store.gist(received.message))}
            </li>
          ))}
        </ul>
      ) : (
        <p class="hush">They have received nothing yet.</p>
      )}
      <h3>Alarms</h3>
      <ul class="plain">
        {found.alarms.map((alarm) => (
          <li key={alarm.name}>
            <span class={STATES[alarm.state] ?? "hush"}>{alarm.state.replace("_", " ")}</span> {alarm.name}
            {alarm.state === "ALARM" ? <small> {alarm.reason}</small> : null}
          </li>
        ))}
      </ul>
    </div>
  );
}

const clock = (at: string) => new Date(at).toLocaleTimeString();

const STATES: Record<string, string> = { ALARM: "bad", OK: "good" };

function Countdown({ due }: { due: string }) {
  const unix = Date.parse(due) / 1000;
  return <span>, due {relative(unix, now.value)}</span>;
}

export function Told() {
  return (
    <p class="told" role="status">
      {store.told.value}
    </p>
  );
}
