/** The page: one or two seats at the channel, and a side panel. */
import "./style.css";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { Clockwork } from "./clockwork";
import { Discord } from "./discord";
import { Gallery } from "./gallery";
import { Inspector } from "./inspector";
import { Logs } from "./logs";
import { Mischief } from "./mischief";
import { Pane } from "./pane";
import { Names } from "./reading";
import * as store from "./store";
import { Theme } from "./theme";

const LOOK = 2000;
const TABS = [
  ["inspector", "Inspector", Inspector],
  ["clockwork", "Clockwork", Clockwork],
  ["discord", "Discord", Discord],
  ["mischief", "Mischief", Mischief],
  ["logs", "Logs", Logs],
] as const;

function Page() {
  useEffect(() => {
    void store.begin().then(store.look);
    store.listen();
    const looking = setInterval(() => {
      if (!store.setup.value?.ready) void store.begin();
      void store.look();
    }, LOOK);
    return () => clearInterval(looking);
  }, []);
  const seats = store.seats.value;
  if (!store.setup.value)
    return (
      <main class="waiting">
        <p role="status">{store.trouble.value || "Opening the channel ..."}</p>
      </main>
    );
  return (
    <>
      <header class="top">
        <h1>{store.setup.value.guild.name}</h1>
        <nav aria-label="View">
          <button
            type="button"
            class="button secondary small"
            aria-pressed={seats.length === 2}
            onClick={() => {
              store.seats.value = seats.length === 2 ? seats.slice(0, 1) : [...seats, other(seats[0] ?? "")];
            }}
          >
            Two side by side
          </button>
          <Theme />
          <a href="gallery">Gallery</a>
        </nav>
      </header>
      {store.trouble.value ? (
        <p class="problem banner" role="alert">
          {store.trouble.value}
        </p>
      ) : null}
      <main class={seats.length === 2 ? "desk two" : "desk"}>
        {seats.map((_, seat) => (
          <Pane key={seat} seat={seat} />
        ))}
        <Side />
      </main>
    </>
  );
}

const other = (who: string) => store.personas.value.find((one) => one.id !== who)?.id ?? who;

function Side() {
  const step = (by: number) => {
    const at = TABS.findIndex(([name]) => name === store.tab.value);
    const next = TABS[(at + by + TABS.length) % TABS.length]?.[0] ?? "inspector";
    store.tab.value = next;
    document.getElementById(`tab-${next}`)?.focus();
  };
  const Shown = TABS.find(([name]) => name === store.tab.value)?.[2] ?? Inspector;
  return (
    <aside class="side" aria-label="What goes on">
      <h2 class="unseen">What goes on</h2>
      <div class="tabs" role="tablist" aria-label="What goes on">
        {TABS.map(([name, label]) => (
          <button
            key={name}
            id={`tab-${name}`}
            type="button"
            role="tab"
            aria-selected={store.tab.value === name}
            aria-controls="side-panel"
            tabIndex={store.tab.value === name ? 0 : -1}
            onClick={() => {
              store.tab.value = name;
            }}
            onKeyDown={(event) => {
              if (event.key === "ArrowRight") step(1);
              if (event.key === "ArrowLeft") step(-1);
            }}
          >
            {label}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div class="panel" id="side-panel" role="tabpanel" aria-labelledby={`tab-${store.tab.value}`} tabIndex={0}>
        <Shown />
      </div>
    </aside>
  );
}

const root = document.getElementById("page");
const page = location.pathname.endsWith("/gallery") ? <Gallery /> : <Page />;
if (root) render(<Names.Provider value={store.names.user}>{page}</Names.Provider>, root);
