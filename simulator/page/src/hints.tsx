/** What to try first, for somebody who opens the page for the first time. */
import { signal } from "@preact/signals";
import { Icon } from "./icons";
import * as store from "./store";

const KEY = "hints";
const seen = signal(localStorage.getItem(KEY) === "seen");

export function Hints({ who }: { who: string }) {
  const kind = store.persona(who)?.kind ?? "";
  if (seen.value || kind === "stranger" || kind === "direct") return null;
  return (
    <section class="hints" aria-label="What to try first">
      <header>
        <h3>New here? Try this first</h3>
        <button
          type="button"
          class="plain-icon"
          aria-label="Hide the hints"
          onClick={() => {
            localStorage.setItem(KEY, "seen");
            seen.value = true;
          }}
        >
          <Icon name="close" />
        </button>
      </header>
      <ol>
        {store.setup.value?.sample ? (
          <li>
            <b>Look around.</b> 24 people have played for eight weeks, and you are one of them: <code>/scorecard</code>,{" "}
            <code>/leaderboard</code>, <code>/raid-status</code>.
          </li>
        ) : null}
        <li>
          <b>Play.</b> Type <kbd>/</kbd> below and pick <code>/tenseylist</code>. Tick a challenge and watch its XP
          come.
        </li>
        <li>
          <b>Be somebody else.</b> Click your name at the bottom left. Olga owns the server and sees the staff's
          channels{store.setup.value?.sample ? "; Wren has never played" : ""}.
        </li>
        <li>
          <b>Look behind it.</b> <em>Tools</em> at the top right show each exchange, and break things on purpose.
        </li>
      </ol>
    </section>
  );
}
