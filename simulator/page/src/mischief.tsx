/** Breaks things on purpose; the channel, the clockwork and the logs show what happens. */
import { Told } from "./clockwork";
import * as store from "./store";
import { mischief } from "./watching";

const DEEDS: [string, string, string][] = [
  ["repeat", "Deliver the last interaction again", "Discord may do this; nothing may change."],
  ["forge", "Forge a signature", "The last interaction, signed with another key: 401."],
  ["thrice", "Deliver the newest award three times", "The queue may do this; it counts once."],
  ["remind", "Make reminders due", "It is everybody's hour: who has done nothing today gets a direct message."],
  ["cold", "Make every function cold", "The next call of each starts a new process."],
  ["stop-postgres", "Stop PostgreSQL", "Commands answer politely and within 2.5 s."],
  ["start-postgres", "Start PostgreSQL", ""],
  ["stop-queue", "Stop the queue of awards", "Ticks succeed; the sweep awards them within a minute or two."],
  ["start-queue", "Start the queue of awards", ""],
];

export function Mischief() {
  const found = store.clockwork.value;
  const idle: Record<string, boolean> = {
    "stop-postgres": found?.postgres !== "running",
    "start-postgres": found?.postgres === "running",
    "stop-queue": found?.queue !== "running",
    "start-queue": found?.queue === "running",
  };
  return (
    <div>
      <p>
        PostgreSQL: <strong class={found?.postgres === "running" ? "good" : "bad"}>{found?.postgres ?? "?"}</strong>.
        Queue of awards: <strong class={found?.queue === "running" ? "good" : "bad"}>{found?.queue ?? "?"}</strong>.
      </p>
      <ul class="plain deeds">
        {DEEDS.map(([name, label, why]) => (
          <li key={name}>
            <button
              type="button"
              class="button secondary"
              disabled={store.busy.value.has("mischief") || idle[name]}
              onClick={() => void mischief(name)}
            >
              {label}
            </button>
            {why ? <small>{why}</small> : null}
          </li>
        ))}
      </ul>
      <Told />
    </div>
  );
}
